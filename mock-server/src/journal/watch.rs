//! The exchanges as they end.

use std::sync::PoisonError;

use super::state::State;
use super::{Exchange, Journal};

/// The exchanges of a journal as they end: see [`Journal::watch`]. What it has not told yet is kept for it.
#[derive(Debug)]
pub struct Watch {
    journal: Journal,
    id: u64,
}

impl Watch {
    pub(super) fn of(journal: &Journal) -> Self {
        let id = journal.lock().watch(0);
        Self {
            journal: journal.clone(),
            id,
        }
    }
}

impl Iterator for Watch {
    type Item = Exchange;

    fn next(&mut self) -> Option<Exchange> {
        let waiting = |state: &mut State| state.ended() <= state.told(self.id) && !state.closed;
        let mut state = self
            .journal
            .0
            .ended
            .wait_while(self.journal.lock(), waiting)
            .unwrap_or_else(PoisonError::into_inner);
        state.tell(self.id)
    }
}

/// Goes on from the same place.
impl Clone for Watch {
    fn clone(&self) -> Self {
        let mut state = self.journal.lock();
        let told = state.told(self.id);
        let id = state.watch(told);
        drop(state);
        Self {
            journal: self.journal.clone(),
            id,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.journal.lock().end_watch(self.id);
    }
}
