//! An exchange between a client and the server, told so that one can see why it ended as it did.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use codecommit_mock::authn::verdict::Reason;

use crate::journal::{Entry, EntryVerdict, status, unheard_push};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The exchange: in one line if it was served, in the form of an error if it was refused.
pub fn describe(entry: &Entry) -> String {
    let answer = status(entry);
    let status = answer.as_deref().unwrap_or("no request");
    let kind = match entry.is_request() {
        true => "request",
        false => "connection",
    };
    let request = format!(
        "{kind} {}: {} {}{}",
        entry.number, entry.method, entry.host, entry.path
    );
    let mut text = String::new();
    let written = match &entry.verdict {
        // Every operation starts with it.
        Some(verdict) if verdict.is_challenge() => {
            writeln!(
                text,
                "{request}\n   |  {status} {}: {}",
                verdict.id, verdict.detail
            )
        }
        Some(verdict) if verdict.is_refusal() => {
            refused(&mut text, &request, answer.as_deref(), verdict)
        }
        Some(verdict) => {
            let arn = verdict.principal.as_ref();
            let arn = arn.map_or("nobody in particular", |principal| &principal.arn);
            writeln!(text, "{request}\n   |  {status}, accepted as {arn}")
        }
        None => writeln!(text, "{request}\n   |  {status}"),
    };
    let written = written.and_then(|()| match &entry.decision {
        Some(decision) if !decision.allowed => {
            writeln!(
                text,
                "   |  {} denied: {}",
                decision.action, decision.because
            )
        }
        _ => Ok(()),
    });
    let written = written.and_then(|()| {
        entry
            .refusals
            .iter()
            .try_for_each(|refusal| writeln!(text, "   |  refused in the report: {refusal}"))
    });
    let written = written.and_then(|()| match unheard_push(entry) {
        Some(unheard) => writeln!(text, "   |  {unheard}"),
        None => Ok(()),
    });
    // Writing to a String does not fail.
    debug_assert!(written.is_ok());
    text
}

fn refused(
    text: &mut String,
    request: &str,
    answer: Option<&str>,
    verdict: &EntryVerdict,
) -> std::fmt::Result {
    // A newer server may have reasons that this program does not know.
    let summary = verdict.id.parse().map_or("refused", Reason::summary);
    let id = &verdict.id;
    match answer {
        Some(status) => writeln!(text, "{ERROR}error{ERROR:#}: {status} {id}: {summary}")?,
        None => writeln!(text, "{ERROR}error{ERROR:#}: {id}: {summary}")?,
    }
    writeln!(text, "  --> {request}")?;
    // Git's own words may have lines.
    writeln!(text, "   |  {}", verdict.detail.replace('\n', "\n   |  "))?;
    for (name, signed) in [
        ("canonical request", &verdict.canonical_request),
        ("string to sign", &verdict.string_to_sign),
    ] {
        if let Some(signed) = signed {
            writeln!(text, "   |  {name}, as the server computed it:")?;
            for line in signed.lines() {
                writeln!(text, "   |    {line}")?;
            }
        }
    }
    for hypothesis in &verdict.hypotheses {
        writeln!(text, "   |  {}: {}", hypothesis.id, hypothesis.explanation)?;
        writeln!(text, "  {HELP}= help{HELP:#}: {}", hypothesis.help)?;
    }
    // A hypothesis may say it already.
    let said = |help: &String| verdict.hypotheses.iter().any(|known| known.help == *help);
    if let Some(help) = verdict.help.as_ref().filter(|help| !said(help)) {
        writeln!(text, "  {HELP}= help{HELP:#}: {help}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::EntryHypothesis;

    #[test]
    fn the_same_help_is_given_once() {
        let help = "compare the clocks";
        let entry = Entry {
            verdict: Some(EntryVerdict {
                id: "password-expired".to_owned(),
                help: Some(help.to_owned()),
                hypotheses: vec![EntryHypothesis {
                    help: help.to_owned(),
                    ..EntryHypothesis::default()
                }],
                ..EntryVerdict::default()
            }),
            ..Entry::default()
        };
        assert_eq!(describe(&entry).matches(help).count(), 1);
    }
}
