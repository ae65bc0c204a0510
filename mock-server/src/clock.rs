//! The laboratory's time, handed in as a value.

mod movement;
mod reading;
mod state;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use codecommit_helper::timestamp::Timestamp;
use time::{Duration, OffsetDateTime};

pub use movement::{ClockMove, NotAClockMove};
pub use reading::ClockReading;
use state::{EARLIEST, LATEST, Pace, State, instant, within_reach};

/// What time it is for the server. Clones share the same time.
///
/// The default runs with the system's clock and can be moved against it: git, TLS libraries and credential managers
/// under test read the system's clock, so a laboratory that starts far away from it would break them for the wrong reason.
///
/// Whatever moves it, moves it at once for every request that comes from then on; a request in flight keeps the instant
/// it came at.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<State>>);

impl Clock {
    /// Runs with the system's clock.
    pub fn system() -> Self {
        Self::new(State::SYSTEM)
    }

    /// Stands still at `at` until it is moved.
    pub fn frozen(at: SystemTime) -> Self {
        Self::new(State {
            pace: Pace::Frozen { at: instant(at) },
            ..State::SYSTEM
        })
    }

    /// Runs from `at` on.
    pub fn starting_at(at: SystemTime) -> Self {
        let clock = Self::system();
        clock.set(at);
        clock
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        self.state().now().into()
    }

    /// The time now, to the second.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::new(self.now())
    }

    /// Moves it, backwards if `by` is negative, as far as it can show.
    pub fn advance(&self, by: Duration) {
        self.change(|state| {
            let system = OffsetDateTime::now_utc();
            match &mut state.pace {
                Pace::Running { offset } => {
                    let wanted = offset.saturating_add(by);
                    let at = system.saturating_add(wanted);
                    *offset = match within_reach(at) {
                        reached if reached == at => wanted,
                        reached => reached - system,
                    };
                }
                Pace::Frozen { at } => *at = within_reach(at.saturating_add(by)),
            }
        });
    }

    /// Sets it. It goes on from there, or stands still there if it stood still.
    pub fn set(&self, to: SystemTime) {
        let to = instant(to);
        self.change(|state| {
            let to = state.place(to);
            state.pace = match state.pace {
                Pace::Running { .. } => Pace::running_from(to),
                Pace::Frozen { .. } => Pace::Frozen { at: to },
            }
        });
    }

    /// Makes it stand still where it is.
    pub fn freeze(&self) {
        self.change(|state| {
            state.pace = Pace::Frozen {
                at: state.pace.now(),
            };
        });
    }

    /// Makes it go on from where it is.
    pub fn resume(&self) {
        self.change(|state| state.pace = Pace::running_from(state.pace.now()));
    }

    /// Puts the server ahead of its clients by so much, or behind them if `skew` is negative: their clocks are wrong then,
    /// as [`Clock::client_offset`] tells them.
    pub fn set_skew(&self, skew: Duration) {
        self.change(|state| state.skew = skew);
    }

    /// Does what a user has asked for.
    pub fn apply(&self, movement: ClockMove) {
        match movement {
            ClockMove::By(by) => self.advance(by),
            // Unlike `set`, it makes a clock run that stood still.
            ClockMove::To(at) => {
                self.change(|state| state.pace = Pace::running_from(state.place(at)))
            }
            ClockMove::Freeze => self.freeze(),
            ClockMove::FreezeBy(by) => self.change(|state| {
                let at = within_reach(state.pace.now().saturating_add(by));
                state.pace = Pace::Frozen { at };
            }),
            ClockMove::FreezeAt(at) => self.change(|state| {
                let at = state.place(at);
                state.pace = Pace::Frozen { at };
            }),
            ClockMove::Run => self.resume(),
            ClockMove::System => self.change(|state| *state = State::SYSTEM),
            ClockMove::Skew(skew) => self.set_skew(skew),
        }
    }

    /// Whether it can be where a user asks for, and its clients, too.
    pub(crate) fn reaches(&self, movement: ClockMove) -> bool {
        let state = self.state();
        let clients = state.pace.now();
        let (clients, skew) = match movement {
            ClockMove::By(by) | ClockMove::FreezeBy(by) => (clients.saturating_add(by), state.skew),
            ClockMove::To(at) | ClockMove::FreezeAt(at) => (state.place(at), state.skew),
            ClockMove::Skew(skew) => (clients, skew),
            ClockMove::Freeze | ClockMove::Run | ClockMove::System => return true,
        };
        let server = clients.saturating_add(skew);
        clients == within_reach(clients) && server == within_reach(server)
    }

    /// How far it is ahead of the system's clock.
    pub fn offset(&self) -> Duration {
        self.state().offset_at(OffsetDateTime::now_utc())
    }

    /// How far the clock of its clients is ahead of the system's: as far as this one, less its skew.
    pub fn client_offset(&self) -> Duration {
        match self.state().pace {
            Pace::Running { offset } => offset,
            Pace::Frozen { at } => at - OffsetDateTime::now_utc(),
        }
    }

    /// The value that sets our helper's clock to that of the server's clients, `+960s` or an instant at which it stands
    /// still; none if it is the system's.
    pub(crate) fn for_helper(&self) -> Option<String> {
        match self.state().pace {
            Pace::Running { offset } if offset.whole_seconds() == 0 => None,
            Pace::Running { offset } => Some(format!("{:+}s", offset.whole_seconds())),
            Pace::Frozen { at } => Some(Timestamp::new(at.into()).to_string()),
        }
    }

    /// Goes where `other` is, as it is now.
    pub(crate) fn follow(&self, other: &Self) {
        let to = other.state();
        self.change(|state| *state = to);
    }

    /// A clock of its own that is where this one is now.
    pub(crate) fn apart(&self) -> Self {
        Self::new(self.state())
    }

    fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> State {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
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

    fn apply(clock: &Clock, text: &str) {
        clock.apply(text.parse().unwrap());
    }

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
        assert_eq!(clock.client_offset(), Duration::minutes(15));
        assert!(clock.now() > SystemTime::now() + Duration::minutes(14));
    }

    #[test]
    fn it_stands_still_jumps_goes_on_and_comes_back() {
        let clock = Clock::system();
        apply(&clock, "frozen@2026-01-01T00:00:00Z");
        assert_eq!(clock.timestamp().to_string(), "2026-01-01T00:00:00Z");
        apply(&clock, "+16m");
        assert_eq!(clock.timestamp().to_string(), "2026-01-01T00:16:00Z");
        assert!(clock.reading().frozen);
        clock.set(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.timestamp().to_string(), "1970-01-01T00:00:00Z");
        apply(&clock, "running");
        assert!(!clock.reading().frozen);
        apply(&clock, "2030-01-01T00:00:00Z");
        assert!(clock.reading().now.starts_with("2030-01-01T00:0"));
        apply(&clock, "system");
        assert!(clock.offset().abs() < Duration::seconds(1));
    }

    #[test]
    fn a_skew_is_not_shared_by_the_clients() {
        let clock = Clock::system();
        apply(&clock, "+1h");
        apply(&clock, "skew=+6m");
        assert_eq!(clock.client_offset(), Duration::hours(1));
        assert_eq!(clock.offset(), Duration::minutes(66));
        assert_eq!(clock.for_helper().as_deref(), Some("+3600s"));
        apply(&clock, "2026-01-01T00:00:00Z");
        assert!(clock.reading().now.starts_with("2026-01-01T00:00"));
    }

    #[test]
    fn what_passes_while_it_is_read_is_no_offset() {
        let clock = Clock::system();
        for _ in 0..1000 {
            assert_eq!(clock.offset(), Duration::ZERO);
            assert_eq!(clock.reading().offset_seconds, 0.0);
        }
    }

    #[test]
    fn a_move_out_of_its_range_is_known_and_takes_its_clients_no_further_than_it_goes() {
        let clock = Clock::system();
        for (text, reaches) in [
            ("-100000d", false),
            ("frozen@-100000d", false),
            ("skew=-100000d", false),
            ("-1000d", true),
            ("skew=+1d", true),
            ("system", true),
        ] {
            assert_eq!(clock.reaches(text.parse().unwrap()), reaches, "{text}");
        }
        apply(&clock, "-100000d");
        assert_eq!(clock.offset(), clock.client_offset());
    }

    #[test]
    fn no_move_leads_out_of_the_calendar() {
        let clock = Clock::frozen(SystemTime::UNIX_EPOCH);
        for by in [Duration::MAX, Duration::MIN, Duration::MIN] {
            clock.advance(by);
            clock.set_skew(by);
            clock.resume();
            let _ = (clock.offset(), clock.reading());
            clock.freeze();
        }
        assert_eq!(clock.timestamp().to_string(), "1970-01-01T00:00:00Z");
    }
}
