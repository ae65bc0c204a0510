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

/// Whether the role's trust policy names the caller: the user, the role or its session, or the whole account.
///
/// That the caller's own policies have to allow `sts:AssumeRole` too, where the whole account or another one is trusted, is
/// not asked.
pub(super) fn check(role: &Role, caller: &Caller<'_>) -> Result<(), Refusal> {
    let holder = caller.holder();
    let account = holder.account;
    let (partition, id) = (account.partition(), &account.id);
    let mut names = vec![
        caller.arn(),
        format!("arn:{partition}:iam::{id}:root"),
        id.to_string(),
    ];
    if let Identity::RoleSession { role, .. } = &holder.identity {
        names.push(account.role_arn(role));
    }
    if role.trusted.iter().any(|trusted| names.contains(trusted)) {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::RoleNotTrusting,
        format!("role {} does not trust {}", role.name, caller.arn()),
    )
    .with_help("add the caller to the role's trust policy"))
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
