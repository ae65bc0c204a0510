//! The machine that clients run on, where AWS gives it a role.

use codecommit_helper::secret::Secret;

use super::AccountId;

/// An EC2 instance with an instance profile: its metadata service hands out credentials of the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The account of the instance and of its role.
    pub account: AccountId,
    /// The role.
    pub role: String,
    /// The Region it runs in.
    pub region: String,
}

/// An ECS task or EKS pod with a role: its credentials endpoint hands them out to whoever has the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The account of the role.
    pub account: AccountId,
    /// The role.
    pub role: String,
    /// What AWS puts into `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    pub authorization_token: Secret,
}
