//! From what the command line asks for to subjects.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use super::{CommandLine, CredentialHelper, NotACommand, RemoteHelper, Subject, Transport};
use crate::toolbox::{Program, Toolbox, ToolboxError};

/// What to put together: every git with every helper, remote helper and version of HTTP. Where nothing is named, the first
/// git on PATH, our helpers, and the version of HTTP that git chooses.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Paths or names.
    pub gits: Vec<PathBuf>,
    /// The credential helpers.
    pub helpers: Vec<HelperChoice>,
    /// The remote helpers.
    pub remote_helpers: Vec<RemoteHelperChoice>,
    /// The versions of HTTP.
    pub transports: Vec<Transport>,
}

/// `ours`, `aws-cli` or a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HelperChoice {
    /// The one of this project.
    #[default]
    Ours,
    /// That of the AWS CLI found on PATH.
    AwsCli,
    /// A command.
    Command(CommandLine),
}

/// `ours`, `aws` or a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RemoteHelperChoice {
    /// The one of this project.
    #[default]
    Ours,
    /// The program in Python found on PATH.
    Aws,
    /// A command.
    Command(CommandLine),
}

impl FromStr for HelperChoice {
    type Err = NotACommand;

    fn from_str(text: &str) -> Result<Self, NotACommand> {
        match text {
            "ours" => Ok(Self::Ours),
            "aws-cli" => Ok(Self::AwsCli),
            text => CommandLine::parse(text, ["ours", "aws-cli"]).map(Self::Command),
        }
    }
}

impl FromStr for RemoteHelperChoice {
    type Err = NotACommand;

    fn from_str(text: &str) -> Result<Self, NotACommand> {
        match text {
            "ours" => Ok(Self::Ours),
            "aws" => Ok(Self::Aws),
            text => CommandLine::parse(text, ["ours", "aws"]).map(Self::Command),
        }
    }
}

impl Choices {
    /// The subjects, in the order of the options: gits first, versions of HTTP last. `path` is the value of PATH.
    ///
    /// # Errors
    /// Something that was asked for is not there.
    pub fn subjects(&self, toolbox: &Toolbox, path: &OsStr) -> Result<Vec<Subject>, ToolboxError> {
        let mut gits: Vec<Program> = Vec::new();
        for git in or_default(&self.gits, || PathBuf::from("git")) {
            let found = toolbox.find_git(&git, path)?;
            if !gits.iter().any(|known| known.path == found.path) {
                gits.push(found);
            }
        }
        let helpers = each(or_default(&self.helpers, Default::default), |choice| {
            helper(choice, toolbox, path)
        })?;
        let remote_helpers = each(
            or_default(&self.remote_helpers, Default::default),
            |choice| remote_helper(choice, toolbox, path),
        )?;
        let transports: Vec<Option<Transport>> = match &self.transports[..] {
            [] => vec![None],
            named => distinct(named.iter().copied())
                .into_iter()
                .map(Some)
                .collect(),
        };
        let mut subjects = Vec::new();
        for git in &gits {
            let same_version = gits.iter().filter(|other| other.version == git.version);
            let ambiguous = same_version.count() > 1;
            for (helper, helper_version) in &helpers {
                for (remote_helper, remote_helper_version) in &remote_helpers {
                    for transport in &transports {
                        subjects.push(Subject {
                            name: name(git, ambiguous, helper, remote_helper, *transport),
                            git: git.path.clone(),
                            git_version: git.version.clone(),
                            helper: helper.clone(),
                            helper_version: helper_version.clone(),
                            remote_helper: remote_helper.clone(),
                            remote_helper_version: remote_helper_version.clone(),
                            transport: *transport,
                        });
                    }
                }
            }
        }
        Ok(subjects)
    }
}

fn name(
    git: &Program,
    ambiguous: bool,
    helper: &CredentialHelper,
    remote_helper: &RemoteHelper,
    transport: Option<Transport>,
) -> String {
    let version = git.version.trim_start_matches("git version ");
    let mut name = format!("git {version}, helper {}", helper.name());
    if ambiguous {
        name = format!(
            "git {version} ({}), helper {}",
            git.path.display(),
            helper.name()
        );
    }
    if *remote_helper != RemoteHelper::Ours {
        name.push_str(&format!(", remote helper {}", remote_helper.name()));
    }
    if let Some(transport) = transport {
        name.push_str(&format!(", {}", transport.as_str()));
    }
    name
}

fn helper(
    choice: HelperChoice,
    toolbox: &Toolbox,
    path: &OsStr,
) -> Result<(CredentialHelper, String), ToolboxError> {
    Ok(match choice {
        HelperChoice::Ours => (
            CredentialHelper::Ours,
            concat!("git-credential-codecommit ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        HelperChoice::AwsCli => {
            let aws = toolbox.find_aws_cli(path)?;
            (CredentialHelper::AwsCli(aws.path), aws.version)
        }
        HelperChoice::Command(line) => {
            line.exists(path).map_err(ToolboxError::Helper)?;
            let version = "a command".to_owned();
            (CredentialHelper::Command(line), version)
        }
    })
}

fn remote_helper(
    choice: RemoteHelperChoice,
    toolbox: &Toolbox,
    path: &OsStr,
) -> Result<(RemoteHelper, String), ToolboxError> {
    Ok(match choice {
        RemoteHelperChoice::Ours => (
            RemoteHelper::Ours,
            concat!("git-remote-codecommit ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        RemoteHelperChoice::Aws => {
            let peer = toolbox.peer(crate::toolbox::Peer::GitRemoteCodecommit);
            let found = peer.map_err(|missing| ToolboxError::RemoteHelper(missing.clone()))?;
            (
                RemoteHelper::Aws(found.to_owned()),
                "the program in Python".to_owned(),
            )
        }
        RemoteHelperChoice::Command(line) => {
            line.exists(path).map_err(ToolboxError::RemoteHelper)?;
            let version = "a command".to_owned();
            (RemoteHelper::Command(line), version)
        }
    })
}

fn or_default<T: Clone>(named: &[T], default: impl FnOnce() -> T) -> Vec<T> {
    match named {
        [] => vec![default()],
        named => named.to_vec(),
    }
}

/// Every choice once.
fn each<T: PartialEq, U, E>(
    choices: Vec<T>,
    find: impl Fn(T) -> Result<U, E>,
) -> Result<Vec<U>, E> {
    distinct(choices.into_iter())
        .into_iter()
        .map(find)
        .collect()
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
