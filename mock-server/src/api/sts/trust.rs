//! Whom a role trusts.

use super::signed::Caller;
use crate::authn::verdict::{Reason, Refusal};
use crate::world::{Account, Identity, Role, World};

/// The role that an ARN names, and its account.
pub(super) fn role<'a>(world: &'a World, arn: &str) -> Result<(&'a Account, &'a Role), Refusal> {
    let found = world.accounts.iter().find_map(|account| {
        let role = account
            .roles
            .iter()
            .find(|role| account.role_arn(role) == arn)?;
        Some((account, role))
    });
    found.ok_or_else(|| {
        Refusal::new(
            Reason::RoleUnknown,
            format!("no account has the role {}", arn.escape_default()),
        )
        .with_help("check account number and name in role_arn; names are case-sensitive")
    })
}

/// As whom a role's trust policy names a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trusted {
    /// The user, or this very session of a role.
    Principal,
    /// The role that the caller has assumed.
    Role,
    /// Everybody in the caller's account, as far as their own policies allow it.
    Account,
}

/// As whom the role's trust policy names the caller; the most direct way, if there are several.
pub(super) fn check(role: &Role, caller: &Caller<'_>) -> Result<Trusted, Refusal> {
    let holder = caller.holder();
    let account = holder.account;
    let (partition, id) = (account.partition(), &account.id);
    let own_role = match &holder.identity {
        Identity::RoleSession { role, .. } => Some((Trusted::Role, account.role_arn(role))),
        Identity::User(_) => None,
    };
    let names = [
        Some((Trusted::Principal, caller.arn())),
        own_role,
        Some((Trusted::Account, format!("arn:{partition}:iam::{id}:root"))),
        Some((Trusted::Account, id.to_string())),
    ];
    let mut names = names.into_iter().flatten();
    names
        .find(|(_, name)| role.trusted.contains(name))
        .map(|(trusted, _)| trusted)
        .ok_or_else(|| {
            Refusal::new(
                Reason::RoleNotTrusting,
                format!("role {} does not trust {}", role.name, caller.arn()),
            )
            .with_help("add the caller to the role's trust policy")
        })
}

/// Whether the external id is the one that the trust policy asks for. One that it does not ask for does no harm.
pub(super) fn check_external_id(role: &Role, given: Option<&str>) -> Result<(), Refusal> {
    let Some(expected) = &role.external_id else {
        return Ok(());
    };
    let detail = match given {
        Some(given) if given == expected => return Ok(()),
        Some(_) => format!("role {} asks for another external id", role.name),
        None => format!("role {} asks for an external id", role.name),
    };
    Err(Refusal::new(Reason::ExternalIdWrong, detail)
        .with_help("put the role's external id into the profile: external_id"))
}
