//! A home directory of its own, a clean environment, and the real program in them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, str};

pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const HELPER: &str = env!("CARGO_BIN_EXE_git-credential-codecommit");
#[cfg(unix)]
pub(crate) const REMOTE_HELPER: &str = env!("CARGO_BIN_EXE_git-remote-codecommit");
/// What git sends for a clone of `MyDemoRepo`.
pub(crate) const REQUEST: &str =
    "protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\npath=v1/repos/MyDemoRepo\n";

pub(crate) struct Sandbox {
    home: tempfile::TempDir,
    variables: BTreeMap<OsString, OsString>,
}

#[derive(Debug)]
#[must_use]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        let mut variables = BTreeMap::new();
        for name in ["HOME", "USERPROFILE"] {
            variables.insert(name.into(), home.path().into());
        }
        // Windows cannot open a socket without it.
        if let Some(folder) = std::env::var_os("SystemRoot") {
            variables.insert("SystemRoot".into(), folder);
        }
        // Without keys, the helper would ask the link-local address of a real instance.
        variables.insert("AWS_EC2_METADATA_DISABLED".into(), "true".into());
        Self { home, variables }
    }

    /// With the keys of [`ACCESS_KEY_ID`] in the environment.
    pub(crate) fn with_keys() -> Self {
        Self::new()
            .variable("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .variable("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    pub(crate) fn config(self, text: &str) -> Self {
        fs::write(self.config_path(), text).unwrap();
        self
    }

    pub(crate) fn credentials(self, text: &str) -> Self {
        fs::write(self.credentials_path(), text).unwrap();
        self
    }

    pub(crate) fn config_path(&self) -> PathBuf {
        self.home.path().join(".aws").join("config")
    }

    pub(crate) fn credentials_path(&self) -> PathBuf {
        self.home.path().join(".aws").join("credentials")
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn run<S: AsRef<str>>(&self, args: &[S], stdin: &str) -> Outcome {
        self.run_program(Path::new(HELPER), args, stdin)
    }

    /// Any program, in the home directory.
    pub(crate) fn run_program<S: AsRef<str>>(
        &self,
        program: &Path,
        args: &[S],
        stdin: &str,
    ) -> Outcome {
        let mut child = Command::new(program)
            .args(args.iter().map(AsRef::as_ref))
            .current_dir(self.home.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It fails if the program ends before it has read everything, which `store` does.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: str::from_utf8(&output.stdout).unwrap().to_owned(),
            stderr: str::from_utf8(&output.stderr).unwrap().to_owned(),
        }
    }
}

impl Outcome {
    /// It answered, with this user name.
    pub(crate) fn assert_user_name(&self, expected: &str) {
        let user_name = self.stdout.lines().next().unwrap_or_default();
        assert_eq!(user_name, format!("username={expected}"), "{self:?}");
        assert_eq!((self.code, self.stderr.as_str()), (0, ""));
    }

    /// It said nothing, so that another helper may.
    pub(crate) fn assert_silent(&self) {
        let said = (self.code, self.stdout.as_str(), self.stderr.as_str());
        assert_eq!(said, (0, "", ""));
    }

    /// It failed, explained itself on stderr and told git to quit.
    pub(crate) fn assert_quit(&self, stderr: &str) {
        assert_eq!(self.stderr, stderr);
        assert_eq!((self.code, self.stdout.as_str()), (1, "quit=1\n"));
    }
}
