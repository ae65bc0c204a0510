//! The sandbox of one case: running commands in it, and looking at the server's side.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::authn::verdict::Verdict;

use super::Finding;
use super::world::{self, Remote};
use crate::links::quoted_path;
use crate::process::Status;
use crate::sandbox::Sandbox;
use crate::stop::Stop;

/// Long enough for a cold start of a virtual machine on a busy computer.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// A command that has ended, and what the server saw of it.
#[derive(Clone, Debug)]
pub struct Done {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// What it asked the server.
    pub exchanges: Vec<Exchange>,
}

impl Done {
    /// Whether it says that all is well.
    pub fn is_ok(&self) -> bool {
        self.status.code() == Some(0)
    }

    /// Whether it started, and ended by itself: what did not run is not judged by its silence.
    pub fn came_to_an_end(&self) -> Result<(), Finding> {
        match self.status {
            // What the shell says of a program that it cannot find, or may not run.
            Status::Exited(126 | 127) => Err(Finding::fail(format!(
                "it cannot be started: {}",
                self.ending()
            ))),
            Status::TimedOut(_) | Status::Stopped => Err(Finding::fail(self.ending())),
            Status::Exited(_) | Status::Signalled(_) => Ok(()),
        }
    }

    /// How it ended, with its last words.
    pub fn ending(&self) -> String {
        let words = [&self.stderr, &self.stdout]
            .into_iter()
            .flat_map(|text| text.lines().rev())
            .map(str::trim)
            .find(|line| !line.is_empty());
        let status = match self.status {
            Status::Exited(code) => format!("exit status {code}"),
            other => other.to_string(),
        };
        match words {
            Some(words) => format!("{status}: {}", shortened(words)),
            None => format!("{status}, without a word"),
        }
    }

    /// How often the server refused for this reason.
    pub fn refusals(&self, reason: Reason) -> usize {
        self.verdicts()
            .filter(|verdict| *verdict == reason.as_str())
            .count()
    }

    /// What the checks came to, request by request.
    pub fn verdicts(&self) -> impl Iterator<Item = &'static str> {
        self.exchanges
            .iter()
            .filter_map(|exchange| exchange.verdict.as_ref())
            .map(Verdict::id)
    }

    /// It says that all is well, and the server accepted its last request.
    pub(super) fn accepted(&self) -> Result<(), Finding> {
        let last = self.verdicts().last();
        match (self.is_ok(), last) {
            (true, Some("accepted")) => Ok(()),
            (true, None) => Err(Finding::fail(
                "it says that all is well and asked the server nothing",
            )),
            (true, Some(refusal)) => Err(Finding::fail(format!(
                "it says that all is well; the server refused: {refusal}"
            ))),
            (false, None) => Err(Finding::fail(format!(
                "nothing reaches the server; {}",
                self.ending()
            ))),
            (false, Some("accepted")) => Err(Finding::fail(self.ending())),
            (false, Some(refusal)) => Err(Finding::fail(format!(
                "the server refused: {refusal}; {}",
                self.ending()
            ))),
        }
    }

    /// The same, with these credentials and no others.
    pub(super) fn accepted_as(&self, credential: &str) -> Result<(), Finding> {
        self.accepted()?;
        let last = self
            .exchanges
            .iter()
            .rev()
            .find_map(|exchange| exchange.verdict.as_ref());
        match last {
            Some(Verdict::Accepted(principal)) if principal.credential == credential => Ok(()),
            _ => Err(Finding::fail(
                "the server accepted other credentials than these",
            )),
        }
    }

    /// The server refused for this reason, and it says that something went wrong.
    pub(super) fn refused(&self, reason: Reason) -> Result<(), Finding> {
        if let Status::TimedOut(_) | Status::Stopped = self.status {
            return Err(Finding::fail(self.ending()));
        }
        match (self.refusals(reason), self.is_ok()) {
            (0, _) => Err(Finding::fail(format!(
                "the server never came to refuse it; {}",
                self.ending()
            ))),
            (_, true) => Err(Finding::fail("it says that all is well")),
            (_, false) => Ok(()),
        }
    }
}

fn shortened(words: &str) -> String {
    const LONGEST: usize = 200;
    match words.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &words[..at]),
        None => words.to_owned(),
    }
}

/// A sandbox, and what is asked of it in every case.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) sandbox: Sandbox,
    pub(super) stop: Stop,
}

impl Bench {
    /// Runs a line with `sh`.
    pub(super) fn shell(
        &mut self,
        line: &str,
        variables: BTreeMap<String, OsString>,
        limit: Duration,
    ) -> Result<Done, Finding> {
        let (output, mut exchanges) = self
            .sandbox
            .shell(line, variables, limit, &self.stop)
            .map_err(|error| Finding::fail(format!("`sh` does not start: {error}")))?;
        // A connection that comes to none is not judged: who distrusts the server, or prepares for more, may open one.
        exchanges.retain(Exchange::is_request);
        Ok(Done {
            status: output.status,
            stdout: output.stdout,
            stderr: output.stderr,
            exchanges,
        })
    }

    /// What our own git says; it looks at repositories on both sides.
    pub(super) fn look(&mut self, line: &str) -> Result<String, Finding> {
        let done = self.shell(line, self.sandbox.variables(), LIMIT)?;
        match done.is_ok() {
            true => Ok(done.stdout.trim().to_owned()),
            false => Err(Finding::fail(format!("`{line}`: {}", done.ending()))),
        }
    }

    /// Where the server keeps a repository.
    pub(super) fn bare(&self, remote: &Remote) -> PathBuf {
        let name = format!("{}.git", remote.name);
        let repositories = self.sandbox.path().join("server/repositories/111122223333");
        repositories.join(remote.region).join(name)
    }

    /// The commit that a branch has on the server; empty if it has none.
    pub(super) fn server_tip(&mut self, remote: &Remote, branch: &str) -> Result<String, Finding> {
        let bare = quoted_path(&self.bare(remote));
        self.look(&format!(
            "git --git-dir {bare} for-each-ref --format='%(objectname)' refs/heads/{branch}"
        ))
    }

    /// Somebody else commits these files on the server.
    pub(super) fn commit_on_server(
        &mut self,
        remote: &Remote,
        files: &[(&str, &str)],
    ) -> Result<String, Finding> {
        let message = "Another commit\n";
        let mut stream = format!(
            "commit refs/heads/main\ncommitter Bob <bob@example.com> 1736940000 +0000\ndata {}\n{message}from refs/heads/main^0\n",
            message.len()
        );
        for (name, content) in files {
            stream.push_str(&format!(
                "M 100644 inline {name}\ndata {}\n{content}\n",
                content.len()
            ));
        }
        let file = self.sandbox.path().join("tmp/commit");
        self.write(&file, &stream)?;
        let bare = quoted_path(&self.bare(remote));
        self.look(&format!(
            "git --git-dir {bare} fast-import --quiet < {}",
            quoted_path(&file)
        ))?;
        self.server_tip(remote, "main")
    }

    pub(super) fn write(&self, path: &Path, text: &str) -> Result<(), Finding> {
        fs::write(path, text)
            .map_err(|error| Finding::fail(format!("the sandbox cannot be written to: {error}")))
    }

    /// The server's time.
    pub(super) fn now(&self) -> codecommit_helper::timestamp::Timestamp {
        self.sandbox.server().clock().timestamp()
    }

    /// What a helper would answer with this key.
    pub(super) fn signed(
        &self,
        key: &str,
        remote: &Remote,
        age: Duration,
    ) -> Result<world::Login, Finding> {
        let at = codecommit_helper::timestamp::Timestamp::new(self.now().to_system_time() - age);
        world::signed(&world::world(), key, remote, at)
            .ok_or_else(|| Finding::fail(format!("the world has no key {key}")))
    }
}
