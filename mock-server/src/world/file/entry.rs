//! The tables of an account in a world file, as serde reads them. What they mean together is checked in `addition`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::federation::{IdentityProviderEntry, LoginEntry};
use super::policies::InlinePolicyEntry;
use crate::document::Spanned;
use crate::world::{GitCredentialStatus, KeyStatus, ManagedPolicy};

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    /// The twelve digits.
    pub(super) id: Spanned<String>,
    /// Its IAM users.
    #[serde(default)]
    pub(super) user: Vec<UserEntry>,
    /// Its IAM roles.
    #[serde(default)]
    pub(super) role: Vec<RoleEntry>,
    /// Who else may vouch for somebody: OpenID Connect providers.
    #[serde(default)]
    pub(super) identity_provider: Vec<IdentityProviderEntry>,
    /// Its repositories.
    #[serde(default)]
    pub(super) repository: Vec<RepositoryEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    /// Its name.
    pub(super) name: Spanned<String>,
    /// AWS's own policies that are attached to it.
    #[serde(default)]
    pub(super) managed_policies: Vec<ManagedPolicy>,
    /// Policies of its own.
    #[serde(default)]
    pub(super) inline_policy: Vec<InlinePolicyEntry>,
    /// The most that its policies can allow: a policy document in JSON.
    pub(super) permissions_boundary: Option<Spanned<String>>,
    /// Its tags.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// Its access keys.
    #[serde(default)]
    pub(super) access_key: Vec<AccessKeyEntry>,
    /// Temporary credentials of it, as `aws sts get-session-token` gives them.
    #[serde(default)]
    pub(super) temporary_credential: Vec<SessionEntry>,
    /// Its HTTPS Git credentials.
    #[serde(default)]
    pub(super) git_credential: Vec<GitCredentialEntry>,
    /// Its MFA devices.
    #[serde(default)]
    pub(super) mfa_device: Vec<MfaDeviceEntry>,
    /// Its sign-ins with `aws login`.
    #[serde(default)]
    pub(super) login: Vec<LoginEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEntry {
    /// Its name.
    pub(super) name: Spanned<String>,
    /// Who may assume it: ARNs, account ids, names of services.
    #[serde(default)]
    pub(super) trusted: Vec<Spanned<String>>,
    /// What who assumes it has to know.
    pub(super) external_id: Option<String>,
    /// Whether who assumes it needs MFA.
    pub(super) require_mfa: Option<bool>,
    /// How long a session may last, in seconds: 3600 to 43200.
    pub(super) max_session_duration: Option<Spanned<i64>>,
    /// AWS's own policies that are attached to it.
    #[serde(default)]
    pub(super) managed_policies: Vec<ManagedPolicy>,
    /// Policies of its own.
    #[serde(default)]
    pub(super) inline_policy: Vec<InlinePolicyEntry>,
    /// The most that its policies can allow: a policy document in JSON.
    pub(super) permissions_boundary: Option<Spanned<String>>,
    /// Its tags.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// Temporary credentials of it, as `aws sts assume-role` gives them.
    #[serde(default)]
    pub(super) temporary_credential: Vec<RoleSessionEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKeyEntry {
    /// Its id, `AKIA...`.
    pub(super) id: Spanned<String>,
    /// Its secret; one of AWS's documentation, never a real one.
    pub(super) secret: Spanned<String>,
    /// Whether it may be used.
    #[serde(default)]
    pub(super) status: KeyStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct SessionEntry {
    /// The id of its key, `ASIA...`.
    pub(super) id: Spanned<String>,
    /// The secret of its key.
    pub(super) secret: Spanned<String>,
    /// What goes with the key.
    pub(super) session_token: Spanned<String>,
    /// When it ends: 2025-01-15T10:30:00Z. Never, if absent.
    pub(super) expires: Option<Spanned<String>>,
    /// A session policy: a policy document in JSON.
    pub(super) policy: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) mfa: bool,
}

/// What a [`SessionEntry`] has, and the session's name; serde locates values in a flattened table no more.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RoleSessionEntry {
    /// The name of the session: it stands at the end of the ARN.
    pub(super) session_name: Spanned<String>,
    /// The id of its key, `ASIA...`.
    pub(super) id: Spanned<String>,
    /// The secret of its key.
    pub(super) secret: Spanned<String>,
    /// What goes with the key.
    pub(super) session_token: Spanned<String>,
    /// When it ends: 2025-01-15T10:30:00Z. Never, if absent.
    pub(super) expires: Option<Spanned<String>>,
    /// A session policy: a policy document in JSON.
    pub(super) policy: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct GitCredentialEntry {
    /// Its user name, `alice-at-111122223333`.
    pub(super) user_name: Spanned<String>,
    /// Its password.
    pub(super) password: Spanned<String>,
    /// The password that it had before it was reset.
    pub(super) former_password: Option<Spanned<String>>,
    /// Whether it may be used.
    #[serde(default)]
    pub(super) status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct MfaDeviceEntry {
    /// Its serial number or ARN.
    pub(super) serial: Spanned<String>,
    /// The code that it always shows.
    pub(super) token_code: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryEntry {
    /// Its name.
    pub(super) name: Spanned<String>,
    /// The name that it was created with, if it was renamed since.
    pub(super) created_as: Option<Spanned<String>>,
    /// Its Region, `us-east-2`.
    pub(super) region: Spanned<String>,
    /// The branch that a clone checks out.
    #[serde(default = "main_branch")]
    pub(super) default_branch: Spanned<String>,
    /// What is in it: `empty`, `sample`, or the path of a repository or bundle.
    #[serde(default = "empty_seed")]
    pub(super) seed: Spanned<String>,
    /// Its tags.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

fn main_branch() -> Spanned<String> {
    Spanned::new(0..0, "main".to_owned())
}

fn empty_seed() -> Spanned<String> {
    Spanned::new(0..0, "empty".to_owned())
}
