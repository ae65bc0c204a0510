use std::sync::{Arc, Mutex, PoisonError};

use super::{AccountId, Session, Sso, SsoToken};

/// What a running server has issued. A copy of a world starts with nothing: it belongs to the server, and goes on to the
/// world that takes this one's place.
#[derive(Debug, Default)]
pub(super) struct Issued {
    sessions: Log<(AccountId, Arc<Session>)>,
    /// With where they were opened.
    sso_tokens: Log<(SsoPlace, Arc<SsoToken>)>,
}

/// What an Identity Center is known by, in this world and in one that takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SsoPlace {
    start_url: String,
    region: String,
}

impl From<&Sso> for SsoPlace {
    fn from(sso: &Sso) -> Self {
        Self {
            start_url: sso.start_url.clone(),
            region: sso.region.clone(),
        }
    }
}

impl Issued {
    pub(super) fn add_session(&self, account: AccountId, session: Arc<Session>) {
        self.sessions.add((account, session));
    }

    pub(super) fn sessions(&self) -> Vec<(AccountId, Arc<Session>)> {
        self.sessions.all()
    }

    pub(super) fn add_sso_token(&self, at: SsoPlace, token: Arc<SsoToken>) {
        self.sso_tokens.add((at, token));
    }

    pub(super) fn sso_tokens(&self) -> Vec<(SsoPlace, Arc<SsoToken>)> {
        self.sso_tokens.all()
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
