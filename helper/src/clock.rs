//! The helper's clock, which tests may move.

use std::time::SystemTime;

use time::Duration;

use crate::timestamp::Timestamp;

/// The variable that moves the helper's clock: [`Clock::moved`] reads its value.
pub const CLOCK_VARIABLE: &str = "CODECOMMIT_HELPER_CLOCK";

/// Tells the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The clock of the machine, so much ahead or, if negative, behind.
    System(Duration),
    /// Stands still.
    Fixed(Timestamp),
}

/// The text does not say how to move a clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read {CLOCK_VARIABLE}: `{value}` is neither an offset such as `+16m`, `-2h` or `+960s` nor an instant such as \
     `2025-01-15T08:30:00Z`"
)]
pub struct NotAClock {
    /// The text.
    pub value: String,
}

impl Clock {
    /// The clock of the machine, as it is.
    pub const MACHINE: Self = Self::System(Duration::ZERO);

    /// What it shows.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System(offset) => Timestamp::new(SystemTime::now()).plus(offset),
            Self::Fixed(at) => at,
        }
    }

    /// Moves it: `+16m`, `-2h`, `+960s`, `+960` and `+1d` by that much, `2025-01-15T08:30:00Z` to that instant, where
    /// it then stands still.
    ///
    /// # Errors
    /// [`NotAClock`] for any other text.
    pub fn moved(self, how: &str) -> Result<Self, NotAClock> {
        if let Some(offset) = offset(how) {
            return Ok(match self {
                Self::System(so_far) => Self::System(so_far.saturating_add(offset)),
                Self::Fixed(at) => Self::Fixed(at.plus(offset)),
            });
        }
        Timestamp::parse_rfc3339(how)
            .map(Self::Fixed)
            .map_err(|_| NotAClock {
                value: how.to_owned(),
            })
    }
}

fn offset(text: &str) -> Option<Duration> {
    let (sign, amount) = match text.split_at_checked(1)? {
        ("+", amount) => (1, amount),
        ("-", amount) => (-1, amount),
        _ => return None,
    };
    let digits = amount.trim_end_matches(|end: char| !end.is_ascii_digit());
    let unit = match &amount[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<i64>().ok()?.checked_mul(sign * unit)?;
    Some(Duration::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_instants_are_read() {
        for (text, seconds) in [
            ("+16m", 960),
            ("-2h", -7200),
            ("+960s", 960),
            ("+960", 960),
            ("+1d", 86400),
            ("-0", 0),
        ] {
            assert_eq!(
                Clock::MACHINE.moved(text),
                Ok(Clock::System(Duration::seconds(seconds))),
                "{text}"
            );
        }
        for text in ["2025-01-15T08:30:00Z", "2025-01-15T10:30:00.9+02:00"] {
            let clock = Clock::MACHINE.moved(text).unwrap();
            assert_eq!(clock.now().to_string(), "2025-01-15T08:30:00Z", "{text}");
        }
    }

    #[test]
    fn a_fixed_clock_is_moved_from_where_it_stands() {
        let clock = Clock::MACHINE.moved("2025-01-15T08:30:00Z").unwrap();
        let clock = clock.moved("+16m").unwrap();
        assert_eq!(clock.now().to_string(), "2025-01-15T08:46:00Z");
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "+",
            "-",
            "960",
            "+16 m",
            "+1h30m",
            "+m",
            "++5",
            "+5.5m",
            "+99999999999999999999",
            "+9223372036854775807d",
            "2025-01-15",
            "2025-01-15T08:30:00",
            "20250115T083000Z",
            "é5",
        ] {
            let error = Clock::MACHINE.moved(text).unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn an_absurd_offset_saturates() {
        let clock = Clock::MACHINE.moved("+9223372036854775807").unwrap();
        assert_eq!(clock.now().to_string(), "9999-12-31T23:59:59Z");
    }
}
