//! End-to-end tests across the crates: one file a subject, under `tests/`. Here is what they share.

pub mod aws;
pub mod mutation;
mod noise;
pub mod processes;
mod repository;
#[path = "../../helper/tests/program/skip.rs"]
mod skip;
pub mod wire;

pub use noise::noise;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use codecommit_helper::password::{SERVICE, Signable};
use codecommit_mock::authn::verdict::{Refusal, Verdict};
use codecommit_mock::document::Source;
use codecommit_mock::world::World;
use codecommit_mock::{Exchange, GitProgram, MockServer, MockServerBuilder};
use tempfile::TempDir;

/// The demo world's host, repository path and key.
pub const HOST: &str = "git-codecommit.us-east-2.amazonaws.com";
/// See [`HOST`].
pub const PATH: &str = "/v1/repos/MyDemoRepo";
/// See [`HOST`].
pub const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// See [`HOST`].
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A server and a user's machine that nothing of the real machine reaches: own HOME, cleared environment.
#[derive(Debug)]
pub struct Lab {
    /// The server.
    pub server: MockServer,
    home: TempDir,
    git: PathBuf,
}

/// A program's output as text.
#[derive(Debug)]
pub struct Said {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Said {
    /// Insists on success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, Some(0), "{self:#?}");
        self
    }

    /// Insists on an exit status and on a text in the standard error.
    #[track_caller]
    pub fn fails(self, status: i32, stderr: &str) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(self.stderr.contains(stderr), "no {stderr:?} in {self:#?}");
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Lab {
    /// The demo world.
    pub fn demo() -> Self {
        Self::start(MockServer::builder())
    }

    /// A server of the test's own making.
    #[expect(clippy::expect_used, reason = "a test cannot go on without")]
    pub fn start(builder: MockServerBuilder) -> Self {
        let server = builder.start().expect("the server starts");
        let home = tempfile::tempdir().expect("a temporary folder");
        let git = GitProgram::find().expect("git is installed");
        let lab = Self { server, home, git };
        lab.config("user.name", "Alice");
        lab.config("user.email", "alice@example.com");
        lab
    }

    /// The user's folder, which is where commands run.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A command in the user's environment.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(self.home())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .envs(self.server.env());
        command
    }

    /// Runs git in the user's environment. What it says has to be looked at.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test cannot go on without")]
    pub fn git<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Said {
        let mut command = self.command(&self.git);
        command.args(arguments).output().expect("git starts").into()
    }

    /// Sets a value in the user's git configuration.
    pub fn config(&self, key: &str, value: &str) {
        self.git(&["config", "--global", key, value]).ok();
    }

    /// Makes git use this user name and password from now on.
    #[expect(clippy::expect_used, reason = "a test cannot go on without")]
    pub fn log_in(&self, user_name: &str, password: &str) {
        let answer = self.home().join("answer");
        fs::write(
            &answer,
            format!("username={user_name}\npassword={password}\n"),
        )
        .expect("the answer is written");
        self.config(
            "credential.helper",
            &format!("!cat '{}' #", answer.display()),
        );
    }

    /// Makes git use a password of alice's for the demo repository, signed now by the server's clock.
    pub fn log_in_as_alice(&self) {
        self.log_in(KEY_ID, &self.password(HOST, PATH));
    }

    /// A password of alice's, signed now by the server's clock; the Region is taken from the host.
    pub fn password(&self, host: &str, path: &str) -> String {
        let at = self.server.clock().timestamp();
        let region = host.split('.').nth(1).unwrap_or_default();
        Signable {
            host,
            path,
            region,
            service: SERVICE,
            at,
        }
        .sign(SECRET)
        .expose()
    }

    /// What the server saw since it started, once it is done with it.
    #[track_caller]
    pub fn exchanges(&self) -> Vec<Exchange> {
        assert!(
            self.server.journal().settle(Duration::from_secs(10)),
            "an exchange never ended"
        );
        self.server.journal().exchanges()
    }

    /// The verdict on the last exchange.
    #[track_caller]
    pub fn last_verdict(&self) -> &'static str {
        let exchanges = self.exchanges();
        exchanges
            .last()
            .and_then(|exchange| exchange.verdict.as_ref())
            .map_or("none", |verdict| verdict.id())
    }

    /// Why the last exchange was refused.
    ///
    /// # Panics
    /// It was not.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test fails by panicking")]
    pub fn last_refusal(&self) -> Refusal {
        match self.exchanges().pop().and_then(|last| last.verdict) {
            Some(Verdict::Refused(refusal)) => *refusal,
            other => panic!("the last exchange was not refused: {other:?}"),
        }
    }
}

/// Reads a world.
///
/// # Panics
/// It is not one.
#[expect(clippy::expect_used, reason = "a test cannot go on without")]
pub fn world(text: &str) -> World {
    World::parse(&Source::new("world.toml", text)).expect("a world")
}

/// Tells that the test at hand does not run; in CI, where all peers are installed, it fails.
///
/// # Panics
/// This is CI.
pub fn skipped(reason: &str) {
    skip::skipped(reason);
}

/// Tells that the test at hand does not run, for want of what may be missing in CI, too.
pub fn skipped_anywhere(reason: &str) {
    skip::told(reason);
}

/// The unmodified URL of a repository.
pub fn url(host: &str, path: &str) -> String {
    format!("https://{host}{path}")
}
