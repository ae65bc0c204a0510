//! What an administrator does while a scenario is played, under the names of IAM's operations: the next world is made of the
//! one before when the scenario is read, so that whatever is not there is an error with its place.

use codecommit_helper::secret::Secret;
use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use codecommit_mock::world::{GitCredentialStatus, KeyStatus, ManagedPolicy, User, World};
use schemars::JsonSchema;
use serde::Deserialize;

/// One operation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AdministratorFile {
    /// Attaches one of AWS's policies to a user.
    AttachUserPolicy(UserPolicyFile),
    /// Detaches it.
    DetachUserPolicy(UserPolicyFile),
    /// Makes an access key active or inactive.
    UpdateAccessKey(AccessKeyStatusFile),
    /// Deletes an access key.
    DeleteAccessKey(AccessKeyFile),
    /// Makes HTTPS Git credentials active or inactive.
    UpdateGitCredential(GitCredentialStatusFile),
    /// Gives HTTPS Git credentials another password.
    ResetGitCredential(GitCredentialPasswordFile),
    /// Deletes HTTPS Git credentials.
    DeleteGitCredential(GitCredentialFile),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserPolicyFile {
    /// The user.
    user: Spanned<String>,
    /// One of AWS's policies for CodeCommit.
    policy: Spanned<ManagedPolicy>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKeyStatusFile {
    /// The access key id.
    id: Spanned<String>,
    /// What it becomes.
    status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKeyFile {
    /// The access key id.
    id: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GitCredentialStatusFile {
    /// The generated user name.
    user_name: Spanned<String>,
    /// What they become.
    status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GitCredentialPasswordFile {
    /// The generated user name.
    user_name: Spanned<String>,
    /// The new password.
    password: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GitCredentialFile {
    /// The generated user name.
    user_name: Spanned<String>,
}

impl AdministratorFile {
    /// Does it to `world`, and says it as a sentence goes on after "the administrator".
    pub(super) fn apply(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        Ok(match self {
            Self::AttachUserPolicy(UserPolicyFile { user, policy }) => {
                let found = user_of(document, world, user)?;
                let managed = &mut found.policies.managed;
                if managed.contains(policy.get_ref()) {
                    let message = format!("user {} has this policy already", user.get_ref());
                    return Err(document.error_at(policy.span(), message, None));
                }
                managed.push(*policy.get_ref());
                format!("attaches {} to user {}", policy.get_ref(), user.get_ref())
            }
            Self::DetachUserPolicy(UserPolicyFile { user, policy }) => {
                let found = user_of(document, world, user)?;
                let managed = &mut found.policies.managed;
                let Some(at) = managed.iter().position(|known| known == policy.get_ref()) else {
                    let message = format!("this policy is not attached to user {}", user.get_ref());
                    return Err(document.error_at(policy.span(), message, None));
                };
                managed.remove(at);
                format!("detaches {} from user {}", policy.get_ref(), user.get_ref())
            }
            Self::UpdateAccessKey(AccessKeyStatusFile { id, status }) => {
                let (status, verb) = match status {
                    GitCredentialStatus::Active => (KeyStatus::Active, "activates"),
                    GitCredentialStatus::Inactive => (KeyStatus::Inactive, "deactivates"),
                };
                let user = set_access_key(document, world, id, status)?;
                format!("{verb} access key {} of user {user}", id.get_ref())
            }
            Self::DeleteAccessKey(AccessKeyFile { id }) => {
                let user = set_access_key(document, world, id, KeyStatus::Deleted)?;
                format!("deletes access key {} of user {user}", id.get_ref())
            }
            Self::UpdateGitCredential(GitCredentialStatusFile { user_name, status }) => {
                let (user, at) = git_credential(document, world, user_name)?;
                user.git_credentials[at].status = *status;
                let verb = match status {
                    GitCredentialStatus::Active => "activates",
                    GitCredentialStatus::Inactive => "deactivates",
                };
                format!("{verb} the Git credentials {}", user_name.get_ref())
            }
            Self::ResetGitCredential(GitCredentialPasswordFile {
                user_name,
                password,
            }) => {
                let (user, at) = git_credential(document, world, user_name)?;
                let credential = &mut user.git_credentials[at];
                let new = Secret::new(password.get_ref().as_str());
                if password.get_ref().is_empty() || credential.password == new {
                    let message = "a reset gives another password";
                    return Err(document.error_at(password.span(), message, None));
                }
                credential.former_password = Some(std::mem::replace(&mut credential.password, new));
                format!(
                    "resets the password of the Git credentials {}",
                    user_name.get_ref()
                )
            }
            Self::DeleteGitCredential(GitCredentialFile { user_name }) => {
                let (user, at) = git_credential(document, world, user_name)?;
                user.git_credentials.remove(at);
                format!("deletes the Git credentials {}", user_name.get_ref())
            }
        })
    }
}

fn users(world: &mut World) -> impl Iterator<Item = &mut User> {
    let accounts = world.accounts.iter_mut();
    accounts.flat_map(|account| &mut account.users)
}

fn user_of<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<&'a mut User, DocumentError> {
    let names: Vec<String> = users(world).map(|user| user.name.clone()).collect();
    let unknown = unknown(document, "user", name, &names);
    let mut users = users(world);
    users
        .find(|user| user.name == *name.get_ref())
        .ok_or(unknown)
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
) -> Result<(&'a mut User, usize), DocumentError> {
    let names: Vec<String> = users(world)
        .flat_map(|user| &user.git_credentials)
        .map(|credential| credential.user_name.clone())
        .collect();
    let unknown = unknown(document, "Git credential", name, &names);
    let mut found = users(world).filter_map(|user| {
        let mut credentials = user.git_credentials.iter();
        let at = credentials.position(|known| known.user_name == *name.get_ref())?;
        Some((user, at))
    });
    found.next().ok_or(unknown)
}

fn unknown(
    document: &Source,
    what: &str,
    name: &Spanned<String>,
    known: &[String],
) -> DocumentError {
    let word = name.get_ref();
    let help = document::did_you_mean(word, known.iter().map(String::as_str))
        .unwrap_or_else(|| format!("the world has: {}", known.join(", ")));
    let message = format!("the world has no {what} `{word}` at this point");
    document.error_at(name.span(), message, Some(help))
}
