use std::sync::{Arc, Mutex, PoisonError};

use super::{AccountId, Session, SsoToken};

/// What a running server has issued. A copy of a world starts with nothing: it belongs to the server.
#[derive(Debug, Default)]
pub(super) struct Issued {
    sessions: Log<(AccountId, Arc<Session>)>,
    /// With the position of their [`Sso`](super::Sso) in the world.
    sso_tokens: Log<(usize, Arc<SsoToken>)>,
}

impl Issued {
    pub(super) fn add_session(&self, account: AccountId, session: Arc<Session>) {
        self.sessions.add((account, session));
    }

    pub(super) fn sessions(&self) -> Vec<(AccountId, Arc<Session>)> {
        self.sessions.all()
    }

    pub(super) fn add_sso_token(&self, sso: usize, token: Arc<SsoToken>) {
        self.sso_tokens.add((sso, token));
    }

    pub(super) fn sso_tokens(&self) -> Vec<(usize, Arc<SsoToken>)> {
        self.sso_tokens.all()
    }
}

impl Clone for Issued {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Debug)]
struct Log<T>(Mutex<Vec<T>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Log<T> {
    /// More than any test needs; the oldest go first.
    const LIMIT: usize = 10_000;

    fn add(&self, item: T) {
        let mut items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if items.len() == Self::LIMIT {
            items.remove(0);
        }
        items.push(item);
    }

    fn all(&self) -> Vec<T> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
