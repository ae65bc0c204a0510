//! May they? Judges a principal's policies; knows nothing of how a request came in.

use std::fmt;

use serde::Serialize;

use crate::world::{Identity, ManagedPolicy, Repository};

/// What Git does to a repository, as IAM names it. One action covers every ref and both halves of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Action {
    /// Clone, fetch, ls-remote.
    #[serde(rename = "codecommit:GitPull")]
    GitPull,
    /// Push: create, update, force or delete any ref.
    #[serde(rename = "codecommit:GitPush")]
    GitPush,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitPull => "codecommit:GitPull",
            Self::GitPush => "codecommit:GitPush",
        })
    }
}

/// What the policies say, and which of them decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The action that was asked about.
    pub action: Action,
    /// The repository's ARN.
    pub resource: String,
    /// The policy that allowed it, or why nothing did.
    pub because: String,
}

/// Judges one action on one repository. What no policy allows is denied.
pub fn evaluate(
    identity: &Identity<'_>,
    action: Action,
    repository: &Repository,
    resource: String,
) -> Decision {
    let allows = |policy: &&ManagedPolicy| match (policy, action) {
        (ManagedPolicy::AWSCodeCommitFullAccess | ManagedPolicy::AWSCodeCommitPowerUser, _) => true,
        (ManagedPolicy::AWSCodeCommitReadOnly, action) => action == Action::GitPull,
    };
    let allowing = identity.managed_policies().iter().find(allows);
    Decision {
        allowed: allowing.is_some(),
        action,
        resource,
        because: match allowing {
            Some(policy) => format!("{policy} allows it"),
            None => format!(
                "no policy of {} allows {action} on {}",
                identity.describe(),
                repository.name
            ),
        },
    }
}
