//! A helper in its sandbox: what it is asked, what it answers, and whether that opens the repository.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use codecommit_mock::authn::verdict::Verdict;

use super::HelperSuite;
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, Done, LIMIT};
use crate::conformance::world::{Login, Remote};
use crate::links::quoted_path;
use crate::sandbox::Sandbox;
use crate::stop::Stop;

/// Git waits for a helper as long as it likes; nobody else would.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct HelperBench<'a> {
    suite: &'a HelperSuite,
    pub(super) bench: Bench,
}

/// What a helper answered.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) done: Done,
    /// As it was said, secrets included: never shown.
    fields: Vec<(String, String)>,
}

impl<'a> HelperBench<'a> {
    pub(super) fn new(suite: &'a HelperSuite, sandbox: Sandbox, stop: Stop) -> Self {
        Self {
            suite,
            bench: Bench { sandbox, stop },
        }
    }

    /// Calls the helper as git does: the operation behind the command, the request on standard input.
    pub(super) fn ask(&mut self, operation: &str, request: &str) -> Result<Answer, Finding> {
        let folder = self.bench.sandbox.path().join("tmp");
        let (input, output) = (folder.join("request"), folder.join("reply"));
        self.bench.write(&input, request)?;
        // Git appends the operation to the line; what it prints must not pass through what takes secrets out.
        let command = &self.suite.helper.calls.command;
        let line = format!(
            "{{ {command} {operation}\n}} < {} > {}",
            quoted_path(&input),
            quoted_path(&output)
        );
        let variables = self.suite.variables(&self.bench.sandbox);
        let done = self.bench.shell(&line, variables, PATIENCE)?;
        done.came_to_an_end()?;
        let reply = std::fs::read(&output).unwrap_or_default();
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let fields = reply
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Ok(Answer { done, fields })
    }

    /// Whether it prints this text anywhere. What a user sees is not what is asked here: secrets are covered in that.
    pub(super) fn prints(
        &mut self,
        operation: &str,
        request: &str,
        text: &str,
    ) -> Result<bool, Finding> {
        let folder = self.bench.sandbox.path().join("tmp");
        let (input, output) = (folder.join("request"), folder.join("all"));
        self.bench.write(&input, request)?;
        let command = &self.suite.helper.calls.command;
        let (input, to) = (quoted_path(&input), quoted_path(&output));
        let line = format!("{{ {command} {operation}\n}} < {input} > {to} 2>&1");
        let variables = self.suite.variables(&self.bench.sandbox);
        let done = self.bench.shell(&line, variables, PATIENCE)?;
        done.came_to_an_end()?;
        let said = std::fs::read(&output).unwrap_or_default();
        Ok(String::from_utf8_lossy(&said).contains(text))
    }

    /// Has git use it behind its own `store`; whether that keeps a password afterwards.
    pub(super) fn git_with_a_store_before_it(&mut self, remote: &Remote) -> Result<bool, Finding> {
        let store = self.bench.sandbox.home().join(".git-credentials");
        let command = &self.suite.helper.calls.command;
        let config = self.bench.sandbox.home().join(".gitconfig");
        let escaped = command.replace('\\', r"\\").replace('"', "\\\"");
        self.bench.write(
            &config,
            &format!(
                "[credential]\n\thelper = store\n\thelper = \"!{escaped}\"\n\tuseHttpPath = true\n"
            ),
        )?;
        let variables = self.suite.variables(&self.bench.sandbox);
        let line = format!("git ls-remote {}", remote.url());
        let done = self.bench.shell(&line, variables, LIMIT)?;
        done.accepted()?;
        let kept = std::fs::read_to_string(store).unwrap_or_default();
        Ok(kept.contains(remote.host))
    }

    /// Asks for a repository's password.
    pub(super) fn get(&mut self, remote: &Remote) -> Result<Answer, Finding> {
        self.ask("get", &request(remote))
    }

    /// The answer opens the repository.
    pub(super) fn opens(&mut self, answer: &Answer, remote: &Remote) -> Result<(), Finding> {
        self.opens_url(answer, &remote.url())
    }

    /// The answer opens the repository at this address.
    pub(super) fn opens_url(&mut self, answer: &Answer, url: &str) -> Result<(), Finding> {
        let Some(login) = answer.login() else {
            return Err(Finding::fail(format!(
                "gives no password; {}",
                answer.done.ending()
            )));
        };
        let text = format!(
            "username={}\npassword={}\n",
            login.user_name, login.password
        );
        let file = self.bench.sandbox.path().join("tmp/answer");
        self.bench.write(&file, &text)?;
        let line = format!(
            "git -c credential.helper='!cat {} #' -c credential.useHttpPath=true ls-remote {url}",
            file.display()
        );
        let done = self
            .bench
            .shell(&line, self.bench.sandbox.variables(), LIMIT)?;
        let last = done
            .exchanges
            .iter()
            .rev()
            .find_map(|exchange| exchange.verdict.as_ref());
        match last {
            Some(Verdict::Accepted(_)) => Ok(()),
            Some(Verdict::Refused(refusal)) => Err(Finding::fail(format!(
                "the server refuses its password: {}",
                refusal.reason.as_str()
            ))),
            None => Err(Finding::fail(format!(
                "nothing reaches the server; {}",
                done.ending()
            ))),
        }
    }
}

impl Answer {
    pub(super) fn field(&self, key: &str) -> Option<&str> {
        let mut fields = self.fields.iter().rev();
        fields
            .find(|(known, _)| known == key)
            .map(|(_, value)| &**value)
    }

    /// The user name and password, in either form.
    pub(super) fn login(&self) -> Option<Login> {
        if let (Some(user_name), Some(password)) = (self.field("username"), self.field("password"))
        {
            return Some(Login {
                user_name: user_name.to_owned(),
                password: password.to_owned(),
            });
        }
        let credential = BASE64_STANDARD.decode(self.field("credential")?).ok()?;
        let credential = String::from_utf8(credential).ok()?;
        let (user_name, password) = credential.split_once(':')?;
        Some(Login {
            user_name: user_name.to_owned(),
            password: password.to_owned(),
        })
    }

    /// Everything that it printed.
    pub(super) fn is_silent(&self) -> bool {
        self.fields.is_empty()
    }
}

/// What git asks.
pub(super) fn request(remote: &Remote) -> String {
    format!(
        "protocol=https\nhost={}\npath={}\n\n",
        remote.host,
        remote.path().trim_start_matches('/')
    )
}
