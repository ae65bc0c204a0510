//! `codecommit-lab reopen`: a sandbox that `run --keep` has left.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use super::opened::run_in;
use crate::exit::Exit;
use crate::kept::{Kept, KeptError, before};
use crate::sandbox::{Sandbox, SandboxError};
use crate::stop::Stop;
use crate::subject::Transport;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder that `run --keep` has named
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Let it be the time of this step, counted from one over all parts [default: the time after the last step]
    #[arg(long, value_name = "NUMBER")]
    step: Option<usize>,
    /// The command with its arguments [default: a shell]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = arguments
        .folder
        .canonicalize()
        .map_err(|cause| KeptError::NoSandbox {
            folder: arguments.folder.clone(),
            cause,
        })?;
    let (kept, scenario) = Kept::read(&folder)?;
    let before = before(&scenario, arguments.step)?;
    let transport = kept
        .transport
        .and_then(|word| Transport::from_str(&word, false).ok());
    let sandbox = Sandbox::reopen(folder, &scenario, &kept.git, transport)?;
    // What the first server was told; what was run and edited is in the folder.
    for action in before {
        sandbox
            .act(action)
            .map_err(|error| Failure::new(Exit::Setup, error, None))?;
    }
    let stop = Stop::on_signals().map_err(Failure::signals)?;
    run_in(sandbox, &arguments.command, &stop)
}

impl From<KeptError> for Failure {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::Scenario(error) => error.into(),
            KeptError::NoSandbox { .. } => {
                let help = "name a folder that `codecommit-lab run --keep` has left";
                Self::new(Exit::Usage, error, Some(help.to_owned()))
            }
            KeptError::Step { .. } => {
                let help = "steps are counted from one, over all parts of the scenario";
                Self::new(Exit::Usage, error, Some(help.to_owned()))
            }
        }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Server(error) => error.into(),
            SandboxError::Files(_) => Self::new(Exit::Setup, error, None),
        }
    }
}
