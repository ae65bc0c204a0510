//! What has to come of a command, and what differs when it does not.

mod exit_status;
mod fragments;
mod pattern;

use codecommit_mock::Exchange;
use codecommit_mock::document::{DocumentError, Source, Spanned};

pub use exit_status::ExitStatus;
pub(crate) use fragments::OneOf;
pub use fragments::{Fragment, Fragments, Text, Wording};
pub use pattern::ExchangePattern;
pub(crate) use pattern::verdict;

use crate::machine::Machine;
use crate::process::{Output, Status};
use crate::subject::Helper;

/// What has to come of a command. What is absent is not looked at, but for the status, which then has to be 0.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// The exit status.
    pub status: Option<Spanned<ExitStatus>>,
    /// Text that standard output has to contain.
    pub stdout: Option<Spanned<Fragments>>,
    /// Text that it must not contain.
    pub stdout_lacks: Option<Spanned<Fragments>>,
    /// Text that standard error has to contain.
    pub stderr: Option<Spanned<Fragments>>,
    /// Text that it must not contain.
    pub stderr_lacks: Option<Spanned<Fragments>>,
    /// Exchanges that the server has to have seen during the command, in this order; others may lie between them. An empty
    /// list: none at all.
    pub journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
}

/// What is different with certain helpers.
#[derive(Clone, Debug)]
pub struct ByHelper<T = Difference> {
    /// With the helper of this project.
    pub ours: Option<T>,
    /// With that of the AWS CLI.
    pub aws_cli: Option<T>,
}

/// What is different with one helper.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Why, in prose.
    pub reason: Option<String>,
    /// What replaces the common expectation, key by key.
    pub expectation: Expectation,
}

/// Something came out differently.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// What differs, and the place in the scenario that asks for it.
    pub error: DocumentError,
    /// What was asked for.
    pub expected: String,
    /// What came.
    pub actual: String,
}

impl<T> Default for ByHelper<T> {
    fn default() -> Self {
        Self {
            ours: None,
            aws_cli: None,
        }
    }
}

impl<T> ByHelper<T> {
    /// What is different with this helper.
    pub fn get(&self, helper: Helper) -> Option<&T> {
        match helper {
            Helper::Ours => self.ours.as_ref(),
            Helper::AwsCli => self.aws_cli.as_ref(),
            Helper::Other => None,
        }
    }
}

impl Expectation {
    /// The exit status that is asked for.
    pub fn status(&self) -> i32 {
        self.status.as_ref().map_or(0, |status| status.get_ref().0)
    }

    /// Whether it asks for nothing of its own.
    pub fn is_empty(&self) -> bool {
        self.status.is_none() && self.journal.is_none() && self.fragments().next().is_none()
    }

    /// All texts that are looked for.
    pub(crate) fn fragments(&self) -> impl Iterator<Item = &Spanned<Fragments>> {
        [
            &self.stdout,
            &self.stdout_lacks,
            &self.stderr,
            &self.stderr_lacks,
        ]
        .into_iter()
        .flatten()
    }

    /// This, with what `other` says in place of it.
    #[must_use]
    pub fn overridden_by(&self, other: &Self) -> Self {
        fn either<T: Clone>(this: &Option<T>, other: &Option<T>) -> Option<T> {
            other.as_ref().or(this.as_ref()).cloned()
        }
        Self {
            status: either(&self.status, &other.status),
            stdout: either(&self.stdout, &other.stdout),
            stdout_lacks: either(&self.stdout_lacks, &other.stdout_lacks),
            stderr: either(&self.stderr, &other.stderr),
            stderr_lacks: either(&self.stderr_lacks, &other.stderr_lacks),
            journal: either(&self.journal, &other.journal),
        }
    }

    /// Everything in which the output and the exchanges differ from this. `document` is where it stands, `command` the
    /// bytes of the command in it; texts are looked for as `machine` words them.
    pub fn judge(
        &self,
        (document, command): (&Source, std::ops::Range<usize>),
        machine: &Machine,
        output: &Output,
        exchanges: &[Exchange],
    ) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        if output.status.code() != Some(self.status()) {
            let span = self.status.as_ref().map_or(command, Spanned::span);
            let message = match output.status {
                Status::Exited(_) => "the exit status differs",
                Status::Signalled(_) => "the command was ended by a signal",
                Status::TimedOut(_) | Status::Stopped => "the command does not end",
            };
            mismatches.push(Mismatch {
                error: document.error_at(span, message, None),
                expected: self.status().to_string(),
                actual: output.status.to_string(),
            });
        }
        let streams = [
            ("stdout", &output.stdout, &self.stdout, &self.stdout_lacks),
            ("stderr", &output.stderr, &self.stderr, &self.stderr_lacks),
        ];
        for (name, text, wanted, unwanted) in streams {
            for (texts, span) in worded(wanted, machine) {
                if !texts.is_in(text) {
                    mismatches.push(Mismatch {
                        error: document.error_at(span, format!("{name} lacks a text"), None),
                        expected: format!("{name} that contains {texts}"),
                        actual: quoted(name, text),
                    });
                }
            }
            for (texts, span) in worded(unwanted, machine) {
                for unwanted in texts.0.iter().filter(|one| text.contains(&one.text)) {
                    mismatches.push(Mismatch {
                        error: document.error_at(
                            span.clone(),
                            format!("{name} contains a text"),
                            None,
                        ),
                        expected: format!("{name} without {:?}", unwanted.text),
                        actual: quoted(name, text),
                    });
                }
            }
        }
        mismatches.extend(self.judge_journal(document, exchanges));
        mismatches
    }

    fn judge_journal(&self, document: &Source, exchanges: &[Exchange]) -> Option<Mismatch> {
        let journal = self.journal.as_ref()?;
        let patterns = journal.get_ref();
        if patterns.is_empty() {
            let requests = exchanges.iter().filter(|exchange| exchange.is_request());
            let seen: Vec<String> = requests.map(pattern::describe).collect();
            if seen.is_empty() {
                return None;
            }
            return Some(Mismatch {
                error: document.error_at(journal.span(), "the server saw exchanges", None),
                expected: "no exchange at all".to_owned(),
                actual: seen.join("\n"),
            });
        }
        let missing = pattern::first_missing(patterns, exchanges)?;
        let seen: Vec<String> = exchanges.iter().map(pattern::describe).collect();
        Some(Mismatch {
            error: document.error_at(
                missing.span(),
                "the server did not see this exchange",
                (patterns.len() > 1)
                    .then(|| "exchanges are looked for in the order of the list".to_owned()),
            ),
            expected: missing.get_ref().to_string(),
            actual: match &seen[..] {
                [] => "no exchange at all".to_owned(),
                seen => seen.join("\n"),
            },
        })
    }
}

/// The texts as they are worded there, each with its place in the document.
fn worded<'a>(
    fragments: &'a Option<Spanned<Fragments>>,
    machine: &'a Machine,
) -> impl Iterator<Item = (OneOf<'a>, std::ops::Range<usize>)> {
    let fragments = fragments.iter().map(Spanned::get_ref);
    fragments
        .flat_map(Fragments::iter)
        .map(|fragment| (OneOf(fragment.on(machine)), fragment.span.clone()))
}

fn quoted(name: &str, text: &str) -> String {
    if text.is_empty() {
        format!("{name} is empty")
    } else {
        format!("{name} as shown below")
    }
}

#[cfg(test)]
mod tests;
