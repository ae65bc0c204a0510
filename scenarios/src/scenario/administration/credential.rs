//! Access keys, and HTTPS Git credentials.

use codecommit_helper::secret::Secret;
use codecommit_mock::document::{DocumentError, Source, Spanned};
use codecommit_mock::world::{GitCredential, GitCredentialStatus, KeyStatus, User, World};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{one, unknown};

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct AccessKeyStatusFile {
    /// The access key id.
    id: Spanned<String>,
    /// What it becomes.
    status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct AccessKeyFile {
    /// The access key id.
    id: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct GitCredentialStatusFile {
    /// The generated user name.
    user_name: Spanned<String>,
    /// What they become.
    status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct GitCredentialPasswordFile {
    /// The generated user name.
    user_name: Spanned<String>,
    /// The new password.
    password: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct GitCredentialFile {
    /// The generated user name.
    user_name: Spanned<String>,
}

impl AccessKeyStatusFile {
    pub(super) fn update(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let status = match self.status {
            GitCredentialStatus::Active => KeyStatus::Active,
            GitCredentialStatus::Inactive => KeyStatus::Inactive,
        };
        let verb = verb(self.status);
        let user = set_access_key(document, world, &self.id, status)?;
        Ok(format!(
            "{verb} access key {} of user {user}",
            self.id.get_ref()
        ))
    }
}

impl AccessKeyFile {
    pub(super) fn delete(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let user = set_access_key(document, world, &self.id, KeyStatus::Deleted)?;
        Ok(format!(
            "deletes access key {} of user {user}",
            self.id.get_ref()
        ))
    }
}

impl GitCredentialStatusFile {
    pub(super) fn update(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        git_credential(document, world, &self.user_name)?.status = self.status;
        Ok(format!(
            "{} the Git credentials {}",
            verb(self.status),
            self.user_name.get_ref()
        ))
    }
}

impl GitCredentialPasswordFile {
    pub(super) fn reset(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let credential = git_credential(document, world, &self.user_name)?;
        let password = self.password.get_ref();
        let new = Secret::new(password.as_str());
        if password.is_empty() || credential.password == new {
            let message = "a reset gives another password";
            return Err(document.error_at(self.password.span(), message, None));
        }
        credential.former_password = Some(std::mem::replace(&mut credential.password, new));
        Ok(format!(
            "resets the password of the Git credentials {}",
            self.user_name.get_ref()
        ))
    }
}

impl GitCredentialFile {
    pub(super) fn delete(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let name = git_credential(document, world, &self.user_name)?
            .user_name
            .clone();
        for user in users(world) {
            user.git_credentials.retain(|known| known.user_name != name);
        }
        Ok(format!(
            "deletes the Git credentials {}",
            self.user_name.get_ref()
        ))
    }
}

fn verb(status: GitCredentialStatus) -> &'static str {
    match status {
        GitCredentialStatus::Active => "activates",
        GitCredentialStatus::Inactive => "deactivates",
    }
}

fn users(world: &mut World) -> impl Iterator<Item = &mut User> {
    let accounts = world.accounts.iter_mut();
    accounts.flat_map(|account| &mut account.users)
}

/// Sets the status of a key, and says whose it is.
fn set_access_key(
    document: &Source,
    world: &mut World,
    id: &Spanned<String>,
    status: KeyStatus,
) -> Result<String, DocumentError> {
    let mut ids = Vec::new();
    for user in users(world) {
        for key in &mut user.access_keys {
            if key.id == *id.get_ref() {
                if key.status == KeyStatus::Deleted {
                    let message = "there is no such access key any more: it has been deleted";
                    return Err(document.error_at(id.span(), message, None));
                }
                if key.status == status {
                    let message = "this changes nothing: the access key is that already";
                    return Err(document.error_at(id.span(), message, None));
                }
                key.status = status;
                return Ok(user.name.clone());
            }
            ids.push(key.id.clone());
        }
    }
    Err(unknown(document, "access key", id, &ids))
}

fn git_credential<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<&'a mut GitCredential, DocumentError> {
    let all = users(world).flat_map(|user| &mut user.git_credentials);
    one(document, "Git credential", name, all, |it| &it.user_name)
}
