//! Handles on what goes on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Exchange, Journal};

/// A request of which the first bytes have come.
#[derive(Debug)]
pub(crate) struct Arrival(pub(super) Journal);

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.0.ended.notify_all();
    }
}

/// A handle on an exchange that is going on. Clones write to the same exchange.
#[derive(Clone, Debug)]
pub(crate) struct Recording(Arc<Entry>);

#[derive(Debug)]
struct Entry {
    journal: Journal,
    index: usize,
    began: Instant,
    ended: Mutex<bool>,
}

impl Recording {
    pub(super) fn of(journal: Journal, index: usize) -> Self {
        Self(Arc::new(Entry {
            journal,
            index,
            began: Instant::now(),
            ended: Mutex::new(false),
        }))
    }

    /// Writes to the exchange.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Exchange)) {
        let Entry { journal, index, .. } = &*self.0;
        if let Some(exchange) = journal.lock().exchanges.get_mut(index) {
            write(exchange);
        }
    }

    /// The answer was sent to its end.
    pub(crate) fn finish(&self) {
        self.0.end(true);
    }
}

impl Entry {
    fn end(&self, complete: bool) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *ended, true) {
            return;
        }
        let mut state = self.journal.lock();
        state.in_flight -= 1;
        if let Some(exchange) = state.exchanges.get_mut(&self.index) {
            exchange.duration = self.began.elapsed();
            exchange.complete = complete;
        }
        state.end(self.index);
        drop(state);
        self.journal.0.ended.notify_all();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.end(false);
    }
}
