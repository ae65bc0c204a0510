//! What an administrator does while a scenario is played, under the names of AWS's operations: the next world is made of the
//! one before when the scenario is read, so that whatever is not there is an error with its place.

mod credential;
mod lookup;
mod network;
mod policy;
mod repository;
mod trust;

use codecommit_mock::document::{DocumentError, Source};
use codecommit_mock::world::World;
use schemars::JsonSchema;
use serde::Deserialize;

use self::credential::{
    AccessKeyFile, AccessKeyStatusFile, GitCredentialFile, GitCredentialPasswordFile,
    GitCredentialStatusFile,
};
use self::lookup::{role, user};
use self::network::VpcEndpointFile;
use self::policy::{
    BoundaryFile, RoleManagedPolicyFile, RolePolicyFile, RolePolicyNameFile, UserFile,
    UserManagedPolicyFile, UserPolicyFile, UserPolicyNameFile,
};
use self::repository::{RepositoryFile, RepositoryNameFile, TagKeysFile, TagsFile};
use self::trust::TrustFile;

/// One operation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AdministratorFile {
    /// Attaches one of AWS's policies to a user.
    AttachUserPolicy(UserManagedPolicyFile),
    /// Detaches it.
    DetachUserPolicy(UserManagedPolicyFile),
    /// Gives a user a policy of its own, in the place of the one of that name if there is one.
    PutUserPolicy(UserPolicyFile),
    /// Deletes a user's own policy.
    DeleteUserPolicy(UserPolicyNameFile),
    /// Sets the most that a user can be allowed.
    PutUserPermissionsBoundary(BoundaryFile),
    /// Takes that away.
    DeleteUserPermissionsBoundary(UserFile),
    /// Attaches one of AWS's policies to a role.
    AttachRolePolicy(RoleManagedPolicyFile),
    /// Detaches it.
    DetachRolePolicy(RoleManagedPolicyFile),
    /// Gives a role a policy of its own, in the place of the one of that name if there is one.
    PutRolePolicy(RolePolicyFile),
    /// Deletes a role's own policy.
    DeleteRolePolicy(RolePolicyNameFile),
    /// Says anew whom a role trusts.
    UpdateAssumeRolePolicy(TrustFile),
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
    /// Gives a repository another name; what it holds stays.
    UpdateRepositoryName(RepositoryNameFile),
    /// Deletes a repository.
    DeleteRepository(RepositoryFile),
    /// Gives a repository tags.
    TagResource(TagsFile),
    /// Takes tags from it.
    UntagResource(TagKeysFile),
    /// Changes the policy of a VPC endpoint.
    ModifyVpcEndpoint(VpcEndpointFile),
}

impl AdministratorFile {
    /// The policy that comes with it, for the reader.
    pub(super) fn document(&self) -> Option<&str> {
        let text = match self {
            Self::PutUserPolicy(file) => &file.document,
            Self::PutRolePolicy(file) => &file.document,
            Self::PutUserPermissionsBoundary(file) => &file.policy,
            Self::ModifyVpcEndpoint(file) => &file.policy,
            _ => return None,
        };
        Some(text.get_ref().trim())
    }

    /// Does it to `world`, and says it as a sentence goes on after "the administrator".
    pub(super) fn apply(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        match self {
            Self::AttachUserPolicy(UserManagedPolicyFile { user: name, policy }) => {
                user(document, world, name)?.attach(document, policy)
            }
            Self::DetachUserPolicy(UserManagedPolicyFile { user: name, policy }) => {
                user(document, world, name)?.detach(document, policy)
            }
            Self::PutUserPolicy(file) => {
                user(document, world, &file.user)?.put(document, &file.name, &file.document)
            }
            Self::DeleteUserPolicy(file) => {
                user(document, world, &file.user)?.delete(document, &file.name)
            }
            Self::PutUserPermissionsBoundary(file) => {
                user(document, world, &file.user)?.put_boundary(document, &file.policy)
            }
            Self::DeleteUserPermissionsBoundary(UserFile { user: name }) => {
                user(document, world, name)?.delete_boundary(document, name)
            }
            Self::AttachRolePolicy(RoleManagedPolicyFile { role: name, policy }) => {
                role(document, world, name)?.attach(document, policy)
            }
            Self::DetachRolePolicy(RoleManagedPolicyFile { role: name, policy }) => {
                role(document, world, name)?.detach(document, policy)
            }
            Self::PutRolePolicy(file) => {
                role(document, world, &file.role)?.put(document, &file.name, &file.document)
            }
            Self::DeleteRolePolicy(file) => {
                role(document, world, &file.role)?.delete(document, &file.name)
            }
            Self::UpdateAssumeRolePolicy(file) => file.update(document, world),
            Self::UpdateAccessKey(file) => file.update(document, world),
            Self::DeleteAccessKey(file) => file.delete(document, world),
            Self::UpdateGitCredential(file) => file.update(document, world),
            Self::ResetGitCredential(file) => file.reset(document, world),
            Self::DeleteGitCredential(file) => file.delete(document, world),
            Self::UpdateRepositoryName(file) => file.update(document, world),
            Self::DeleteRepository(file) => file.delete(document, world),
            Self::TagResource(file) => file.tag(document, world),
            Self::UntagResource(file) => file.untag(document, world),
            Self::ModifyVpcEndpoint(file) => file.modify(document, world),
        }
    }
}
