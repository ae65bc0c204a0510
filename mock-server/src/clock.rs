//! The laboratory's time, handed in as a value.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use codecommit_helper::timestamp::Timestamp;
use time::Duration;

/// What time it is for the server. Clones share the same time.
///
/// The default runs with the system's clock and can be moved against it: git, TLS libraries and credential managers
/// under test read the system's clock, so a laboratory that starts far away from it would break them for the wrong reason.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Clone, Copy, Debug)]
enum State {
    Running { offset: Duration },
    Frozen { at: SystemTime },
}

impl Clock {
    /// Runs with the system's clock.
    pub fn system() -> Self {
        Self::new(State::Running {
            offset: Duration::ZERO,
        })
    }

    /// Stands still at `at` until it is moved.
    pub fn frozen(at: SystemTime) -> Self {
        Self::new(State::Frozen { at })
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        match self.state() {
            State::Running { offset } => SystemTime::now() + offset,
            State::Frozen { at } => at,
        }
    }

    /// The time now, to the second.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::new(self.now())
    }

    /// Moves it, backwards if `by` is negative. Requests in flight keep the time they came at.
    pub fn advance(&self, by: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match *state {
            State::Running { offset } => State::Running {
                offset: offset.saturating_add(by),
            },
            State::Frozen { at } => State::Frozen { at: at + by },
        };
    }

    /// How far it is ahead of the system's clock.
    pub fn offset(&self) -> Duration {
        match self.state() {
            State::Running { offset } => offset,
            State::Frozen { at } => {
                time::OffsetDateTime::from(at) - time::OffsetDateTime::now_utc()
            }
        }
    }

    fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> State {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_time() {
        let clock = Clock::frozen(SystemTime::UNIX_EPOCH);
        clock.clone().advance(Duration::minutes(16));
        assert_eq!(clock.timestamp().to_string(), "1970-01-01T00:16:00Z");
    }

    #[test]
    fn a_running_clock_keeps_its_offset() {
        let clock = Clock::system();
        clock.advance(Duration::minutes(16));
        clock.advance(Duration::minutes(-1));
        assert_eq!(clock.offset(), Duration::minutes(15));
        assert!(clock.now() > SystemTime::now() + Duration::minutes(14));
    }
}
