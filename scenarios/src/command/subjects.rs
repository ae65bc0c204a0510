//! The options that say what is under test: `--git`, `--helper`, `--remote-helper`, `--transport`.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::exit::Exit;
use crate::subject::{Choices, HelperChoice, RemoteHelperChoice, Subject, Transport};
use crate::toolbox::Toolbox;

/// What is under test. Every option may be given several times: then each of them is put together with each of the others.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is under test (each may be given several times)")]
pub(super) struct Subjects {
    /// A git: a path, or a name that is looked for on PATH [default: the first git on PATH]
    #[arg(long, value_name = "PATH")]
    git: Vec<PathBuf>,
    /// The credential helper [default: ours]. A command is written as git's `credential.helper` takes it: a path, or `!`
    /// and a line for the shell
    #[arg(long, value_name = "ours|aws-cli|CMD")]
    helper: Vec<HelperChoice>,
    /// The remote helper for `codecommit://` URLs [default: ours]; `aws` is the program in Python
    #[arg(long, value_name = "ours|aws|CMD")]
    remote_helper: Vec<RemoteHelperChoice>,
    /// The version of HTTP that git is told to speak [default: git chooses]
    #[arg(long, value_enum)]
    transport: Vec<Transport>,
}

impl Subjects {
    /// Finds them on this machine.
    pub(super) fn find(&self) -> Result<(Toolbox, Vec<Subject>), Failure> {
        let lab = std::env::current_exe().map_err(|error| {
            Failure::new(Exit::Setup, format!("find this program: {error}"), None)
        })?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let toolbox = Toolbox::discover(lab, &path)?;
        let choices = Choices {
            gits: self.git.clone(),
            helpers: self.helper.clone(),
            remote_helpers: self.remote_helper.clone(),
            transports: self.transport.clone(),
        };
        let subjects = choices.subjects(&toolbox, &path)?;
        Ok((toolbox, subjects))
    }
}
