//! Who is it? Ordered checks of what a client presents, each refusal with its reason.

mod authenticated;
mod basic;
mod duration;
mod git_credential;
mod git_password;
mod hypothesis;
mod key;
pub mod sigv4_header;
mod target;
pub mod verdict;

pub use authenticated::Authenticated;
pub use basic::BasicCredentials;
pub use hypothesis::{Hypothesis, Mistake};
pub use target::Target;

use self::verdict::{Reason, Refusal};
use crate::world::World;

/// Checks a user name and password of either kind: an empty password is nobody's, then the form of the user name tells
/// an HTTPS Git credential from a SigV4 Git password.
///
/// # Errors
/// The first check that fails, with what explains it.
pub fn verify<'a>(
    world: &'a World,
    target: &Target,
    presented: &BasicCredentials,
) -> Result<Authenticated<'a>, Refusal> {
    if presented.password.expose().is_empty() {
        return Err(Refusal::new(
            Reason::PasswordEmpty,
            "a user name came with an empty password",
        )
        .with_help(
            "take the user name out of the URL: with `user@` in it, git's HTTP library answers the challenge itself, \
             with an empty password, and no credential helper is asked",
        ));
    }
    if git_credential::is_user_name(presented.user_name.expose()) {
        git_credential::verify(world, presented)
    } else {
        git_password::verify(world, target, presented)
    }
}
