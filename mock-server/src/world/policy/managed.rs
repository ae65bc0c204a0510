use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::PolicyDocument;

/// AWS's managed policies for CodeCommit.
///
/// Their statements about CodeCommit are the guide's, action for action; those about other services are gathered into
/// fewer. None speaks of KMS. Source: user guide, "AWS managed policies for CodeCommit" (2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ManagedPolicy {
    /// Everything, `codecommit:*`.
    AWSCodeCommitFullAccess,
    /// Everything but deleting repositories: pull and push.
    AWSCodeCommitPowerUser,
    /// Pull only.
    AWSCodeCommitReadOnly,
}

impl ManagedPolicy {
    /// Every one of them.
    pub const ALL: &[Self] = &[
        Self::AWSCodeCommitFullAccess,
        Self::AWSCodeCommitPowerUser,
        Self::AWSCodeCommitReadOnly,
    ];

    /// The policy itself.
    pub fn document(self) -> &'static PolicyDocument {
        static FULL_ACCESS: LazyLock<PolicyDocument> =
            LazyLock::new(|| read(include_str!("full-access.json")));
        static POWER_USER: LazyLock<PolicyDocument> =
            LazyLock::new(|| read(include_str!("power-user.json")));
        static READ_ONLY: LazyLock<PolicyDocument> =
            LazyLock::new(|| read(include_str!("read-only.json")));
        match self {
            Self::AWSCodeCommitFullAccess => &FULL_ACCESS,
            Self::AWSCodeCommitPowerUser => &POWER_USER,
            Self::AWSCodeCommitReadOnly => &READ_ONLY,
        }
    }

    /// `arn:aws:iam::aws:policy/AWSCodeCommitFullAccess`, in a partition such as `aws`.
    pub fn arn(self, partition: impl fmt::Display) -> String {
        format!("arn:{partition}:iam::aws:policy/{self}")
    }
}

impl fmt::Display for ManagedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The files are part of the program, and a test reads them; a policy that could not be read would allow nothing.
fn read(json: &str) -> PolicyDocument {
    PolicyDocument::identity(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_managed_policy_can_be_read() {
        for policy in ManagedPolicy::ALL {
            assert!(!policy.document().statements().is_empty(), "{policy}");
        }
    }
}
