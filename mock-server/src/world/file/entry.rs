//! The tables of an account in a world file, as serde reads them. What they mean together is checked in `addition`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::federation::{IdentityProviderEntry, LoginEntry};
use super::policies::InlinePolicyEntry;
use crate::world::{GitCredentialStatus, KeyStatus, ManagedPolicy};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) user: Vec<UserEntry>,
    #[serde(default)]
    pub(super) role: Vec<RoleEntry>,
    #[serde(default)]
    pub(super) identity_provider: Vec<IdentityProviderEntry>,
    #[serde(default)]
    pub(super) repository: Vec<RepositoryEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) managed_policies: Vec<ManagedPolicy>,
    #[serde(default)]
    pub(super) inline_policy: Vec<InlinePolicyEntry>,
    pub(super) permissions_boundary: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) access_key: Vec<AccessKeyEntry>,
    #[serde(default)]
    pub(super) temporary_credential: Vec<SessionEntry>,
    #[serde(default)]
    pub(super) git_credential: Vec<GitCredentialEntry>,
    #[serde(default)]
    pub(super) mfa_device: Vec<MfaDeviceEntry>,
    #[serde(default)]
    pub(super) login: Vec<LoginEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleEntry {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) trusted: Vec<Spanned<String>>,
    pub(super) external_id: Option<String>,
    pub(super) require_mfa: Option<bool>,
    pub(super) max_session_duration: Option<Spanned<i64>>,
    #[serde(default)]
    pub(super) managed_policies: Vec<ManagedPolicy>,
    #[serde(default)]
    pub(super) inline_policy: Vec<InlinePolicyEntry>,
    pub(super) permissions_boundary: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) temporary_credential: Vec<RoleSessionEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKeyEntry {
    pub(super) id: Spanned<String>,
    pub(super) secret: Spanned<String>,
    #[serde(default)]
    pub(super) status: KeyStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionEntry {
    pub(super) id: Spanned<String>,
    pub(super) secret: Spanned<String>,
    pub(super) session_token: Spanned<String>,
    pub(super) expires: Option<Spanned<String>>,
    pub(super) policy: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) mfa: bool,
}

/// What a [`SessionEntry`] has, and the session's name; serde locates values in a flattened table no more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleSessionEntry {
    pub(super) session_name: Spanned<String>,
    pub(super) id: Spanned<String>,
    pub(super) secret: Spanned<String>,
    pub(super) session_token: Spanned<String>,
    pub(super) expires: Option<Spanned<String>>,
    pub(super) policy: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GitCredentialEntry {
    pub(super) user_name: Spanned<String>,
    pub(super) password: Spanned<String>,
    pub(super) former_password: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MfaDeviceEntry {
    pub(super) serial: Spanned<String>,
    pub(super) token_code: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RepositoryEntry {
    pub(super) name: Spanned<String>,
    pub(super) region: Spanned<String>,
    #[serde(default = "main_branch")]
    pub(super) default_branch: Spanned<String>,
    #[serde(default = "empty_seed")]
    pub(super) seed: Spanned<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
}

fn main_branch() -> Spanned<String> {
    Spanned::new(0..0, "main".to_owned())
}

fn empty_seed() -> Spanned<String> {
    Spanned::new(0..0, "empty".to_owned())
}
