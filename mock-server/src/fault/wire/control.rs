//! What is done to a connection: decided somewhere else, and obeyed by the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use std::{fmt, io};

use super::timing::{Latency, piece_of};
use crate::fault::{Direction, Effect, Ending, Injected};

/// What is done to a connection, from wherever it is decided. Clones are the same connection's.
#[derive(Clone, Default)]
pub(crate) struct WireControl(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How it has ended.
    ended: Option<Ending>,
    connection_cut: Option<Limit>,
    /// That of the request which came last.
    request_cut: Option<Limit>,
    latency: Option<Latency>,
    bandwidth: Option<u64>,
    /// What is done to it, in words, for the exchanges on it.
    notes: Vec<String>,
    wakers: Vec<Waker>,
}

struct Limit {
    left: u64,
    direction: Direction,
    ending: Ending,
    fired: Box<dyn FnOnce() + Send>,
}

impl Limit {
    fn new(
        ending: Ending,
        after: u64,
        direction: Direction,
        fired: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self {
            left: after,
            direction,
            ending,
            fired: Box::new(fired),
        }
    }
}

/// What the bytes of a direction have to keep to.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// How many are left until a cut.
    pub(super) left: Option<u64>,
    pub(super) bandwidth: Option<u64>,
}

impl Bounds {
    /// How many may pass at once, if not any number.
    pub(super) fn most(self) -> Option<u64> {
        let piece = self.bandwidth.map(piece_of);
        self.left.into_iter().chain(piece).min()
    }
}

impl WireControl {
    /// Ends the connection, or silences it, at once.
    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ended = Some(ending);
        for waker in state.wakers.drain(..) {
            waker.wake();
        }
    }

    /// How it has ended, if it has.
    pub(crate) fn has_ended(&self) -> Option<Ending> {
        self.lock().ended
    }

    /// Does what a fault on connections does. `fired` is called when a connection is cut.
    pub(crate) fn inject(&self, injected: &Injected, fired: impl FnOnce() + Send + 'static) {
        match injected.effect {
            Effect::Refuse(ending) => {
                injected.turn.done();
                fired();
                self.end(ending);
            }
            Effect::Cut {
                ending,
                after,
                direction,
            } => {
                let turn = injected.turn.clone();
                let limit = Limit::new(ending, after, direction, move || {
                    turn.done();
                    fired();
                });
                let before = self.lock().connection_cut.replace(limit);
                drop(before);
            }
            Effect::Latency { latency, jitter } => {
                injected.turn.done();
                let mut state = self.lock();
                state.notes.push(injected.effect.to_string());
                state.latency = Some(Latency {
                    latency,
                    jitter,
                    seed: injected.draw,
                });
            }
            Effect::Bandwidth(bytes) => {
                injected.turn.done();
                let mut state = self.lock();
                state.notes.push(injected.effect.to_string());
                state.bandwidth = Some(bytes);
            }
            Effect::Tls(_)
            | Effect::Status { .. }
            | Effect::FirstByte(_)
            | Effect::Truncate(_)
            | Effect::Corrupt(_) => {}
        }
    }

    /// Cuts the connection after so many bytes from now, unless another request comes first.
    pub(crate) fn cut_request(
        &self,
        ending: Ending,
        after: u64,
        direction: Direction,
        fired: impl FnOnce() + Send + 'static,
    ) {
        self.lock().request_cut = Some(Limit::new(ending, after, direction, fired));
    }

    /// A new request has come: what was to happen to the one before it did not.
    pub(crate) fn next_request(&self) {
        self.lock().request_cut = None;
    }

    /// What is done to everything on this connection.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.lock().notes.clone()
    }

    /// What it keeps to in a direction, or how it has ended; registers the caller for the moment in which it does.
    pub(super) fn bounds(
        &self,
        direction: Direction,
        context: &Context<'_>,
    ) -> Result<Bounds, Poll<io::Error>> {
        let mut state = self.lock();
        match state.ended {
            Some(Ending::Reset | Ending::Close) => Err(Poll::Ready(cut())),
            Some(Ending::Stall) => {
                state.listen(context);
                Err(Poll::Pending)
            }
            None => {
                state.listen(context);
                Ok(Bounds {
                    left: state.left(direction),
                    bandwidth: state.bandwidth,
                })
            }
        }
    }

    /// By how much the answer of a turn is late.
    pub(super) fn latency_of(&self, turn: u64) -> Option<Duration> {
        self.lock().latency.map(|latency| latency.of_turn(turn))
    }

    /// Counts bytes, and cuts where it is time to.
    pub(super) fn count(&self, direction: Direction, bytes: u64) {
        let mut state = self.lock();
        let State {
            connection_cut,
            request_cut,
            ..
        } = &mut *state;
        let mut due = None;
        for cut in [connection_cut, request_cut] {
            if let Some(limit) = cut
                && limit.direction == direction
            {
                limit.left = limit.left.saturating_sub(bytes);
                if limit.left == 0 {
                    due = cut.take();
                }
            }
        }
        drop(state);
        if let Some(limit) = due {
            // Written down before the client can notice.
            (limit.fired)();
            self.end(limit.ending);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many bytes are left until a cut.
    fn left(&self, direction: Direction) -> Option<u64> {
        let limits = [&self.connection_cut, &self.request_cut];
        let limits = limits.into_iter().flatten();
        limits
            .filter(|limit| limit.direction == direction)
            .map(|limit| limit.left)
            .min()
    }

    fn listen(&mut self, context: &Context<'_>) {
        if !self
            .wakers
            .iter()
            .any(|known| known.will_wake(context.waker()))
        {
            // A reader and a writer at most; more of them are of tasks that have moved on.
            if self.wakers.len() >= 4 {
                self.wakers.remove(0);
            }
            self.wakers.push(context.waker().clone());
        }
    }
}

/// What reading and writing come to when a fault has ended the connection.
pub(super) fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault was injected")
}

impl fmt::Debug for WireControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("WireControl")
            .field("ended", &state.ended)
            .field("notes", &state.notes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_the_bytes_of_its_side_only() {
        let control = WireControl::default();
        control.cut_request(Ending::Reset, 10, Direction::Answer, || {});
        control.count(Direction::Request, 100);
        control.count(Direction::Answer, 9);
        assert_eq!(control.has_ended(), None);
        assert_eq!(control.lock().left(Direction::Answer), Some(1));
        control.count(Direction::Answer, 1);
        assert_eq!(control.has_ended(), Some(Ending::Reset));
    }
}
