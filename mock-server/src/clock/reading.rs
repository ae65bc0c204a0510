//! Where a clock is, as programs are told.

use codecommit_helper::timestamp::Timestamp;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::Clock;
use super::state::Pace;

/// Where a clock is, for reading: times in RFC 3339, spans in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClockReading {
    /// What time it is for the server.
    pub now: String,
    /// Whether it stands still.
    pub frozen: bool,
    /// How far it is ahead of the system's clock.
    pub offset_seconds: f64,
    /// How much of that its clients do not share.
    pub skew_seconds: f64,
    /// The value of `CODECOMMIT_HELPER_CLOCK` with which our helper has the time of the server's clients; none if that is
    /// the system's.
    pub helper_clock: Option<String>,
}

impl Clock {
    /// Where it is.
    pub fn reading(&self) -> ClockReading {
        let state = self.state();
        // Read once: what passes between two readings would be told as an offset.
        let system = OffsetDateTime::now_utc();
        ClockReading {
            now: Timestamp::new(state.at(system).into()).to_string(),
            frozen: matches!(state.pace, Pace::Frozen { .. }),
            offset_seconds: milliseconds(state.offset_at(system)),
            skew_seconds: milliseconds(state.skew),
            helper_clock: self.for_helper(),
        }
    }
}

fn milliseconds(span: Duration) -> f64 {
    // Rounding leaves a zero its sign, which nobody means.
    (span.as_seconds_f64() * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_has_no_negative_zero() {
        assert!(milliseconds(Duration::nanoseconds(-1)).is_sign_positive());
    }
}
