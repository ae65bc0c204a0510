//! A client in its sandbox: its operations, with the credentials of the case.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use codecommit_mock::MockServer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::file::Credentials;
use super::{ClientSuite, Operation};
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, Done, LIMIT};
use crate::conformance::world::{self, Login, Remote};
use crate::sandbox::Sandbox;
use crate::stop::Stop;

/// Answers git's credential protocol in the name of the case: with the file `answer`, if there is one, else with our
/// helper. What it is asked goes to `helper.log`.
const HELPER: &str = r#"#!/bin/sh
folder="$CODECOMMIT_LAB_SANDBOX/tmp"
request=$(cat)
printf '%s\n%s\n\n' "operation=$1" "$request" >> "$folder/helper.log"
if [ -f "$folder/answer" ]; then
    if [ "$1" = get ]; then cat "$folder/answer"; fi
else
    printf '%s\n\n' "$request" | git-credential-codecommit "$1"
fi
"#;

/// Where a client goes that goes straight to the server: by a name, since libgit2 takes no certificate for an address.
const LOOPBACK: &str = "localhost";

/// Who the client acts as.
#[derive(Clone)]
enum Identity {
    /// With a key that signs a password for each operation.
    Key(&'static str),
    /// With these.
    Fixed(Login),
}

pub(super) struct ClientBench<'a> {
    suite: &'a ClientSuite,
    pub(super) bench: Bench,
    identity: Identity,
    /// Whether the credentials are part of the URL, whatever the client's file says.
    in_url: bool,
    /// How long an operation may take.
    pub(super) limit: Duration,
    /// A server whose CA the client trusts instead.
    trusted_other: Option<MockServer>,
}

impl<'a> ClientBench<'a> {
    pub(super) fn new(suite: &'a ClientSuite, sandbox: Sandbox, stop: Stop) -> Self {
        Self {
            suite,
            bench: Bench { sandbox, stop },
            identity: Identity::Key(world::ALICE),
            in_url: false,
            limit: suite.client.calls.timeout,
            trusted_other: None,
        }
    }

    /// What every case starts with. The repository becomes a crate, for clients that fetch nothing else.
    pub(super) fn set_up(&mut self) -> Result<(), Finding> {
        let manifest =
            "[package]\nname = \"my-demo-repo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
        let files = [("Cargo.toml", manifest), ("src/lib.rs", "//! A demo.\n")];
        self.bench.commit_on_server(&world::DEMO, &files)?;
        if self.suite.client.calls.credentials == Credentials::Helper {
            let program = self.bench.sandbox.path().join("bin/lab-helper");
            self.bench.write(&program, HELPER)?;
            #[cfg(unix)]
            fs::set_permissions(
                &program,
                std::os::unix::fs::PermissionsExt::from_mode(0o755),
            )
            .map_err(|error| Finding::fail(error.to_string()))?;
            // The section names the host: not every client knows a helper for all hosts, and none needs more.
            let config = "[credential]\n\thelper = !lab-helper\n\tuseHttpPath = true\n";
            self.bench
                .write(&self.bench.sandbox.home().join(".gitconfig"), config)?;
        }
        self.client_setup()
    }

    fn client_setup(&mut self) -> Result<(), Finding> {
        let Some(line) = self.suite.client.calls.setup.clone() else {
            return Ok(());
        };
        let done = self.bench.shell(&line, self.variables(), LIMIT)?;
        match done.is_ok() {
            true => Ok(()),
            false => Err(Finding::fail(format!(
                "its `setup` command fails: {}",
                done.ending()
            ))),
        }
    }

    /// From now on it acts with this key.
    pub(super) fn act_with(&mut self, key: &'static str) {
        self.identity = Identity::Key(key);
    }

    /// From now on it has this user name and password.
    pub(super) fn log_in(&mut self, login: Login) {
        self.identity = Identity::Fixed(login);
    }

    /// From now on it has these HTTPS Git credentials.
    pub(super) fn log_in_as(&mut self, user_name: &str) -> Result<Login, Finding> {
        let login = world::git_credential(&world::world(), user_name)
            .ok_or_else(|| Finding::fail(format!("the world has no {user_name}")))?;
        self.log_in(login.clone());
        Ok(login)
    }

    /// From now on its credentials are part of the URL.
    pub(super) fn put_credentials_into_url(&mut self) {
        self.in_url = true;
    }

    /// From now on it trusts another certificate authority than the server's.
    pub(super) fn trust_another(&mut self) -> Result<(), Finding> {
        let other = MockServer::builder()
            .git(&self.suite.machine.tools.git)
            .start()
            .map_err(|error| Finding::fail(format!("another server does not start: {error}")))?;
        self.trusted_other = Some(other);
        self.client_setup()
    }

    /// How its file says that credentials reach it.
    pub(super) fn credentials(&self) -> Credentials {
        self.suite.client.calls.credentials
    }

    /// What the helper was asked to do, in order: `get`, `store`, `erase`.
    pub(super) fn asked_helper(&self) -> Vec<String> {
        let log = self.bench.sandbox.path().join("tmp/helper.log");
        let log = fs::read_to_string(log).unwrap_or_default();
        let lines = log
            .lines()
            .filter_map(|line| line.strip_prefix("operation="));
        lines.map(str::to_owned).collect()
    }

    /// The folder of the clone.
    pub(super) fn clone_folder(&self) -> PathBuf {
        self.bench.sandbox.work().join("clone")
    }

    /// Whether it can do this at all.
    pub(super) fn can(&self, operation: Operation) -> Result<&str, Finding> {
        let line = self.suite.client.calls.line(operation);
        line.ok_or_else(|| Finding::skipped(format!("its file has no command `{operation}`")))
    }

    /// The repository as the client addresses it.
    fn addressed(&self, remote: &Remote) -> Result<Remote, Finding> {
        match self.suite.client.calls.direct {
            false => Ok(*remote),
            true if remote.region == world::DEMO.region => Ok(Remote {
                host: LOOPBACK,
                ..*remote
            }),
            true => Err(Finding::skipped(
                "it goes straight to the server, where no host names a Region",
            )),
        }
    }

    /// Its URL.
    pub(super) fn url(&self, remote: &Remote) -> Result<String, Finding> {
        let url = self.addressed(remote)?.url();
        Ok(match self.suite.client.calls.direct {
            true => {
                let port = self.bench.sandbox.server().port();
                url.replacen(LOOPBACK, &format!("{LOOPBACK}:{port}"), 1)
            }
            false => url,
        })
    }

    /// The host that the server is asked for.
    pub(super) fn host(&self) -> &'static str {
        match self.suite.client.calls.direct {
            true => LOOPBACK,
            false => world::DEMO.host,
        }
    }

    /// What a helper would answer with this key.
    pub(super) fn signed(
        &self,
        key: &str,
        remote: &Remote,
        age: Duration,
    ) -> Result<Login, Finding> {
        self.bench.signed(key, &self.addressed(remote)?, age)
    }

    /// Calls the client.
    pub(super) fn run(&mut self, operation: Operation, remote: &Remote) -> Result<Done, Finding> {
        let line = self.can(operation)?.to_owned();
        let login = match &self.identity {
            Identity::Key(key) => self.signed(key, remote, Duration::ZERO)?,
            Identity::Fixed(login) => login.clone(),
        };
        let mut url = self.url(remote)?;
        let mut variables = self.variables();
        let way = if self.in_url {
            Credentials::Url
        } else {
            self.credentials()
        };
        match way {
            Credentials::Url => {
                let user_info = format!(
                    "{}:{}@",
                    encoded(&login.user_name),
                    encoded(&login.password)
                );
                url = url.replacen("https://", &format!("https://{user_info}"), 1);
            }
            Credentials::Variables => {
                variables.insert("LAB_USER".to_owned(), login.user_name.into());
                variables.insert("LAB_PASSWORD".to_owned(), login.password.into());
            }
            Credentials::Helper => self.answer(&login)?,
        }
        variables.insert("LAB_URL".to_owned(), url.into());
        self.bench.shell(&line, variables, self.limit)
    }

    /// Runs an operation that has to succeed before the case is about anything.
    pub(super) fn prepare(
        &mut self,
        operation: Operation,
        remote: &Remote,
    ) -> Result<Done, Finding> {
        let done = self.run(operation, remote)?;
        done.accepted().map_err(|finding| {
            let how = finding.how.unwrap_or_default();
            Finding::fail(format!("the {operation} before it: {how}"))
        })?;
        Ok(done)
    }

    /// The commit that the clone has.
    pub(super) fn tip(&mut self) -> Result<String, Finding> {
        let line = self.suite.client.calls.tip.clone();
        let done = self.bench.shell(&line, self.variables(), LIMIT)?;
        match done.is_ok() {
            true => Ok(done.stdout.trim().to_owned()),
            false => Err(Finding::fail(format!(
                "the clone has no branch: {}",
                done.ending()
            ))),
        }
    }

    /// The clone has what the server has.
    pub(super) fn has_it_all(&mut self, remote: &Remote) -> Result<(), Finding> {
        let (here, there) = (self.tip()?, self.bench.server_tip(remote, "main")?);
        match here == there {
            true => Ok(()),
            false => Err(Finding::fail(format!(
                "the clone ends up at {here:?}, the server is at {there}"
            ))),
        }
    }

    /// Commits something in the clone, with git; how its commit is called.
    pub(super) fn commit(&mut self, make_file: &str) -> Result<String, Finding> {
        self.bench.look(&format!(
            "cd clone && {make_file} && git add . && git commit --quiet -m Change && git rev-parse HEAD"
        ))
    }

    /// With our helper only where it can sign: as alice, whose key `aws configure` was told.
    fn answer(&self, login: &Login) -> Result<(), Finding> {
        let ours_can = !self.suite.client.calls.direct;
        if let (Identity::Key(world::ALICE), true) = (&self.identity, ours_can) {
            return Ok(());
        }
        let answer = format!(
            "username={}\npassword={}\n",
            login.user_name, login.password
        );
        self.bench
            .write(&self.bench.sandbox.path().join("tmp/answer"), &answer)
    }

    fn variables(&self) -> BTreeMap<String, OsString> {
        let sandbox = &self.bench.sandbox;
        let ca = match &self.trusted_other {
            Some(other) => other.ca_path(),
            None => sandbox.server().ca_path(),
        };
        let build = self.suite.build.as_ref().map(Sandbox::work);
        let mut variables = self.suite.variables(sandbox, build.as_deref(), ca);
        variables.insert("LAB_DIR".to_owned(), self.clone_folder().into());
        variables.insert("LAB_BRANCH".to_owned(), "main".into());
        variables
    }
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
