//! Every exchange, with its verdict and decision. Holds no secret: user names and passwords never get in.

mod exchange;
mod recording;
mod state;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::exchange::Exchange;
pub(crate) use self::exchange::Opening;
pub(crate) use self::recording::{Arrival, Recording};
use self::state::State;
pub use self::watch::Watch;
use crate::authn::verdict::Refusal;
use crate::limits::Limits;

/// The exchanges of one server, in the order in which they began: the last of them, see [`Limits::exchanges`]. Clones share it.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

/// With as many as are kept where nothing else is said.
impl Default for Journal {
    fn default() -> Self {
        Self::keeping(Limits::default().exchanges)
    }
}

impl Journal {
    /// With so many of the last exchanges.
    pub(crate) fn keeping(exchanges: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State::keeping(exchanges)),
            ended: Condvar::new(),
        }))
    }

    /// Where the journal is now: pass it to [`Journal::since`] later.
    pub fn mark(&self) -> usize {
        self.lock().begun
    }

    /// The exchanges that began after the mark, and are kept: see [`Journal::dropped`].
    pub fn since(&self, mark: usize) -> Vec<Exchange> {
        let state = self.lock();
        let beyond = mark.max(state.forgotten)..;
        let exchanges = state.exchanges.range(beyond);
        exchanges.map(|(_, exchange)| exchange.clone()).collect()
    }

    /// Up to this number exchanges are missing from what is told, because there were more than
    /// [`Limits::exchanges`](crate::Limits::exchanges); 0 while none is. Some may still be there: those that have not ended.
    pub fn dropped(&self) -> usize {
        let state = self.lock();
        if state.dropped > state.forgotten {
            state.dropped
        } else {
            0
        }
    }

    /// Forgets what has been: it is not told any more, and the numbers go on.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.forgotten = state.begun;
    }

    /// Waits until there is an exchange beyond the mark that is not forgotten, and all have ended; `false` if that was not so after `timeout`. Who
    /// asks may be a request itself, so those that only arrive do not count.
    pub(crate) fn wait_beyond(&self, mark: usize, timeout: Duration) -> bool {
        let waiting = |state: &mut State| {
            let count = state.begun;
            !state.closed && (count <= mark.max(state.forgotten) || state.ended() < count)
        };
        let (state, waited) = self
            .0
            .ended
            .wait_timeout_while(self.lock(), timeout, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        !waited.timed_out()
    }

    /// All exchanges that are kept.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.since(0)
    }

    /// Waits until no exchange is in flight, so that what a finished client did is written down to its end.
    /// `false` if one still was after `timeout`.
    pub fn settle(&self, timeout: Duration) -> bool {
        let (state, _) = self
            .0
            .ended
            .wait_timeout_while(self.lock(), timeout, |state| state.in_flight > 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.in_flight == 0
    }

    /// Every exchange, from the first on that is kept, as soon as it has ended. Waits for the next one, until the server is
    /// dropped.
    pub fn watch(&self) -> Watch {
        Watch::of(self)
    }

    /// Writes down a fault that no request was there for.
    pub(crate) fn fault(&self, opening: Opening, fault: String, verdict: Refusal) {
        self.begin(opening).note(|exchange| {
            exchange.faults.push(fault);
            exchange.verdict = Some(verdict.into());
        });
    }

    /// No exchange will come any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.0.ended.notify_all();
    }

    /// Opens an exchange; it ends when the last clone of the returned handle is dropped or [`Recording::finish`] is called.
    pub(crate) fn begin(&self, opening: Opening) -> Recording {
        let mut state = self.lock();
        let place = state.begun;
        state.begun += 1;
        state.in_flight += 1;
        let exchange = Exchange::begun(place as u64 + 1, opening);
        state.exchanges.insert(place, exchange);
        drop(state);
        Recording::of(self.clone(), place)
    }

    /// An exchange is about to begin, or never will: [`Journal::settle`] waits until it has, or until this is dropped.
    pub(crate) fn expect(&self) -> Arrival {
        self.lock().in_flight += 1;
        Arrival(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
