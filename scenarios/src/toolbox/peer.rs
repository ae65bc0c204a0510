//! The tools of others that scenarios are about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tool that a scenario may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// The real AWS CLI, also beside our helper: `aws` is it, whatever the helper under test.
    Aws,
    /// The real Git Credential Manager.
    GitCredentialManager,
    /// The real git-remote-codecommit, in Python; it then comes before ours.
    GitRemoteCodecommit,
    /// Moves the clock of a real tool.
    Faketime,
    /// Signs in a shell script.
    Openssl,
    /// What `sh` is not everywhere: expands `!` from its history.
    Bash,
    /// Sets the pages that `aws help` shows.
    Groff,
    /// The first AWS CLI that knows CodeCommit, of July 2015.
    #[serde(rename = "aws-1.7.38")]
    FirstAwsCli,
    /// The last AWS CLI that does not.
    #[serde(rename = "aws-1.7.37")]
    LastAwsCliWithout,
}

impl Peer {
    pub(super) const COUNT: usize = Self::LastAwsCliWithout as usize + 1;

    /// The command it is called by, and its word in scenarios.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::GitCredentialManager => "git-credential-manager",
            Self::GitRemoteCodecommit => "git-remote-codecommit",
            Self::Faketime => "faketime",
            Self::Openssl => "openssl",
            Self::Bash => "bash",
            Self::Groff => "groff",
            Self::FirstAwsCli => "aws-1.7.38",
            Self::LastAwsCliWithout => "aws-1.7.37",
        }
    }
}
