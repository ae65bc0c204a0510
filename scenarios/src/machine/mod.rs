//! What texts and demands depend on: the version of git, and the shell that `sh` is.

mod shell;
mod versions;

pub use shell::Shell;
pub use versions::{GitVersion, NotVersions, Versions};

/// What a command meets, as far as it changes what the command says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The git under test; none if it does not say.
    pub git: Option<GitVersion>,
    /// What `sh` is; none if it is none of those known.
    pub shell: Option<Shell>,
}
