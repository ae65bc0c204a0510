//! What comes of a command: what it prints and says, how it ends, and what the server saw.

use super::in_words;
use crate::expectation::{ExchangePattern, Expectation, Fragments, Text};
use crate::scenario::Run;
use crate::subject::Helper;

/// What comes of a command, in the order in which somebody would tell it.
pub(super) fn outcome(run: &Run) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(command) = &run.stands_for {
        told.push(format!("in place of: {}", command.get_ref().trim()));
    }
    expected(&mut told, "", &run.expectation);
    for helper in Helper::ALL {
        if let Some(difference) = run.by_helper.get(helper) {
            let helper = in_words(helper);
            told.push(match &difference.reason {
                Some(reason) => format!("with {helper} ({reason}):"),
                None => format!("with {helper}:"),
            });
            expected(&mut told, "  ", &difference.expectation);
        }
    }
    if let Some(difference) = &run.with_aws_remote_helper {
        let reason = difference.reason.as_deref().unwrap_or_default();
        told.push(format!("with the remote helper in Python ({reason}):"));
        expected(&mut told, "  ", &difference.expectation);
    }
    told
}

fn expected(told: &mut Vec<String>, indent: &str, expectation: &Expectation) {
    let streams = [
        ("prints", &expectation.stdout),
        ("does not print", &expectation.stdout_lacks),
        ("says", &expectation.stderr),
        ("does not say", &expectation.stderr_lacks),
    ];
    for (verb, fragments) in streams {
        let fragments = fragments
            .iter()
            .flat_map(|spanned| Fragments::iter(spanned.get_ref()));
        let below = format!("\n{indent}{}", " ".repeat(verb.len() + 2));
        for wording in fragments.flat_map(|fragment| &fragment.wordings) {
            let condition = wording.condition();
            let condition = condition.map_or(String::new(), |when| format!(" ({when})"));
            let text = match &wording.texts[..] {
                [one] => one.text.trim_end().replace('\n', &below),
                several => one_of(several, &below),
            };
            told.push(format!("{indent}{verb}{condition}: {text}"));
        }
    }
    if let Some(status) = &expectation.status {
        told.push(format!("{indent}ends with status {}", status.get_ref()));
    }
    let journal = expectation.journal.as_ref();
    if journal.is_some_and(|list| list.get_ref().is_empty()) {
        told.push(format!("{indent}server: nothing is sent"));
    }
    for pattern in expectation.journal.iter().flat_map(|list| list.get_ref()) {
        told.push(format!("{indent}server: {}", answer(pattern.get_ref())));
    }
}

/// A line each, behind `one of`, with whose text it is.
fn one_of(texts: &[Text], below: &str) -> String {
    let mut told = "one of".to_owned();
    for one in texts {
        let from = one.from.as_deref().unwrap_or("somebody");
        let text = one.text.trim_end().replace('\n', &format!("{below}  "));
        told += &format!("{below}- {from}: {text}");
    }
    told
}

/// `404 repository-not-found; host git-codecommit.us-east-1.amazonaws.com`.
fn answer(pattern: &ExchangePattern) -> String {
    let verdict = match (&pattern.verdict, &pattern.principal) {
        (Some(verdict), Some(who)) => Some(format!("{} as {who}", verdict.get_ref())),
        (Some(verdict), None) => Some(verdict.get_ref().clone()),
        (None, Some(who)) => Some(format!("as {who}")),
        (None, None) => None,
    };
    let status = pattern.status.map(|status| status.to_string());
    let first: Vec<String> = status.into_iter().chain(verdict).collect();
    let more = [
        ("", &pattern.hypothesis),
        ("method ", &pattern.method),
        ("host ", &pattern.host),
        ("path ", &pattern.path),
    ];
    let refusal = pattern.refusal.as_ref();
    let refusal = refusal.map(|id| format!("refused in the report: {}", id.get_ref()));
    let more = more
        .into_iter()
        .filter_map(|(what, value)| Some(format!("{what}{}", value.as_ref()?)));
    let first = Some(first.join(" ")).filter(|first| !first.is_empty());
    first
        .into_iter()
        .chain(refusal)
        .chain(more)
        .collect::<Vec<_>>()
        .join("; ")
}
