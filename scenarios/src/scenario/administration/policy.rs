//! What users and roles may do.

use codecommit_mock::document::{DocumentError, Source, Spanned};
use codecommit_mock::world::{
    InlinePolicy, ManagedPolicy, Policies, identity_policy, permissions_boundary,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::unknown;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct UserManagedPolicyFile {
    /// The user.
    pub(super) user: Spanned<String>,
    /// One of AWS's policies for CodeCommit.
    pub(super) policy: Spanned<ManagedPolicy>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RoleManagedPolicyFile {
    /// The role.
    pub(super) role: Spanned<String>,
    /// One of AWS's policies for CodeCommit.
    pub(super) policy: Spanned<ManagedPolicy>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct UserPolicyFile {
    /// The user.
    pub(super) user: Spanned<String>,
    /// The policy's name.
    pub(super) name: Spanned<String>,
    /// A policy document in JSON.
    pub(super) document: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RolePolicyFile {
    /// The role.
    pub(super) role: Spanned<String>,
    /// The policy's name.
    pub(super) name: Spanned<String>,
    /// A policy document in JSON.
    pub(super) document: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct UserPolicyNameFile {
    /// The user.
    pub(super) user: Spanned<String>,
    /// The policy's name.
    pub(super) name: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RolePolicyNameFile {
    /// The role.
    pub(super) role: Spanned<String>,
    /// The policy's name.
    pub(super) name: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct BoundaryFile {
    /// The user.
    pub(super) user: Spanned<String>,
    /// The name of one of AWS's policies for CodeCommit, or a policy document in JSON.
    pub(super) policy: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct UserFile {
    /// The user.
    pub(super) user: Spanned<String>,
}

/// A user or role whose policies are changed.
pub(super) struct Holder<'a> {
    /// `user alice`.
    pub(super) told: String,
    pub(super) policies: &'a mut Policies,
}

impl Holder<'_> {
    pub(super) fn attach(
        self,
        document: &Source,
        policy: &Spanned<ManagedPolicy>,
    ) -> Result<String, DocumentError> {
        let managed = &mut self.policies.managed;
        if managed.contains(policy.get_ref()) {
            let message = format!("{} has this policy already", self.told);
            return Err(document.error_at(policy.span(), message, None));
        }
        managed.push(*policy.get_ref());
        Ok(format!("attaches {} to {}", policy.get_ref(), self.told))
    }

    pub(super) fn detach(
        self,
        document: &Source,
        policy: &Spanned<ManagedPolicy>,
    ) -> Result<String, DocumentError> {
        let managed = &mut self.policies.managed;
        let Some(at) = managed.iter().position(|known| known == policy.get_ref()) else {
            let message = format!("this policy is not attached to {}", self.told);
            return Err(document.error_at(policy.span(), message, None));
        };
        managed.remove(at);
        Ok(format!("detaches {} from {}", policy.get_ref(), self.told))
    }

    pub(super) fn put(
        self,
        document: &Source,
        name: &Spanned<String>,
        text: &Spanned<String>,
    ) -> Result<String, DocumentError> {
        let new = InlinePolicy {
            name: name.get_ref().clone(),
            document: identity_policy(document, text)?,
        };
        let inline = &mut self.policies.inline;
        let verb = match inline.iter_mut().find(|known| known.name == new.name) {
            Some(known) if known.document.json() == new.document.json() => {
                let message = format!("this changes nothing: policy {} is that already", new.name);
                return Err(document.error_at(text.span(), message, None));
            }
            Some(known) => {
                *known = new;
                "changes"
            }
            None => {
                inline.push(new);
                "adds"
            }
        };
        Ok(format!("{verb} policy {} of {}", name.get_ref(), self.told))
    }

    pub(super) fn delete(
        self,
        document: &Source,
        name: &Spanned<String>,
    ) -> Result<String, DocumentError> {
        let inline = &mut self.policies.inline;
        let Some(at) = inline
            .iter()
            .position(|known| known.name == *name.get_ref())
        else {
            let names: Vec<String> = inline.iter().map(|known| known.name.clone()).collect();
            let what = format!("policy of {}", self.told);
            return Err(unknown(document, &what, name, &names));
        };
        inline.remove(at);
        Ok(format!(
            "deletes policy {} of {}",
            name.get_ref(),
            self.told
        ))
    }

    pub(super) fn put_boundary(
        self,
        document: &Source,
        policy: &Spanned<String>,
    ) -> Result<String, DocumentError> {
        let new = permissions_boundary(document, policy)?;
        if self.policies.boundary.as_ref() == Some(&new) {
            let message = "this changes nothing: the boundary is that already";
            return Err(document.error_at(policy.span(), message, None));
        }
        self.policies.boundary = Some(new);
        Ok(format!("sets the permissions boundary of {}", self.told))
    }

    pub(super) fn delete_boundary(
        self,
        document: &Source,
        user: &Spanned<String>,
    ) -> Result<String, DocumentError> {
        if self.policies.boundary.take().is_none() {
            let message = format!("{} has no permissions boundary at this point", self.told);
            return Err(document.error_at(user.span(), message, None));
        }
        Ok(format!("deletes the permissions boundary of {}", self.told))
    }
}
