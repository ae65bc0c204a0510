//! What a name stands for in the world as it is at this point.

use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use codecommit_mock::world::{Account, Repository, Role, User, World};

use super::policy::Holder;

/// The user of this name, as somebody with policies.
pub(super) fn user<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<Holder<'a>, DocumentError> {
    let users = world.accounts.iter_mut().flat_map(|it| &mut it.users);
    let user: &mut User = one(document, "user", name, users, |user| &user.name)?;
    Ok(Holder {
        told: format!("user {}", user.name),
        policies: &mut user.policies,
    })
}

/// The role of this name, as something with policies.
pub(super) fn role<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<Holder<'a>, DocumentError> {
    let role = role_itself(document, world, name)?;
    Ok(Holder {
        told: format!("role {}", role.name),
        policies: &mut role.policies,
    })
}

/// The role of this name.
pub(super) fn role_itself<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<&'a mut Role, DocumentError> {
    let roles = world.accounts.iter_mut().flat_map(|it| &mut it.roles);
    one(document, "role", name, roles, |role| &role.name)
}

/// The repository of this name.
pub(super) fn repository<'a>(
    document: &Source,
    world: &'a mut World,
    name: &Spanned<String>,
) -> Result<&'a mut Repository, DocumentError> {
    let of_all = world.accounts.iter_mut();
    let repositories = of_all.flat_map(|account: &mut Account| &mut account.repositories);
    one(document, "repository", name, repositories, |repository| {
        repository.name.as_str()
    })
}

/// The one thing of this name: in an account and a Region there is no other, but there are several of these.
pub(super) fn one<'a, T>(
    document: &Source,
    what: &str,
    name: &Spanned<String>,
    all: impl Iterator<Item = &'a mut T>,
    name_of: impl Fn(&T) -> &str,
) -> Result<&'a mut T, DocumentError> {
    let mut known = Vec::new();
    let mut found = Vec::new();
    for thing in all {
        known.push(name_of(thing).to_owned());
        if name_of(thing) == name.get_ref() {
            found.push(thing);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(thing), true) => Ok(thing),
        (Some(_), false) => {
            let message = format!("the world has several: {what} `{}`", name.get_ref());
            let help = "give them different names: a step cannot tell them apart".to_owned();
            Err(document.error_at(name.span(), message, Some(help)))
        }
        (None, _) => Err(unknown(document, what, name, &known)),
    }
}

/// There is no such thing; perhaps one that is nearly called so.
pub(super) fn unknown(
    document: &Source,
    what: &str,
    name: &Spanned<String>,
    known: &[String],
) -> DocumentError {
    let word = name.get_ref();
    let known_ones = (!known.is_empty()).then(|| format!("the world has: {}", known.join(", ")));
    let help = document::did_you_mean(word, known.iter().map(String::as_str)).or(known_ones);
    let message = format!("the world has no {what} `{word}` at this point");
    document.error_at(name.span(), message, help)
}
