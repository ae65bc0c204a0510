//! What is installed on this machine, found once and shared by all sandboxes.

mod error;
mod peer;
mod probe;
mod requirement;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use error::{Missing, ToolboxError};
pub use peer::Peer;
pub(crate) use probe::{SYSTEM_PATH, find, first_line, runnable};
pub use requirement::Requirement;

/// The tools that sandboxes link to, whatever the subject.
#[derive(Clone, Debug)]
pub struct Toolbox {
    /// The program that answers to `git-credential-codecommit`, `git-remote-codecommit` and `aws` when it is linked to
    /// under these names.
    pub lab: PathBuf,
    /// The caller's own PATH: a command of the caller's may need it.
    pub path: std::ffi::OsString,
    /// What has been looked for, in the order of [`Peer`]: some take half a second to say their version, so each is asked
    /// when somebody needs it.
    peers: [OnceLock<Result<PathBuf, Missing>>; Peer::COUNT],
    /// Whether the AWS CLI under test starts with nothing on PATH.
    alone: OnceLock<Result<(), Missing>>,
}

/// A program, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// The first line that says something when it is asked for its version.
    pub version: String,
}

impl Toolbox {
    /// Of the tools on `path`, the value of PATH. `lab` is this program.
    ///
    /// # Errors
    /// There is no folder for temporary files. Any tool may be missing.
    pub fn discover(lab: PathBuf, path: &OsStr) -> Result<Self, ToolboxError> {
        drop(
            tempfile::tempdir().map_err(|cause| ToolboxError::TemporaryFolder {
                folder: std::env::temp_dir(),
                cause,
            })?,
        );
        Ok(Self {
            path: path.to_owned(),
            lab,
            peers: Default::default(),
            alone: OnceLock::new(),
        })
    }

    /// A git: a path, or a name that is looked for on `path`.
    ///
    /// # Errors
    /// It is not there, or does not run.
    pub fn find_git(&self, git: &Path, path: &OsStr) -> Result<Program, ToolboxError> {
        match git.to_str().filter(|name| !name.contains(['/', '\\'])) {
            Some("git") => {
                probe::usable("git", "--version", path, &self.lab).map_err(ToolboxError::Git)
            }
            Some(name) => {
                probe::usable(name, "--version", path, &self.lab).map_err(ToolboxError::NamedGit)
            }
            None => std::path::absolute(git)
                .map_err(|error| Missing(format!("{}: {error}", git.display())))
                .and_then(|git| {
                    runnable(&git)?;
                    probe::with_version(git, "--version")
                })
                .and_then(|git| match git.version.starts_with("git version ") {
                    true => Ok(git),
                    false => Err(Missing(format!(
                        "{} is not git: it says `{}`",
                        git.path.display(),
                        git.version
                    ))),
                })
                .map_err(ToolboxError::NamedGit),
        }
    }

    /// The AWS CLI.
    ///
    /// # Errors
    /// It is not there, or does not run.
    pub fn find_aws_cli(&self, path: &OsStr) -> Result<Program, ToolboxError> {
        probe::usable("aws", "--version", path, &self.lab).map_err(ToolboxError::AwsCli)
    }

    /// Where a peer is, or why it cannot be used.
    ///
    /// # Errors
    /// It is not installed or does not start.
    pub fn peer(&self, peer: Peer) -> Result<&Path, &Missing> {
        self.peers[peer as usize]
            .get_or_init(|| self.look_for(peer))
            .as_deref()
    }

    /// Whether the AWS CLI under test, at this path, starts without finding another program on PATH.
    fn starts_alone(&self, aws: &Path) -> Result<(), Missing> {
        self.alone
            .get_or_init(|| probe::starts_alone(aws, "--version"))
            .clone()
    }

    fn look_for(&self, peer: Peer) -> Result<PathBuf, Missing> {
        let name = peer.as_str();
        let argument = match peer {
            Peer::Aws | Peer::GitCredentialManager | Peer::Faketime | Peer::Bash | Peer::Groff => {
                "--version"
            }
            Peer::Openssl => "version",
            Peer::GitRemoteCodecommit => return probe::python_remote_helper(&self.path, &self.lab),
            // Nobody has them by chance.
            Peer::FirstAwsCli | Peer::LastAwsCliWithout => {
                return probe::find(name, &self.path, &self.lab)
                    .ok_or_else(|| Missing::not_installed(name));
            }
        };
        probe::usable(name, argument, &self.path, &self.lab).map(|found| found.path)
    }
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

    fn git_in(folder: &Path) -> Result<Program, ToolboxError> {
        let path = folder.as_os_str();
        Toolbox::discover("/lab".into(), path)
            .unwrap()
            .find_git(Path::new("git"), path)
    }

    #[test]
    fn a_git_that_is_named_is_git() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = Toolbox::discover("/lab".into(), folder.path().as_os_str()).unwrap();
        let find = |path: &Path| {
            let found = toolbox.find_git(path, OsStr::new(""));
            found.map_err(|error| error.to_string())
        };
        let git = program(folder.path(), "git-2", "#!/bin/sh\necho git version 2\n");
        assert_eq!(find(&git).unwrap().version, "git version 2");
        let other = program(folder.path(), "other", "#!/bin/sh\necho hello\n");
        assert!(
            find(&other)
                .unwrap_err()
                .contains("is not git: it says `hello`")
        );
        let missing = find(&folder.path().join("none")).unwrap_err();
        assert!(missing.contains("none: no such program"), "{missing}");
    }

    #[test]
    fn a_version_may_come_after_an_empty_line() {
        assert_eq!(
            probe::first_line("\nfaketime: Version 0.9.10\nFor usage"),
            "faketime: Version 0.9.10"
        );
        assert_eq!(probe::first_line("\n \n"), "");
    }

    #[test]
    fn without_git_nothing_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let found = git_in(folder.path());
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
        let path = folder.path().as_os_str();
        let toolbox = Toolbox::discover("/lab".into(), path).unwrap();
        let error = toolbox.find_aws_cli(path).unwrap_err();
        assert!(error.hint().starts_with("install the AWS CLI"));
        let reason = error.to_string();
        assert!(
            reason.ends_with("fails in an empty environment: PYENV is not set"),
            "{reason}"
        );
        assert_eq!(
            toolbox.peer(Peer::Faketime).unwrap_err().to_string(),
            "faketime is not installed"
        );
    }

    #[test]
    fn a_shim_does_not_start_alone_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let toolbox = || Toolbox::discover("/lab".into(), folder.path().as_os_str()).unwrap();
        let itself = program(folder.path(), "itself", "#!/bin/sh\necho aws-cli/2\n");
        assert_eq!(toolbox().starts_alone(&itself), Ok(()));
        let shim = program(folder.path(), "aws", "#!/usr/bin/env no-such-pyenv-bash\n");
        let reason = toolbox().starts_alone(&shim).unwrap_err().to_string();
        assert!(
            reason.starts_with(&format!("{} needs other programs on PATH", shim.display())),
            "{reason}"
        );
        assert!(reason.contains("`pyenv which aws`"), "{reason}");
    }

    #[test]
    fn a_git_that_fails_without_a_word_is_missing_with_its_status() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\nexit 3\n");
        let found = git_in(folder.path());
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
        let found = git_in(folder.path());
        let reason = found.unwrap_err().to_string();
        assert!(reason.ends_with("--version` says nothing"), "{reason}");
    }

    #[test]
    fn only_the_remote_helper_in_python_is_the_peer() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "git", "#!/bin/sh\necho git version 2\n");
        let helper = |text| {
            let path = program(folder.path(), "git-remote-codecommit", text);
            let found = Toolbox::discover("/lab".into(), folder.path().as_os_str());
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
    fn the_remote_helper_in_python_is_found_behind_ours() {
        let (ours, python) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = "git-remote-codecommit";
        program(
            ours.path(),
            name,
            "#!/bin/sh\necho git-remote-codecommit 0.1.0\n",
        );
        let there = program(
            python.path(),
            name,
            "#!/bin/sh\necho 'Too few arguments. This hook' >&2; exit 1\n",
        );
        let path = std::env::join_paths([ours.path(), python.path()]).unwrap();
        let toolbox = Toolbox::discover("/lab".into(), &path).unwrap();
        assert_eq!(toolbox.peer(Peer::GitRemoteCodecommit), Ok(&*there));
    }

    #[test]
    fn a_link_to_the_laboratory_is_not_the_aws_cli() {
        let folder = tempfile::tempdir().unwrap();
        let lab = program(folder.path(), "codecommit-lab", "#!/bin/sh\n");
        std::os::unix::fs::symlink(&lab, folder.path().join("aws")).unwrap();
        assert_eq!(probe::find("aws", folder.path().as_os_str(), &lab), None);
    }
}
