//! How users say where a clock is to go.

use std::fmt;
use std::str::FromStr;

use codecommit_helper::timestamp::Timestamp;
use time::{Duration, OffsetDateTime};

use super::{EARLIEST, LATEST};
use crate::duration;

/// Where a clock is to go. The texts are the same on the command line, in scenarios and over the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMove {
    /// `+16m`, `-2h`: by so much from where it is.
    By(Duration),
    /// `2026-01-01T00:00:00Z`: to this instant, from which it runs.
    To(OffsetDateTime),
    /// `frozen`: it stands still where it is.
    Freeze,
    /// `frozen@+16m`: it goes there and stands still.
    FreezeBy(Duration),
    /// `frozen@2026-01-01T00:00:00Z`: the same for an instant.
    FreezeAt(OffsetDateTime),
    /// `running`: it goes on from where it stands.
    Run,
    /// `system`: it is the system's again, without a skew.
    System,
    /// `skew=+6m`: the server is ahead of its clients by so much.
    Skew(Duration),
}

/// The text does not say where a clock is to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAClockMove {
    /// It is none of the texts that do.
    #[error("`{0}` is no movement of a clock")]
    Unknown(String),
    /// It says a time that the clock cannot show.
    #[error("`{0}` is out of a clock's range, which is from 1970 to the end of the year 8999")]
    OutOfRange(String),
}

impl NotAClockMove {
    /// What to write instead.
    pub const HELP: &str = "write `+16m`, `2026-01-01T00:00:00Z`, `frozen`, `frozen@` with either behind it, `running`, `system`, or \
         `skew=+6m` to put the server ahead of its clients";
}

impl FromStr for ClockMove {
    type Err = NotAClockMove;

    fn from_str(text: &str) -> Result<Self, NotAClockMove> {
        let wrong = || NotAClockMove::Unknown(text.to_owned());
        let out_of_range = || NotAClockMove::OutOfRange(text.to_owned());
        // From wherever the clock is, more than its whole range leads out of it.
        let within = |by: Duration| match by.abs() <= LATEST - EARLIEST {
            true => Ok(by),
            false => Err(out_of_range()),
        };
        match text {
            "frozen" => return Ok(Self::Freeze),
            "running" => return Ok(Self::Run),
            "system" => return Ok(Self::System),
            _ => {}
        }
        if let Some(skew) = text.strip_prefix("skew=") {
            return within(span(skew).ok_or_else(wrong)?).map(Self::Skew);
        }
        let (frozen, place) = match text.strip_prefix("frozen@") {
            Some(place) => (true, place),
            None => (false, text),
        };
        if let Some(by) = span(place) {
            let by = within(by)?;
            return Ok(if frozen {
                Self::FreezeBy(by)
            } else {
                Self::By(by)
            });
        }
        // A year that RFC 3339 cannot write.
        if place.split_once('-').is_some_and(|(year, _)| {
            year.len() > 4 && year.bytes().all(|digit| digit.is_ascii_digit())
        }) {
            return Err(out_of_range());
        }
        let at = Timestamp::parse_rfc3339(place).map_err(|_| wrong())?;
        let at = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).ok();
        let at = at.filter(|at| (EARLIEST..=LATEST).contains(at));
        let at = at.ok_or_else(out_of_range)?;
        Ok(if frozen {
            Self::FreezeAt(at)
        } else {
            Self::To(at)
        })
    }
}

/// The text that says it.
impl fmt::Display for ClockMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(by) => write!(f, "{:+}s", by.whole_seconds()),
            Self::To(at) => write!(f, "{}", Timestamp::new((*at).into())),
            Self::Freeze => f.write_str("frozen"),
            Self::FreezeBy(by) => write!(f, "frozen@{:+}s", by.whole_seconds()),
            Self::FreezeAt(at) => write!(f, "frozen@{}", Timestamp::new((*at).into())),
            Self::Run => f.write_str("running"),
            Self::System => f.write_str("system"),
            Self::Skew(by) => write!(f, "skew={:+}s", by.whole_seconds()),
        }
    }
}

impl ClockMove {
    /// The same for a reader: `the clock goes on by 16m`.
    pub fn in_words(&self) -> String {
        let way = |by: &Duration| {
            let way = if by.is_negative() { "back" } else { "on" };
            format!("{way} by {}", by.abs())
        };
        match self {
            Self::By(by) => format!("the clock goes {}", way(by)),
            Self::To(at) => format!("the clock goes to {}", Timestamp::new((*at).into())),
            Self::Freeze => "the clock stands still".to_owned(),
            Self::FreezeBy(by) => format!("the clock goes {} and stands still", way(by)),
            Self::FreezeAt(at) => {
                format!("the clock stands still at {}", Timestamp::new((*at).into()))
            }
            Self::Run => "the clock goes on".to_owned(),
            Self::System => "the clock is the system's again".to_owned(),
            Self::Skew(by) => {
                let side = if by.is_negative() {
                    "behind"
                } else {
                    "ahead of"
                };
                format!("the server's clock is {} {side} its clients'", by.abs())
            }
        }
    }
}

/// With its sign: `16m` alone could be meant as a time of day.
fn span(text: &str) -> Option<Duration> {
    text.starts_with(['+', '-'])
        .then(|| duration::parse(text).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_way_to_say_it() {
        let at = datetime!(2026-01-01 0:00 UTC);
        for (text, movement) in [
            ("+16m", ClockMove::By(Duration::minutes(16))),
            ("-2h", ClockMove::By(Duration::hours(-2))),
            ("2026-01-01T00:00:00Z", ClockMove::To(at)),
            ("2026-01-01T01:00:00+01:00", ClockMove::To(at)),
            ("frozen", ClockMove::Freeze),
            ("frozen@-1d", ClockMove::FreezeBy(Duration::days(-1))),
            ("frozen@2026-01-01T00:00:00Z", ClockMove::FreezeAt(at)),
            ("running", ClockMove::Run),
            ("system", ClockMove::System),
            ("skew=-6m", ClockMove::Skew(Duration::minutes(-6))),
        ] {
            assert_eq!(text.parse(), Ok(movement), "{text}");
            assert_eq!(movement.to_string().parse(), Ok(movement), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "16m",
            "now",
            "frozen@",
            "frozen@frozen",
            "skew=",
            "skew=6m",
            "2026-01-01",
        ] {
            let unknown = NotAClockMove::Unknown(text.to_owned());
            assert_eq!(text.parse::<ClockMove>(), Err(unknown), "{text}");
        }
    }

    #[test]
    fn a_time_that_no_certificate_can_have_is_out_of_range() {
        for text in [
            "9999-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "frozen@9001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+99999999d",
            "frozen@-3000000d",
            "skew=+99999999d",
        ] {
            let error = text.parse::<ClockMove>().unwrap_err();
            assert!(error.to_string().contains("is out of a clock's range"));
        }
    }
}
