//! Git clients: each is described by a file that says how it is called.

mod bench;
mod cases;
mod file;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codecommit_mock::Fidelity;
use codecommit_mock::document::{DocumentError, Source};
use tempfile::TempDir;

use self::bench::ClientBench;
pub(crate) use self::file::ClientFile;
use super::bench::Bench;
use super::file::{self as files, Found, SubjectError};
use super::run::Suite;
use super::{Case, Finding, Judged, Machine, Subject, needs};
use crate::sandbox::{Sandbox, SandboxError};
use crate::scenario;
use crate::stop::Stop;
use crate::toolbox::first_line;

/// How long a client's drivers may take to be built.
const BUILD_LIMIT: Duration = Duration::from_secs(300);

/// A client, as its file describes it.
#[derive(Debug)]
pub struct Client {
    subject: Subject,
    /// How it is called.
    calls: file::Calls,
    /// The folder of the file, with the programs that it calls.
    folder: PathBuf,
    /// Where those of a built-in one are, for as long as they are needed.
    _programs: Option<TempDir>,
}

/// A client that is looked for on this machine, and its cases.
#[derive(Debug)]
pub struct ClientSuite {
    client: Client,
    machine: Machine,
    needs: Vec<needs::Need>,
    passed: BTreeMap<String, OsString>,
    version: Result<String, String>,
    /// Where its drivers were built.
    build: Option<Sandbox>,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Clone,
    List,
    Fetch,
    Push,
    Shallow,
}

/// One case of the suite.
struct Trial {
    case: Case,
    /// How the server behaves.
    server: fn(&mut Fidelity),
    judge: fn(&mut ClientBench<'_>) -> Judged,
}

impl Client {
    /// The file that a word names, if it names no client that is built in.
    pub fn file(word: &str) -> Option<&Path> {
        files::is_path(word).then(|| Path::new(word))
    }

    /// Reads a client: the name of one that is built in, or the path of a file.
    ///
    /// # Errors
    /// There is none, or its file is wrong.
    pub fn find(word: &str) -> Result<Self, SubjectError> {
        if let Some(file) = Self::file(word) {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
            return Self::read(&files::own(file)?, folder, None);
        }
        let found =
            files::built_in("client", word).ok_or_else(|| files::unknown("client", word))?;
        let programs = files::programs(word)?;
        Self::read(&found, programs.path().join(word), Some(programs))
    }

    fn read(
        found: &Found,
        folder: PathBuf,
        programs: Option<TempDir>,
    ) -> Result<Self, SubjectError> {
        let (subject, calls) = file::read(found).map_err(Box::new)?;
        Ok(Self {
            subject,
            calls,
            folder,
            _programs: programs,
        })
    }

    /// Who it is, and what is known of it.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

/// What is wrong with a client file, if anything is.
pub(crate) fn check(document: &Source) -> Result<(), DocumentError> {
    file::read(&Found::own(document.clone())).map(drop)
}

/// The cases of every client.
pub fn cases() -> Vec<Case> {
    cases::all().iter().map(|trial| trial.case).collect()
}

impl ClientSuite {
    /// Looks for the client on this machine, and builds its drivers.
    ///
    /// # Errors
    /// A sandbox cannot be set up. A client that is not installed is not an error.
    pub fn probe(
        client: Client,
        machine: &Machine,
        stop: &Stop,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SandboxError> {
        let mut suite = Self {
            passed: needs::passed(&client.calls.pass, &environment),
            client,
            machine: machine.clone(),
            needs: Vec::new(),
            version: Err(String::new()),
            build: None,
        };
        suite.version = suite.look_for_it(stop, &environment("PATH").unwrap_or_default())?;
        Ok(suite)
    }

    fn look_for_it(
        &mut self,
        stop: &Stop,
        path: &OsString,
    ) -> Result<Result<String, String>, SandboxError> {
        let names = self.client.calls.needs.iter().map(String::as_str);
        self.needs = match needs::find(names, path, &self.machine.toolbox) {
            Ok(needs) => needs,
            Err(name) => return Ok(Err(self.missing(&format!("{name} is not on PATH")))),
        };
        let sandbox = self.sandbox(Fidelity::default())?;
        let variables = self.variables(&sandbox, Some(&sandbox.work()), sandbox.server().ca_path());
        let mut bench = Bench {
            sandbox,
            stop: stop.clone(),
        };
        let mut run = |line: &str, limit| bench.shell(line, variables.clone(), limit);
        let said = match run(&self.client.calls.version, super::bench::LIMIT) {
            Ok(done) if done.is_ok() => first_line(&done.stdout),
            Ok(done) => return Ok(Err(self.missing(&done.ending()))),
            Err(finding) => return Ok(Err(finding.how.unwrap_or_default())),
        };
        if said.is_empty() {
            return Ok(Err("its `version` command says nothing".to_owned()));
        }
        if let Some(build) = &self.client.calls.build {
            match run(build, BUILD_LIMIT) {
                Ok(done) if done.is_ok() => {}
                Ok(done) => {
                    return Ok(Err(format!("its `build` command fails: {}", done.ending())));
                }
                Err(finding) => return Ok(Err(finding.how.unwrap_or_default())),
            }
        }
        self.build = Some(bench.sandbox);
        Ok(Ok(said))
    }

    fn missing(&self, why: &str) -> String {
        needs::missing(why, self.client.calls.install.as_deref())
    }

    fn sandbox(&self, fidelity: Fidelity) -> Result<Sandbox, SandboxError> {
        let client = scenario::Client::default();
        self.machine.sandbox(&client, fidelity, &self.needs)
    }

    /// What every command of the client sees. Of what leads to the server it gets only what its file says that it honours.
    fn variables(
        &self,
        sandbox: &Sandbox,
        build: Option<&Path>,
        ca: &Path,
    ) -> BTreeMap<String, OsString> {
        let mut variables = sandbox.variables();
        for (name, _) in sandbox.server().env() {
            let leads = ["PROXY", "CA_", "_CA", "CERT", "CAINFO"];
            if leads
                .iter()
                .any(|part| name.to_ascii_uppercase().contains(part))
            {
                variables.remove(name);
            }
        }
        let server = sandbox.server();
        let url = server.url();
        for name in &self.client.calls.proxy {
            variables.insert(name.clone(), url.clone().into());
        }
        for name in &self.client.calls.ca {
            variables.insert(name.clone(), ca.into());
        }
        variables.extend(self.passed.clone());
        let own: [(&str, OsString); 5] = [
            ("LAB_CLIENT", self.client.folder.clone().into()),
            ("LAB_PROXY", url.into()),
            ("LAB_PROXY_HOST", "127.0.0.1".into()),
            ("LAB_PROXY_PORT", server.port().to_string().into()),
            ("LAB_CA", ca.into()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        if let Some(build) = build {
            variables.insert("LAB_BUILD".to_owned(), build.into());
        }
        variables
    }
}

impl Suite for ClientSuite {
    fn subject(&self) -> &Subject {
        &self.client.subject
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
            return Ok(Finding::skipped("there is no such case for clients"));
        };
        let mut fidelity = Fidelity::default();
        (trial.server)(&mut fidelity);
        let mut bench = ClientBench::new(self, self.sandbox(fidelity)?, stop.clone());
        let finding = bench.set_up().and_then(|()| (trial.judge)(&mut bench));
        Ok(match finding {
            Ok(finding) | Err(finding) => finding,
        })
    }
}

impl Operation {
    /// Its key in the file.
    fn as_str(self) -> &'static str {
        match self {
            Self::Clone => "clone",
            Self::List => "list",
            Self::Fetch => "fetch",
            Self::Push => "push",
            Self::Shallow => "shallow",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
