//! The variables that a command runs with: all of them in a sandbox ([`hermetic`]), or some on top of the caller's own
//! ([`layered`]).

pub mod hermetic;
pub mod layered;
pub mod user_git;

use codecommit_mock::world::{AccessKey, KeyStatus, World};

/// The helper under test adds this signed offset to the time it reads, so that it agrees with the server's clock.
pub use codecommit_helper::clock::CLOCK_VARIABLE as HELPER_CLOCK;

/// What points a client at the server, but for its git settings: a sandbox has no other proxy that could win, and `exec`
/// numbers its settings itself.
fn without_git_settings<N: AsRef<str>>(
    server: impl IntoIterator<Item = (N, String)>,
) -> impl Iterator<Item = (N, String)> {
    server
        .into_iter()
        .filter(|(name, _)| !name.as_ref().starts_with("GIT_CONFIG_"))
}

/// The key of the first user who has an active one: what `aws configure` is told in the guide.
pub(crate) fn first_key(world: &World) -> Option<&AccessKey> {
    world
        .accounts
        .iter()
        .flat_map(|account| &account.users)
        .flat_map(|user| &user.access_keys)
        .find(|key| key.status == KeyStatus::Active)
}

/// The Region of the first repository: what `aws configure` is told in the guide.
pub(crate) fn first_region(world: &World) -> Option<&str> {
    world
        .accounts
        .iter()
        .flat_map(|account| &account.repositories)
        .map(|repository| &*repository.region)
        .next()
}
