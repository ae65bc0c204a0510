//! The machine that clients run on.

use serde::Deserialize;

use super::checks::{checked, checked_if_there, region, secret};
use super::role;
use crate::document::{DocumentError, Source, Spanned};
use crate::world::{Container, Instance, World};

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceEntry {
    /// The account that it runs in.
    account: Spanned<String>,
    /// The role of its instance profile.
    role: Spanned<String>,
    /// The Region that it runs in.
    region: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerEntry {
    /// The account that it runs in.
    account: Spanned<String>,
    /// The role of its task or pod.
    role: Spanned<String>,
    /// What it shows to get credentials.
    authorization_token: Spanned<String>,
}

/// The services that give a role to a container.
const CONTAINER_SERVICES: [&str; 2] = ["ecs-tasks.amazonaws.com", "pods.eks.amazonaws.com"];

impl InstanceEntry {
    pub(super) fn resolve(
        &self,
        source: &Source,
        world: &World,
    ) -> Result<Instance, DocumentError> {
        // Whether it trusts ec2.amazonaws.com is not asked: the metadata service has an answer for a role that does not.
        let (account, role) = role(source, world, &self.account, &self.role, str::eq)?;
        let of_repository = world
            .account(&account)
            .and_then(|account| account.repositories.first())
            .map(|first| first.region.clone());
        Ok(Instance {
            account,
            role,
            region: checked_if_there(source, self.region.as_ref(), region)?
                .or(of_repository)
                .unwrap_or_else(|| "us-east-1".to_owned()),
        })
    }
}

impl ContainerEntry {
    pub(super) fn resolve(
        &self,
        source: &Source,
        world: &World,
    ) -> Result<Container, DocumentError> {
        let (account, role) = role(source, world, &self.account, &self.role, str::eq)?;
        let trusts_containers = world
            .account(&account)
            .and_then(|account| account.role(&role))
            .is_some_and(|role| {
                CONTAINER_SERVICES
                    .iter()
                    .any(|service| role.trusted.iter().any(|trusted| trusted == service))
            });
        // Neither service starts a container whose role it cannot assume.
        if !trusts_containers {
            return Err(source.error_at(
                self.role.span(),
                format!("role {role} trusts no service that runs containers"),
                Some(format!(
                    "add one to its `trusted`: {}",
                    CONTAINER_SERVICES.join(" or ")
                )),
            ));
        }
        Ok(Container {
            account,
            role,
            authorization_token: checked(source, &self.authorization_token, secret)?,
        })
    }
}
