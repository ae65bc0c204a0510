use std::collections::BTreeMap;

use time::Duration;

use super::policy::PolicyDocument;
use super::{AccessKey, GitCredential, Login, ManagedPolicy, MfaDevice};

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user name, unique in the account.
    pub name: String,
    /// What it may do.
    pub policies: Policies,
    /// Its tags, `aws:PrincipalTag/...` in policies.
    pub tags: BTreeMap<String, String>,
    /// Its long-term keys.
    pub access_keys: Vec<AccessKey>,
    /// Its HTTPS Git credentials: two at most.
    pub git_credentials: Vec<GitCredential>,
    /// Its devices for multi-factor authentication.
    pub mfa_devices: Vec<MfaDevice>,
    /// Its sessions of `aws login`.
    pub logins: Vec<Login>,
}

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role name, unique in the account.
    pub name: String,
    /// ARNs of users and roles that may assume it, and service names such as `ec2.amazonaws.com`.
    pub trusted: Vec<String>,
    /// What a caller has to name, where the trust policy asks for it.
    pub external_id: Option<String>,
    /// Whether the trust policy asks for multi-factor authentication (`aws:MultiFactorAuthPresent`).
    pub require_mfa: bool,
    /// The longest session it may be assumed for, an hour to twelve: IAM's `MaxSessionDuration`.
    pub max_session: Duration,
    /// What it may do.
    pub policies: Policies,
    /// Its tags, `aws:PrincipalTag/...` in policies.
    pub tags: BTreeMap<String, String>,
}

/// The policies of a user or role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// AWS's policies attached to it.
    pub managed: Vec<ManagedPolicy>,
    /// Policies of its own.
    pub inline: Vec<InlinePolicy>,
    /// The permissions boundary: what it may do at most.
    pub boundary: Option<InlinePolicy>,
}

/// A policy document and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinePolicy {
    /// Its name.
    pub name: String,
    /// What it says.
    pub document: PolicyDocument,
}

/// Who acts: what credentials stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity<'a> {
    /// A user, with a key of its own or temporary credentials.
    User(&'a User),
    /// Somebody who assumed a role.
    RoleSession {
        /// The role.
        role: &'a Role,
        /// The name the session was given.
        session_name: String,
    },
}

impl Identity<'_> {
    /// How a sentence names it: `user alice`, `role Deployer`.
    pub fn describe(&self) -> String {
        match self {
            Self::User(user) => format!("user {}", user.name),
            Self::RoleSession { role, .. } => format!("role {}", role.name),
        }
    }

    /// What it may do.
    pub fn policies(&self) -> &Policies {
        match self {
            Self::User(user) => &user.policies,
            Self::RoleSession { role, .. } => &role.policies,
        }
    }

    /// Its tags.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        match self {
            Self::User(user) => &user.tags,
            Self::RoleSession { role, .. } => &role.tags,
        }
    }
}
