//! What is under test: a git, a credential helper, a remote helper and a version of HTTP. A run plays every scenario with
//! every subject.

mod command;
mod matrix;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use command::program;
pub use command::{CommandLine, NotACommand};
pub use matrix::{Choices, HelperChoice, RemoteHelperChoice};

use crate::links::{quoted, quoted_path};
use crate::machine::{GitVersion, Machine, Shell};
use crate::record::SubjectRecord;

/// The kinds of credential helpers that a scenario knows apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Helper {
    /// The one of this project.
    #[default]
    Ours,
    /// That of the AWS CLI found on PATH.
    AwsCli,
    /// A command of the user's own. No scenario can name it.
    Other,
}

/// A combination to play scenarios with.
#[derive(Clone, Debug)]
pub struct Subject {
    /// By it, reports and `--filter subject=` know it: `git 2.47.3, helper ours`. No other of the run has it.
    pub name: String,
    /// The git.
    pub git: PathBuf,
    /// What it says of itself: `git version 2.47.3`.
    pub git_version: String,
    /// Answers to `aws codecommit credential-helper`.
    pub helper: CredentialHelper,
    /// What it says of itself: `aws-cli/1.46.3 ...`.
    pub helper_version: String,
    /// Answers to `git-remote-codecommit`.
    pub remote_helper: RemoteHelper,
    /// What it says of itself.
    pub remote_helper_version: String,
    /// The version of HTTP that git is told to speak. None: as git chooses.
    pub transport: Option<Transport>,
}

/// The credential helper of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialHelper {
    /// The one of this project.
    Ours,
    /// The AWS CLI, at this path.
    AwsCli(PathBuf),
    /// A command of the user's own.
    Command(CommandLine),
}

/// The remote helper of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteHelper {
    /// The one of this project.
    Ours,
    /// The program in Python, at this path.
    Aws(PathBuf),
    /// A command of the user's own.
    Command(CommandLine),
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Transport {
    /// HTTP/1.1.
    H1,
    /// HTTP/2.
    H2,
}

impl Helper {
    /// Every one that a scenario can name.
    pub const ALL: [Self; 2] = [Self::Ours, Self::AwsCli];

    /// Its word on the command line and in scenarios.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::AwsCli => "aws-cli",
            Self::Other => "other",
        }
    }

    /// Those that this one may behave like: for a command of the user's own, the ones that a scenario can name.
    pub(crate) fn alike(self) -> &'static [Self] {
        match self {
            Self::Ours | Self::AwsCli => &[],
            Self::Other => &[Self::AwsCli, Self::Ours],
        }
    }
}

impl CredentialHelper {
    /// What scenarios know it as.
    pub fn kind(&self) -> Helper {
        match self {
            Self::Ours => Helper::Ours,
            Self::AwsCli(_) => Helper::AwsCli,
            Self::Command(_) => Helper::Other,
        }
    }

    /// Its name in reports: its word, or its command.
    pub fn name(&self) -> &str {
        match self {
            Self::Ours | Self::AwsCli(_) => self.kind().as_str(),
            Self::Command(line) => line.as_str(),
        }
    }
}

impl RemoteHelper {
    /// Its name in reports: its word, or its command.
    pub fn name(&self) -> &str {
        match self {
            Self::Ours => "ours",
            Self::Aws(_) => "aws",
            Self::Command(line) => line.as_str(),
        }
    }
}

impl Transport {
    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::H1 => "h1",
            Self::H2 => "h2",
        }
    }

    /// The value of git's `http.version`, and the protocol that the server writes down, but for HTTP/2's minor number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::H1 => "HTTP/1.1",
            Self::H2 => "HTTP/2",
        }
    }
}

impl Subject {
    /// The options that name it on the command line, for a shell.
    pub fn options(&self) -> String {
        let mut options = format!("--git {}", quoted_path(&self.git));
        match &self.helper {
            CredentialHelper::Ours => {}
            CredentialHelper::AwsCli(_) => options.push_str(" --helper aws-cli"),
            CredentialHelper::Command(line) => {
                let line = quoted(&format!("!{}", line.as_str()));
                options.push_str(&format!(" --helper {line}"));
            }
        }
        match &self.remote_helper {
            RemoteHelper::Ours => {}
            RemoteHelper::Aws(_) => options.push_str(" --remote-helper aws"),
            RemoteHelper::Command(line) => {
                let line = quoted(&format!("!{}", line.as_str()));
                options.push_str(&format!(" --remote-helper {line}"));
            }
        }
        if let Some(transport) = self.transport {
            options.push_str(&format!(" --transport {}", transport.word()));
        }
        options
    }

    /// What the texts that it prints depend on.
    pub fn machine(&self) -> Machine {
        Machine {
            git: GitVersion::of(&self.git_version),
            shell: Shell::here(),
        }
    }

    /// What reports tell of it.
    pub fn record(&self) -> SubjectRecord {
        SubjectRecord {
            name: self.name.clone(),
            git: self.git.display().to_string(),
            git_version: self.git_version.clone(),
            helper: self.helper.name().to_owned(),
            helper_version: self.helper_version.clone(),
            remote_helper: self.remote_helper.name().to_owned(),
            remote_helper_version: self.remote_helper_version.clone(),
            transport: self
                .transport
                .map(|transport| transport.as_str().to_owned()),
        }
    }
}
