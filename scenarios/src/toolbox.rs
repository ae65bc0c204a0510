//! What is installed on this machine, found once and shared by all sandboxes.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::process::{self, Leftovers};
use crate::stop::Stop;
use crate::subject::Helper;

/// A tool that a scenario may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// The real Git Credential Manager.
    GitCredentialManager,
    /// The real git-remote-codecommit, in Python; it then comes before ours.
    GitRemoteCodecommit,
    /// Moves the clock of a real tool.
    Faketime,
    /// Signs in a shell script.
    Openssl,
}

/// The tools that sandboxes link to.
#[derive(Clone, Debug)]
pub struct Toolbox {
    /// The program that answers to `git-credential-codecommit`, `git-remote-codecommit` and `aws` when it is linked to
    /// under these names.
    pub lab: PathBuf,
    /// The git under test.
    pub git: PathBuf,
    /// What it says of itself: `git version 2.47.3`.
    pub git_version: String,
    /// The helper under test.
    pub helper: Helper,
    /// What the helper says of itself: `aws-cli/1.46.3 ...`.
    pub helper_version: String,
    /// The AWS CLI, if it is under test.
    pub aws_cli: Option<PathBuf>,
    git_credential_manager: Result<PathBuf, Missing>,
    git_remote_codecommit: Result<PathBuf, Missing>,
    faketime: Result<PathBuf, Missing>,
    openssl: Result<PathBuf, Missing>,
}

/// Why a tool cannot be used: the reason that a scenario is skipped for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Missing(String);

/// Without it, nothing can run.
#[derive(Debug, thiserror::Error)]
pub enum ToolboxError {
    /// There is no git that runs.
    #[error("find git: {0}")]
    Git(Missing),
    /// The helper that was asked for is not there, or does not run.
    #[error("find the AWS CLI, whose helper is to be tested: {0}")]
    AwsCli(Missing),
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
            Self::AwsCli(_) => {
                "install the AWS CLI and put its folder on PATH, or test our helper: leave out `--helper aws-cli`"
            }
            Self::TemporaryFolder { .. } => {
                "set TMPDIR to a folder that exists and that you may write to"
            }
        }
    }
}

impl Peer {
    /// The command it is called by, and its word in scenarios.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitCredentialManager => "git-credential-manager",
            Self::GitRemoteCodecommit => "git-remote-codecommit",
            Self::Faketime => "faketime",
            Self::Openssl => "openssl",
        }
    }
}

impl Toolbox {
    /// Looks for everything on `path`, the value of PATH. `lab` is this program.
    ///
    /// # Errors
    /// There is no git, not the helper that was asked for, or no folder for temporary files. Anything else may be missing.
    pub fn discover(lab: PathBuf, helper: Helper, path: &OsString) -> Result<Self, ToolboxError> {
        drop(
            tempfile::tempdir().map_err(|cause| ToolboxError::TemporaryFolder {
                folder: std::env::temp_dir(),
                cause,
            })?,
        );
        let usable = |program: &str, argument: &str| {
            let found = find(program, path, &lab)
                .ok_or_else(|| Missing(format!("{program} is not installed")))?;
            match first_line(&probe(&found, argument)?) {
                version if version.is_empty() => Err(Missing(format!(
                    "`{} {argument}` says nothing",
                    found.display()
                ))),
                version => Ok((found, version)),
            }
        };
        let peer = |program, argument| usable(program, argument).map(|(found, _)| found);
        let (git, git_version) = usable("git", "--version").map_err(ToolboxError::Git)?;
        let aws_cli = match helper {
            Helper::AwsCli => Some(usable("aws", "--version").map_err(ToolboxError::AwsCli)?),
            Helper::Ours => None,
        };
        Ok(Self {
            git_credential_manager: peer("git-credential-manager", "--version"),
            git_remote_codecommit: find("git-remote-codecommit", path, &lab)
                .ok_or_else(|| Missing("git-remote-codecommit is not installed".to_owned()))
                .and_then(python_remote_helper),
            faketime: peer("faketime", "--version"),
            openssl: peer("openssl", "version"),
            helper_version: match &aws_cli {
                None => concat!("git-credential-codecommit ", env!("CARGO_PKG_VERSION")).to_owned(),
                Some((_, version)) => version.clone(),
            },
            aws_cli: aws_cli.map(|(found, _)| found),
            git_version,
            lab,
            git,
            helper,
        })
    }

    /// Where a peer is, or why it cannot be used.
    ///
    /// # Errors
    /// It is not installed or does not start.
    pub fn peer(&self, peer: Peer) -> Result<&Path, &Missing> {
        match peer {
            Peer::GitCredentialManager => &self.git_credential_manager,
            Peer::GitRemoteCodecommit => &self.git_remote_codecommit,
            Peer::Faketime => &self.faketime,
            Peer::Openssl => &self.openssl,
        }
        .as_deref()
    }
}

/// The PATH of sandboxes, behind their own folder.
pub(crate) const SYSTEM_PATH: &[&str] = if cfg!(target_os = "macos") {
    &["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin"]
} else {
    &["/usr/local/bin", "/usr/bin", "/bin"]
};

/// The first program of this name, as a shell would find it; links to this program itself do not count.
pub(crate) fn find(name: &str, path: &OsString, lab: &Path) -> Option<PathBuf> {
    let lab = lab.canonicalize().ok();
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| is_executable(candidate) && candidate.canonicalize().ok() != lab)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether a program starts in an environment as bare as a sandbox's: one that was found on a developer's PATH may need
/// variables that a sandbox does not have. Gives what it printed.
fn probe(program: &Path, argument: &str) -> Result<String, Missing> {
    let name = program.display();
    let output = tempfile::tempdir().and_then(|home| {
        let mut command = Command::new(program);
        command
            .arg(argument)
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .env(
                "PATH",
                std::env::join_paths(SYSTEM_PATH).unwrap_or_default(),
            )
            .env("LC_ALL", "C");
        let limit = Duration::from_secs(20);
        process::run(
            command,
            home.path(),
            limit,
            &Stop::default(),
            &mut Leftovers::default(),
        )
    });
    match output {
        Ok(output) if output.status.code() == Some(0) => Ok(output.stdout),
        Ok(output) => {
            let last_words = output
                .stderr
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty());
            Err(Missing(format!(
                "`{name} {argument}` fails in an empty environment: {}",
                last_words.map_or_else(
                    || format!("it says nothing, and its exit status is {}", output.status),
                    |line| line.trim().to_owned()
                )
            )))
        }
        Err(error) => Err(Missing(format!("{name} does not start: {error}"))),
    }
}

/// The Python program knows no options: it answers anything but two arguments with this sentence. Ours has a version.
fn python_remote_helper(found: PathBuf) -> Result<PathBuf, Missing> {
    match probe(&found, "--version") {
        Err(Missing(reason)) if reason.contains("Too few arguments.") => Ok(found),
        Err(missing) => Err(missing),
        Ok(_) => Err(Missing(format!(
            "{} is not the git-remote-codecommit in Python",
            found.display()
        ))),
    }
}

/// The first line that says something: faketime 0.9.10 begins with an empty one.
fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    lines
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_version_may_come_after_an_empty_line() {
        assert_eq!(
            first_line("\nfaketime: Version 0.9.10\nFor usage"),
            "faketime: Version 0.9.10"
        );
        assert_eq!(first_line("\n \n"), "");
    }

    #[test]
    fn without_git_nothing_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let found = Toolbox::discover("/lab".into(), Helper::Ours, &folder.path().into());
        assert_eq!(
            found.unwrap_err().to_string(),
            "find git: git is not installed"
        );
    }

    #[test]
    fn a_tool_that_needs_its_environment_is_missing_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\necho git version 2\n");
        program(
            folder.path(),
            "aws",
            "#!/bin/sh\necho one >&2\necho 'PYENV is not set' >&2\nexit 127\n",
        );
        let path = folder.path().into();
        let discover = |helper| Toolbox::discover("/lab".into(), helper, &path);
        let error = discover(Helper::AwsCli).unwrap_err();
        assert!(error.hint().starts_with("install the AWS CLI"));
        let reason = error.to_string();
        assert!(
            reason.ends_with("fails in an empty environment: PYENV is not set"),
            "{reason}"
        );
        let toolbox = discover(Helper::Ours).unwrap();
        assert_eq!(
            toolbox.faketime.unwrap_err().to_string(),
            "faketime is not installed"
        );
    }

    #[test]
    fn a_git_that_fails_without_a_word_is_missing_with_its_status() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\nexit 3\n");
        let found = Toolbox::discover("/lab".into(), Helper::Ours, &folder.path().into());
        let reason = found.unwrap_err().to_string();
        assert!(
            reason.ends_with("it says nothing, and its exit status is 3"),
            "{reason}"
        );
    }

    #[test]
    fn a_git_without_a_version_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\n");
        let found = Toolbox::discover("/lab".into(), Helper::Ours, &folder.path().into());
        let reason = found.unwrap_err().to_string();
        assert!(reason.ends_with("--version` says nothing"), "{reason}");
    }

    #[test]
    fn only_the_remote_helper_in_python_is_the_peer() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\necho git version 2\n");
        let helper = |text| {
            let path = program(folder.path(), "git-remote-codecommit", text);
            let found = Toolbox::discover("/lab".into(), Helper::Ours, &folder.path().into());
            (
                path,
                found
                    .unwrap()
                    .peer(Peer::GitRemoteCodecommit)
                    .map(Path::to_owned)
                    .map_err(Clone::clone),
            )
        };
        let (path, found) = helper("#!/bin/sh\necho 'Too few arguments. This hook' >&2; exit 1\n");
        assert_eq!(found, Ok(path));
        let (_, found) = helper("#!/bin/sh\necho git-remote-codecommit 0.1.0\n");
        let reason = found.unwrap_err().to_string();
        assert!(reason.ends_with("is not the git-remote-codecommit in Python"));
    }

    #[test]
    fn a_link_to_the_laboratory_is_not_the_aws_cli() {
        let folder = tempfile::tempdir().unwrap();
        let lab = program(folder.path(), "codecommit-lab", "#!/bin/sh\n");
        std::os::unix::fs::symlink(&lab, folder.path().join("aws")).unwrap();
        assert_eq!(find("aws", &folder.path().into(), &lab), None);
    }
}
