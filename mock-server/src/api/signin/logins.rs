use std::sync::{Mutex, PoisonError};

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use subtle::ConstantTimeEq as _;

use super::dpop::PublicKey;
use crate::authn::verdict::{Reason, Refusal};
use crate::world::{Account, AccountId, Login, User, World};

/// What has become of the logins of a world: which refresh tokens were used, and which took their place.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    used: Vec<Secret>,
    renewed: Vec<Renewed>,
}

#[derive(Clone, Debug)]
struct Renewed {
    account: AccountId,
    user: String,
    login: Login,
    /// Whoever refreshed first is who logged in: the world does not say with which key that was.
    key: PublicKey,
}

impl Logins {
    /// The refresh tokens that were issued.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = state.renewed.iter();
        let renewed = renewed.map(|renewed| &renewed.login.refresh_token);
        state.used.iter().chain(renewed).cloned().collect()
    }

    /// Takes a refresh token that nobody has used, and puts `next` in its place, for the same key alone.
    pub(super) fn redeem<'a>(
        &self,
        world: &'a World,
        presented: &str,
        key: PublicKey,
        now: Timestamp,
        next: Secret,
    ) -> Result<(&'a Account, &'a User), Refusal> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.used.iter().any(|used| is_same(used, presented)) {
            return Err(Refusal::new(
                Reason::SsoTokenExpired,
                "the refresh token was used before: it is good for one use",
            ));
        }
        let renewed = state
            .renewed
            .iter()
            .find(|renewed| is_same(&renewed.login.refresh_token, presented));
        let (account, user, login) = match renewed {
            Some(renewed) if renewed.key != key => {
                return Err(Refusal::new(
                    Reason::ProofWrong,
                    "the refresh token belongs to another key than the proof was made with",
                ));
            }
            Some(renewed) => world
                .account(&renewed.account)
                .and_then(|account| Some((account, account.user(&renewed.user)?)))
                .map(|(account, user)| (account, user, renewed.login.clone())),
            None => of_world(world, presented),
        }
        .ok_or_else(|| {
            Refusal::new(
                Reason::SsoTokenUnknown,
                "nobody has logged in with this refresh token",
            )
        })?;
        if let Some(expires) = login.expires.filter(|expires| now >= *expires) {
            return Err(Refusal::new(
                Reason::SsoTokenExpired,
                format!("the login of user {} ended at {expires}", user.name),
            ));
        }
        state
            .renewed
            .retain(|renewed| !is_same(&renewed.login.refresh_token, presented));
        state.used.push(login.refresh_token);
        state.renewed.push(Renewed {
            account: account.id.clone(),
            user: user.name.clone(),
            login: Login {
                refresh_token: next,
                expires: login.expires,
            },
            key,
        });
        Ok((account, user))
    }
}

fn of_world<'a>(world: &'a World, presented: &str) -> Option<(&'a Account, &'a User, Login)> {
    world.accounts.iter().find_map(|account| {
        account.users.iter().find_map(|user| {
            let mut logins = user.logins.iter();
            let login = logins.find(|login| is_same(&login.refresh_token, presented))?;
            Some((account, user, login.clone()))
        })
    })
}

fn is_same(known: &Secret, presented: &str) -> bool {
    known.expose().as_bytes().ct_eq(presented.as_bytes()).into()
}
