use std::fmt;

use serde::{Deserialize, Serialize};

/// AWS's managed policies for CodeCommit, cut down to what they say of Git.
///
/// Source: user guide, "AWS managed policies for CodeCommit" (2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum ManagedPolicy {
    /// Everything, `codecommit:*`.
    AWSCodeCommitFullAccess,
    /// Everything but deleting repositories: pull and push.
    AWSCodeCommitPowerUser,
    /// Pull only.
    AWSCodeCommitReadOnly,
}

impl fmt::Display for ManagedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
