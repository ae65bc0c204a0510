//! A machine of its own for one scenario: folders, configuration, commands and a server. Nothing is left when it is dropped.

mod client;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use codecommit_mock::Exchange;
use codecommit_mock::world::{StorageError, World};
use codecommit_mock::{Fidelity, MockServer, StartError};
use tempfile::TempDir;

pub(crate) use self::client::aws_configure;
use self::client::{client_env, link_tools, write_client_files};
use crate::environment::hermetic;
use crate::environment::hermetic::MARK;
use crate::process::{self, Leftovers, Marked, Output};
use crate::redaction::Redactor;
use crate::scenario::{Action, Client, Edit, Run, Scenario, signed_seconds};
use crate::stop::Stop;
use crate::subject::{Subject, Transport};
use crate::toolbox::{Peer, Toolbox};

/// What a sandbox is set up with.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// What exists on the server.
    pub world: &'a World,
    /// How the server answers.
    pub fidelity: Fidelity,
    /// What the user's machine has.
    pub client: &'a Client,
    /// The real tools that are linked.
    pub peers: &'a [Peer],
    /// What is under test.
    pub subject: &'a Subject,
}

/// How long the server may take to write down the end of what a finished client began.
const SETTLE: Duration = Duration::from_secs(5);

/// A sandbox with its server.
#[derive(Debug)]
pub struct Sandbox {
    // Dropped in this order: processes, then the server, then the folders both may still write to.
    leftovers: Leftovers,
    _marked: Marked,
    server: MockServer,
    folder: Folder,
    client_env: BTreeMap<String, String>,
    transport: Option<Transport>,
}

#[derive(Debug)]
enum Folder {
    /// Removed with the sandbox.
    Temporary(TempDir),
    /// Left as it is.
    Kept(PathBuf),
}

/// A sandbox cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Its folders and files cannot be made.
    #[error("write the sandbox's files: {0}")]
    Files(#[from] io::Error),
    /// Its server does not start.
    #[error("start the sandbox's server: {0}")]
    Server(#[from] StartError),
}

/// A change to a file that cannot be made: the step fails.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file cannot be read or written.
    #[error("edit {file}: {cause}")]
    File {
        /// The file, as the scenario names it.
        file: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The text to replace is not there, or not only once.
    #[error("the text to replace occurs {count} times")]
    Occurrences {
        /// How often it occurs.
        count: usize,
        /// What is in the file.
        content: String,
    },
}

impl Sandbox {
    /// Sets one up for a scenario.
    ///
    /// # Errors
    /// The files cannot be written, or the server does not start.
    pub fn new(
        scenario: &Scenario,
        toolbox: &Toolbox,
        subject: &Subject,
    ) -> Result<Self, SandboxError> {
        let setup = Setup {
            world: &scenario.world,
            fidelity: scenario.fidelity,
            client: &scenario.client,
            peers: &scenario.peers(),
            subject,
        };
        let sandbox = Self::set_up(setup, toolbox)?;
        sandbox.server.faults().set(scenario.faults.clone());
        Ok(sandbox)
    }

    /// Sets one up: the world is served, the client's files are written, the helper and the peers are linked.
    ///
    /// # Errors
    /// The files cannot be written, or the server does not start.
    pub fn set_up(setup: Setup<'_>, toolbox: &Toolbox) -> Result<Self, SandboxError> {
        let (world, client) = (setup.world, setup.client);
        let folder = tempfile::Builder::new()
            .prefix("codecommit-lab-")
            .tempdir()?;
        for name in ["home/.aws", "work", "bin", "tmp", "server"] {
            fs::create_dir_all(folder.path().join(name))?;
        }
        write_client_files(folder.path(), world, client)?;
        link_tools(
            &folder.path().join("bin"),
            setup.peers,
            toolbox,
            setup.subject,
        )?;
        let server = MockServer::builder()
            .world(world.clone())
            .fidelity(setup.fidelity)
            .git(&setup.subject.git)
            .data_dir(folder.path().join("server"))
            .start()?;
        Ok(Self {
            leftovers: Leftovers::default(),
            _marked: Marked::new(MARK, &folder.path().to_string_lossy()),
            server,
            folder: Folder::Temporary(folder),
            client_env: client_env(world, client),
            transport: setup.subject.transport,
        })
    }

    /// Opens one that was kept, with another server: repositories are as they were left, credentials that the first server
    /// has issued are unknown to this one.
    ///
    /// # Errors
    /// The server does not start.
    pub fn reopen(
        folder: PathBuf,
        scenario: &Scenario,
        git: &Path,
        transport: Option<Transport>,
    ) -> Result<Self, SandboxError> {
        let server = MockServer::builder()
            .world(scenario.world.clone())
            .fidelity(scenario.fidelity)
            .git(git)
            .data_dir(folder.join("server"))
            .start()?;
        server.faults().set(scenario.faults.clone());
        Ok(Self {
            leftovers: Leftovers::default(),
            _marked: Marked::new(MARK, &folder.to_string_lossy()),
            server,
            folder: Folder::Kept(folder),
            client_env: client_env(&scenario.world, &scenario.client),
            transport,
        })
    }

    /// Its server.
    pub fn server(&self) -> &MockServer {
        &self.server
    }

    /// The folder that holds all of it.
    pub fn path(&self) -> &Path {
        match &self.folder {
            Folder::Temporary(folder) => folder.path(),
            Folder::Kept(folder) => folder,
        }
    }

    /// The user's home.
    pub fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    /// Where commands run.
    pub fn work(&self) -> PathBuf {
        self.path().join("work")
    }

    /// Ends it, and leaves the folder.
    pub fn keep(self) -> PathBuf {
        match self.folder {
            Folder::Temporary(folder) => folder.keep(),
            Folder::Kept(folder) => folder,
        }
    }

    /// Runs a command line with `sh`, and tells what the server saw of it. The output is free of secrets, and names the
    /// sandbox's folder `$SANDBOX`. The command is ended early if `stop` is asked for.
    ///
    /// # Errors
    /// `sh` cannot be started.
    pub fn run(&mut self, run: &Run, stop: &Stop) -> io::Result<(Output, Vec<Exchange>)> {
        self.shell(&run.command, self.variables(), run.timeout, stop)
    }

    /// The same, with other variables than those of every command.
    ///
    /// # Errors
    /// `sh` cannot be started.
    pub fn shell(
        &mut self,
        line: &str,
        variables: BTreeMap<String, OsString>,
        timeout: Duration,
        stop: &Stop,
    ) -> io::Result<(Output, Vec<Exchange>)> {
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(self.work())
            .env_clear()
            .envs(variables);
        let journal = self.server.journal();
        let mark = journal.mark();
        let output = process::run(
            command,
            &self.path().join("tmp"),
            timeout,
            stop,
            &mut self.leftovers,
        )?;
        journal.settle(SETTLE);
        let redactor = self.redactor();
        let output = Output {
            status: output.status,
            stdout: self.presentable(&redactor, &output.stdout),
            stderr: self.presentable(&redactor, &output.stderr),
        };
        Ok((output, journal.since(mark)))
    }

    /// Does to the server what an action does to it: moves the time (unless it is a skew, for the helper as well), puts faults
    /// in the place of those that are there, changes the world. Commands and edits do nothing to it by themselves.
    ///
    /// # Errors
    /// The repositories of another world cannot be made.
    pub fn act(&self, action: &Action) -> Result<(), StorageError> {
        match action {
            Action::Clock(how) => self.server.clock().apply(*how),
            Action::Faults(plan) => self.server.faults().set(plan.clone()),
            Action::Administrator(done) => self.server.set_world(done.world.clone())?,
            Action::Run(_) | Action::Edit(_) => {}
        }
        Ok(())
    }

    /// Changes a file as a user would with an editor.
    ///
    /// # Errors
    /// The text to replace is not there exactly once, or the file cannot be read or written.
    pub fn edit(&self, edit: &Edit) -> Result<(), EditError> {
        let path = edit.file.resolve(&self.home(), &self.work());
        let failed = |cause| EditError::File {
            file: edit.file.to_string(),
            cause,
        };
        let content = fs::read_to_string(&path).map_err(failed)?;
        match content.matches(&edit.find).count() {
            1 => fs::write(&path, content.replace(&edit.find, &edit.replace)).map_err(failed),
            count => Err(EditError::Occurrences {
                count,
                content: self.presentable(&self.redactor(), &content),
            }),
        }
    }

    /// The whole environment of a command.
    pub fn variables(&self) -> BTreeMap<String, OsString> {
        hermetic::variables(
            hermetic::Folders {
                bin: &self.path().join("bin"),
                home: &self.home(),
                system_gitconfig: &self.path().join("gitconfig"),
                temporary: &self.path().join("tmp"),
                all: self.path(),
            },
            self.server.env(),
            &self.client_env,
            &signed_seconds(self.server.clock().client_offset()),
            self.transport,
        )
    }

    /// Anew for each command: the server may have issued credentials.
    fn redactor(&self) -> Redactor {
        Redactor::of(&self.server.secrets())
    }

    fn presentable(&self, redactor: &Redactor, text: &str) -> String {
        redactor
            .redact(text)
            .replace(&*self.path().to_string_lossy(), "$SANDBOX")
    }
}
