//! What is missing, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a tool cannot be used: the reason that a scenario is skipped for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Missing(pub(super) String);

impl Missing {
    pub(crate) fn not_installed(program: &str) -> Self {
        Self(format!("{program} is not installed"))
    }
}

/// Without it, nothing can run.
#[derive(Debug, thiserror::Error)]
pub enum ToolboxError {
    /// There is no git that runs.
    #[error("find git: {0}")]
    Git(Missing),
    /// The git that was named is not there, or does not run.
    #[error("find the git that is to be tested: {0}")]
    NamedGit(Missing),
    /// The helper that was asked for is not there, or does not run.
    #[error("find the AWS CLI, whose helper is to be tested: {0}")]
    AwsCli(Missing),
    /// The command that was asked for is not there.
    #[error("find the helper that is to be tested: {0}")]
    Helper(Missing),
    /// The remote helper that was asked for is not there, or does not run.
    #[error("find the remote helper that is to be tested: {0}")]
    RemoteHelper(Missing),
    /// There is no place for sandboxes.
    #[error("make a folder in {}: {cause}", folder.display())]
    TemporaryFolder {
        /// Where.
        folder: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

impl ToolboxError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Git(_) => "install git 2.32 or later, and put its folder on PATH",
            Self::NamedGit(_) => "name the program git itself: `--git /usr/bin/git`",
            Self::AwsCli(_) => {
                "install the AWS CLI and put its folder on PATH, or test our helper: leave out `--helper aws-cli`"
            }
            Self::Helper(_) => {
                "name a program that exists: `--helper /path/to/helper`, or a line for the shell: `--helper '!helper --option'`"
            }
            Self::RemoteHelper(_) => {
                "install it and put its folder on PATH, or test ours: leave out `--remote-helper`"
            }
            Self::TemporaryFolder { .. } => {
                "set TMPDIR to a folder that exists and that you may write to"
            }
        }
    }
}
