//! What became of a fault that was due.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Faults;

/// A fault's turn to act. Clones are the same turn: it is over with the last of them, and given back if nothing was done.
#[derive(Clone)]
pub(crate) struct Turn(Arc<Inner>);

struct Inner {
    faults: Faults,
    id: u64,
    done: AtomicBool,
}

impl Turn {
    pub(super) fn of(faults: &Faults, id: u64) -> Self {
        Self(Arc::new(Inner {
            faults: faults.clone(),
            id,
            done: AtomicBool::new(false),
        }))
    }

    /// The fault has done something, once or several times.
    pub(crate) fn done(&self) {
        if !self.0.done.swap(true, Ordering::Relaxed) {
            self.0.end(true);
        }
    }
}

impl Inner {
    /// The fault may have been taken away meanwhile.
    fn end(&self, fired: bool) {
        let mut state = self.faults.lock();
        if let Some(entry) = state.entries.iter_mut().find(|entry| entry.id == self.id) {
            entry.pending = entry.pending.saturating_sub(1);
            entry.fired += u64::from(fired);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !*self.done.get_mut() {
            self.end(false);
        }
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("fault", &self.0.id)
            .field("done", &self.0.done)
            .finish()
    }
}
