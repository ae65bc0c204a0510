//! How a command of a symptom ended, and whether that is what a cause says.

use std::fmt;

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::{Reason, Verdict};

use crate::scenario::{Teller, Told, Why};

/// A command that failed.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// The step: `symptom 2`.
    pub step: String,
    /// What was typed.
    pub command: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What the server saw of it.
    pub exchanges: Vec<Exchange>,
}

impl Ending {
    /// Whether it ended for this reason.
    pub(crate) fn is_due_to(&self, why: &Why) -> bool {
        match why {
            Why::Verdict(reason) => self.refusal() == Some(*reason),
            Why::Told(told) if told.by == Teller::Server => {
                !self.is_refused() && self.reported().any(|words| told.is_in(words))
            }
            // What a client says of the server's words is not the client's.
            Why::Told(told) => {
                !self.is_refused() && self.reported().next().is_none() && self.tells(told)
            }
        }
    }

    /// Why the server let it fail: its last refusal. The challenge that every operation starts with is one only where nothing
    /// came after it.
    pub(crate) fn refusal(&self) -> Option<Reason> {
        let came_to_tls = |exchange: &&Exchange| refused(exchange) != Some(Reason::TlsFailed);
        let mut exchanges: Vec<&Exchange> = self.exchanges.iter().filter(came_to_tls).collect();
        if exchanges.is_empty() {
            // Beside requests, a connection that was left says nothing of why they failed.
            exchanges = self.exchanges.iter().collect();
        }
        let at = exchanges
            .iter()
            .rposition(|exchange| refused(exchange).is_some())?;
        let last = refused(exchanges[at])?;
        (last != Reason::CredentialsMissing || at + 1 == exchanges.len()).then_some(last)
    }

    /// Whether the server refused something. The challenge is no refusal, and where TLS fails it is the client that refuses.
    fn is_refused(&self) -> bool {
        let mut refusals = self.exchanges.iter().filter_map(refused);
        refusals.any(|reason| !matches!(reason, Reason::CredentialsMissing | Reason::TlsFailed))
    }

    fn tells(&self, told: &Told) -> bool {
        self.lines()
            .any(|line| told.is_in(line) && self.speaks(told.by, line))
    }

    /// What stands in the answers to requests that were accepted.
    fn reported(&self) -> impl Iterator<Item = &str> {
        let accepted =
            |exchange: &&Exchange| matches!(exchange.verdict, Some(Verdict::Accepted(_)));
        self.exchanges
            .iter()
            .filter(accepted)
            .flat_map(|exchange| &exchange.refusals)
            .map(|refusal| &*refusal.words)
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.stderr
            .split(['\n', '\r'])
            .filter(|line| !line.trim().is_empty())
    }

    /// Whether this one can have written the line. Only Git Credential Manager shares the others' ways to begin one.
    fn speaks(&self, teller: Teller, line: &str) -> bool {
        if teller == Teller::CredentialManager {
            let credentials_asked_for = matches!(self.teller(line), Some(Teller::Helper))
                || self.asks_for_credentials() && line.starts_with("fatal: ");
            return credentials_asked_for;
        }
        self.teller(line) == Some(teller)
    }

    /// Who writes such a line in such a command; none if it is the server, whose words git shows behind `remote:`.
    fn teller(&self, line: &str) -> Option<Teller> {
        let git = || GIT.iter().any(|start| line.starts_with(start));
        Some(if line.starts_with("remote:") {
            return None;
        } else if self.requests().next().is_none() && is_about_tls(line) {
            Teller::Tls
        } else if git() {
            Teller::Git
        } else if is_shell(line) {
            Teller::Shell
        } else if self.asks_for_credentials() {
            Teller::Helper
        } else {
            Teller::RemoteHelper
        })
    }

    /// Git asks a credential helper when the server has asked it, and people ask one themselves. A remote helper has
    /// nothing to say any more by then.
    fn asks_for_credentials(&self) -> bool {
        let challenged =
            |exchange: &Exchange| refused(exchange) == Some(Reason::CredentialsMissing);
        self.command.contains("credential") || self.exchanges.iter().any(challenged)
    }

    /// The requests among the exchanges: a connection that was cut before there was one is written down, too.
    fn requests(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges
            .iter()
            .filter(|exchange| exchange.is_request())
    }

    /// Whether a request came to the server.
    pub(crate) fn reached_the_server(&self) -> bool {
        self.requests().next().is_some()
    }
}

/// How it failed, for whoever looks for the cause.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = &self.step;
        match self.refusal() {
            Some(reason) => write!(f, "{step} fails with {reason}")?,
            None => write!(f, "{step} fails, and the server refused nothing in the end")?,
        }
        for words in self.reported() {
            write!(f, "\n  the server, in an answer: {words}")?;
        }
        for line in self.lines() {
            let by = self.teller(line).unwrap_or(Teller::Server);
            let by = match by {
                Teller::Server => "the server",
                by => by.in_words(),
            };
            write!(f, "\n  {by}: {line}")?;
        }
        Ok(())
    }
}

/// How git's lines begin.
const GIT: [&str; 15] = [
    "fatal: ",
    "error: ",
    "hint: ",
    "warning: ",
    "git: ",
    "usage: git",
    "Cloning into ",
    "From ",
    "To ",
    " ! [",
    " * [",
    " - [",
    " + ",
    "Everything up-to-date",
    "Auto packing",
];

fn refused(exchange: &Exchange) -> Option<Reason> {
    match &exchange.verdict {
        Some(Verdict::Refused(refusal)) => Some(refusal.reason),
        _ => None,
    }
}

/// Whether it is a TLS library's sentence, which git or a helper hands on.
fn is_about_tls(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["certificate", "ssl", "tls"]
        .iter()
        .any(|word| line.contains(word))
}

/// Whether a shell could not start something: `sh: 1: aws: not found`, `sh: line 1: aws: command not found`.
fn is_shell(line: &str) -> bool {
    let (first, _) = line.split_once(": ").unwrap_or((line, ""));
    let name = first.rsplit('/').next().unwrap_or(first);
    matches!(name, "sh" | "bash" | "dash" | "zsh")
        || line.ends_with(": not found")
        || line.contains("command not found")
        || line.contains("is not recognized as an internal or external command")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(command: &str, stderr: &str) -> Ending {
        Ending {
            step: "symptom 1".to_owned(),
            command: command.to_owned(),
            stderr: stderr.to_owned(),
            exchanges: Vec::new(),
        }
    }

    fn told(by: Teller, what: &str) -> Why {
        let what = what.to_owned();
        let or = Vec::new();
        Why::Told(Told { by, what, or })
    }

    #[test]
    fn a_line_has_one_teller() {
        for (command, line, teller) in [
            ("git push", "error: failed to push some refs", Teller::Git),
            (
                "git push",
                " ! [rejected] main -> main (fetch first)",
                Teller::Git,
            ),
            (
                "git clone codecommit::x",
                "git: 'remote-codecommit' is not a git command.",
                Teller::Git,
            ),
            (
                "git clone codecommit::x",
                "The following URL is malformed: x.",
                Teller::RemoteHelper,
            ),
            (
                "git credential fill",
                "no key for this profile",
                Teller::Helper,
            ),
            (
                "git credential fill",
                "aws codecommit get: 1: aws: not found",
                Teller::Shell,
            ),
            ("x", "sh: line 1: aws: command not found", Teller::Shell),
            ("x", "/bin/sh: 1: Syntax error", Teller::Shell),
            (
                "git clone x",
                "fatal: unable to access 'x': SSL certificate problem: unable",
                Teller::Tls,
            ),
            (
                "git clone x",
                "fatal: unable to access 'x': server certificate verification failed.",
                Teller::Tls,
            ),
        ] {
            let ending = ending(command, line);
            for by in [
                Teller::Git,
                Teller::Helper,
                Teller::RemoteHelper,
                Teller::Tls,
                Teller::Shell,
                Teller::Server,
            ] {
                assert_eq!(
                    ending.is_due_to(&told(by, line)),
                    by == teller,
                    "{line} by {by:?}"
                );
            }
        }
    }

    #[test]
    fn what_the_server_says_is_nobody_elses() {
        let ending = ending("git push", "remote: certificate: not found");
        for by in [
            Teller::Git,
            Teller::Helper,
            Teller::Tls,
            Teller::Shell,
            Teller::Server,
        ] {
            assert!(!ending.is_due_to(&told(by, "not found")), "{by:?}");
        }
    }

    #[test]
    fn what_is_told_stands_in_one_line() {
        let ending = ending("git push", "error: one\nerror: two\n");
        assert!(ending.is_due_to(&told(Teller::Git, "two")));
        assert!(!ending.is_due_to(&told(Teller::Git, "one\nerror: two")));
        assert!(!ending.is_due_to(&told(Teller::Git, "three")));
    }
}
