use std::sync::{Arc, Mutex, PoisonError};

use super::{AccountId, Session};

/// The sessions that a running server has issued. A copy of a world starts with none: they belong to the server.
#[derive(Debug, Default)]
pub(super) struct Issued(Mutex<Vec<(AccountId, Arc<Session>)>>);

/// More than any test needs; the oldest go first.
const LIMIT: usize = 10_000;

impl Issued {
    pub(super) fn add(&self, account: AccountId, session: Arc<Session>) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() == LIMIT {
            sessions.remove(0);
        }
        sessions.push((account, session));
    }

    pub(super) fn all(&self) -> Vec<(AccountId, Arc<Session>)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Clone for Issued {
    fn clone(&self) -> Self {
        Self::default()
    }
}
