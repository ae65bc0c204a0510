//! Credential helpers: commands that speak git's credential protocol.

mod bench;
mod cases;
mod file;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use codecommit_mock::Fidelity;
use codecommit_mock::document::{self, DocumentError, Source};

use self::bench::HelperBench;
pub(crate) use self::file::HelperFile;
use super::bench::{Bench, LIMIT};
use super::file::{self as files, Found, SubjectError};
use super::run::Suite;
use super::{Case, Finding, Judged, Machine, Subject, needs};
use crate::sandbox::{Sandbox, SandboxError};
use crate::scenario::Client;
use crate::stop::Stop;
use crate::toolbox::{first_line, runnable};

/// A helper, and how it is called.
#[derive(Debug)]
pub struct Helper {
    subject: Subject,
    calls: file::Calls,
}

/// A helper that is looked for on this machine, and its cases.
#[derive(Debug)]
pub struct HelperSuite {
    helper: Helper,
    machine: Machine,
    needs: Vec<needs::Need>,
    passed: BTreeMap<String, OsString>,
    version: Result<String, String>,
}

/// One case of the suite.
struct Trial {
    case: Case,
    /// What the user's machine has.
    machine: fn() -> Client,
    judge: fn(&mut HelperBench<'_>) -> Judged,
}

impl Helper {
    /// The file that a word names, if it is no command line and no helper that is built in.
    pub fn file(word: &str) -> Option<&Path> {
        word.ends_with(".toml").then(|| Path::new(word))
    }

    /// Finds a helper: the name of one that is built in, the path of a file, or a command line as it stands behind the `!`
    /// of `credential.helper`.
    ///
    /// # Errors
    /// Its file is wrong.
    pub fn find(word: &str) -> Result<Self, SubjectError> {
        let found = match Self::file(word) {
            Some(file) => Some(files::own(file)?),
            None => files::built_in("helper", word),
        };
        let (subject, calls) = match found {
            Some(found) => file::read(&found).map_err(Box::new)?,
            None => file::of_command(word),
        };
        Ok(Self { subject, calls })
    }

    /// Who it is, and what is known of it.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

/// What is wrong with a helper file, if anything is.
pub(crate) fn check(document: &Source) -> Result<(), DocumentError> {
    file::read(&Found::own(document.clone())).map(drop)
}

/// The cases of every helper.
pub fn cases() -> Vec<Case> {
    cases::all().iter().map(|trial| trial.case).collect()
}

impl HelperSuite {
    /// Looks for the helper on this machine.
    ///
    /// # Errors
    /// A sandbox cannot be set up. A helper that is not installed is not an error.
    pub fn probe(
        helper: Helper,
        machine: &Machine,
        stop: &Stop,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SandboxError> {
        let mut suite = Self {
            passed: needs::passed(&helper.calls.pass, &environment),
            helper,
            machine: machine.clone(),
            needs: Vec::new(),
            version: Err(String::new()),
        };
        suite.version = suite.look_for_it(stop, &environment("PATH").unwrap_or_default())?;
        Ok(suite)
    }

    fn look_for_it(
        &mut self,
        stop: &Stop,
        path: &OsString,
    ) -> Result<Result<String, String>, SandboxError> {
        let names = self.helper.calls.needs.iter().map(String::as_str);
        self.needs = match needs::find(names, path, &self.machine.toolbox) {
            Ok(needs) => needs,
            Err(name) => {
                let mut why = format!("{name} is not on PATH");
                // Whoever misspells what is built in has named a command.
                if self.helper.subject.document.is_none()
                    && let Some(question) = document::did_you_mean(&name, files::named("helper"))
                {
                    why = format!("{why}; {question}");
                }
                return Ok(Err(self.missing(&why)));
            }
        };
        if let Some(program) = &self.helper.calls.program
            && let Err(missing) = runnable(program)
        {
            return Ok(Err(missing.to_string()));
        }
        let Some(line) = self.helper.calls.version.clone() else {
            return Ok(Ok("no version known".to_owned()));
        };
        let sandbox = self.sandbox(&Client::default())?;
        let variables = self.variables(&sandbox);
        let mut bench = Bench {
            sandbox,
            stop: stop.clone(),
        };
        Ok(match bench.shell(&line, variables, LIMIT) {
            Ok(done) if done.is_ok() => {
                match first_line(&format!("{}\n{}", done.stdout, done.stderr)) {
                    said if said.is_empty() => Err("its `version` command says nothing".to_owned()),
                    said => Ok(said),
                }
            }
            Ok(done) => Err(self.missing(&done.ending())),
            Err(finding) => Err(finding.how.unwrap_or_default()),
        })
    }

    fn missing(&self, why: &str) -> String {
        needs::missing(why, self.helper.calls.install.as_deref())
    }

    fn sandbox(&self, client: &Client) -> Result<Sandbox, SandboxError> {
        self.machine
            .sandbox(client, Fidelity::default(), &self.needs)
    }

    fn variables(&self, sandbox: &Sandbox) -> BTreeMap<String, OsString> {
        let mut variables = sandbox.variables();
        variables.extend(self.passed.clone());
        variables
    }
}

impl Suite for HelperSuite {
    fn subject(&self) -> &Subject {
        &self.helper.subject
    }

    fn version(&self) -> Result<&str, &str> {
        self.version.as_deref().map_err(String::as_str)
    }

    fn cases(&self) -> Vec<Case> {
        cases()
    }

    fn judge(&self, case: &Case, stop: &Stop) -> Result<Finding, SandboxError> {
        let all = cases::all();
        let Some(trial) = all.iter().find(|trial| trial.case.id == case.id) else {
            return Ok(Finding::skipped("there is no such case for helpers"));
        };
        let sandbox = self.sandbox(&(trial.machine)())?;
        let mut bench = HelperBench::new(self, sandbox, stop.clone());
        Ok(match (trial.judge)(&mut bench) {
            Ok(finding) | Err(finding) => finding,
        })
    }
}
