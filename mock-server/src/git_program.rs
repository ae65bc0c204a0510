//! The local git, run in an environment that nothing of the user's reaches.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

/// The git program that serves repositories.
#[derive(Clone, Debug)]
pub struct GitProgram {
    path: PathBuf,
    home: PathBuf,
}

/// There is no git to serve with, or it does not run.
#[derive(Debug, thiserror::Error)]
pub enum GitProgramError {
    /// Not found on PATH.
    #[error("find git: no `git` on PATH; install git, or name its path")]
    Missing,
    /// Found, but it cannot be started.
    #[error("start {}: {cause}", path.display())]
    CannotStart {
        /// The program.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Started, and it failed.
    #[error("run `git {arguments}`: {message}")]
    Failed {
        /// What it was asked to do.
        arguments: String,
        /// What it printed.
        message: String,
    },
}

impl GitProgram {
    /// The first git on PATH.
    ///
    /// # Errors
    /// [`GitProgramError::Missing`].
    pub fn find() -> Result<PathBuf, GitProgramError> {
        let name = format!("git{}", env::consts::EXE_SUFFIX);
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path)
            .map(|folder| folder.join(&name))
            .find(|candidate| candidate.is_file())
            .ok_or(GitProgramError::Missing)
    }

    /// A git program with `home` (an empty folder) as its HOME.
    pub(crate) fn new(path: PathBuf, home: PathBuf) -> Self {
        Self { path, home }
    }

    /// A command with no user's or system's configuration, credentials or hooks in reach.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("HOME", &self.home)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.home.join("no-gitconfig"))
            .env("GIT_TERMINAL_PROMPT", "0")
            // A data folder may belong to somebody else, such as the owner of a container's volume.
            .args(["-c", "safe.directory=*"]);
        // Git starts its own sub-programs by PATH, and Windows programs need SystemRoot.
        for name in ["PATH", "SystemRoot", "TMPDIR", "TEMP"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    /// Runs git to its end, with `input` on its standard input.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        arguments: &[A],
        input: &[u8],
    ) -> Result<Vec<u8>, GitProgramError> {
        use std::io::Write as _;
        use std::process::Stdio;

        let cannot_start = |cause| GitProgramError::CannotStart {
            path: self.path.clone(),
            cause,
        };
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot_start)?;
        let stdin = child.stdin.take();
        // Beside the reading, so that neither waits for the other's pipe.
        let output = std::thread::scope(|scope| {
            if let Some(mut stdin) = stdin
                && !input.is_empty()
            {
                // A git that ends early closes the pipe; what it says about that is in its standard error.
                scope.spawn(move || stdin.write_all(input));
            }
            child.wait_with_output()
        })
        .map_err(cannot_start)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| argument.as_ref().to_string_lossy())
            .collect();
        let said = String::from_utf8_lossy(&output.stderr);
        Err(GitProgramError::Failed {
            arguments: arguments.join(" "),
            message: match said.trim() {
                "" => format!("it says nothing; {}", output.status),
                said => said.to_owned(),
            },
        })
    }

    /// Its version, which shows at once whether it runs at all.
    pub(crate) fn version(&self) -> Result<String, GitProgramError> {
        let output = self.run(&["--version"], b"")?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
