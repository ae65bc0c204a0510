//! The instants that are signed: UTC, to the second.

use std::fmt;
use std::time::SystemTime;

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

const COMPACT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]");

/// An instant in UTC, cut to whole seconds: a SigV4 time stamp carries no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

/// The text is not a time stamp of the form that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read a time stamp")]
pub struct NotATimestamp;

impl Timestamp {
    /// The second that `instant` lies in; the nearest end of the calendar for an instant beyond it.
    pub fn new(instant: SystemTime) -> Self {
        // Not `OffsetDateTime::from`: it panics for an instant that it cannot hold, and machines have such clocks.
        let seconds = match instant.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(error) => {
                let before = error.duration();
                let begun = u64::from(before.subsec_nanos() > 0);
                i64::try_from(before.as_secs().saturating_add(begun)).map_or(i64::MIN, |s| -s)
            }
        };
        Self(OffsetDateTime::UNIX_EPOCH).plus(Duration::seconds(seconds))
    }

    /// Reads `20250115T083000`, without a `Z`.
    ///
    /// # Errors
    /// [`NotATimestamp`] for any other shape, and for dates that do not exist.
    pub fn parse_compact(text: &str) -> Result<Self, NotATimestamp> {
        // The parser takes signs in front of a year; the wire form has digits only.
        let is_compact = text.len() == 15
            && text.bytes().enumerate().all(|(at, byte)| {
                if at == 8 {
                    byte == b'T'
                } else {
                    byte.is_ascii_digit()
                }
            });
        if !is_compact {
            return Err(NotATimestamp);
        }
        PrimitiveDateTime::parse(text, COMPACT)
            .map(|parsed| Self(parsed.assume_utc()))
            .map_err(|_| NotATimestamp)
    }

    /// Reads RFC 3339, `2025-01-15T08:30:00Z`, in any offset from UTC and with or without a fraction.
    ///
    /// # Errors
    /// [`NotATimestamp`] for any other shape, and for dates that do not exist.
    pub fn parse_rfc3339(text: &str) -> Result<Self, NotATimestamp> {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .and_then(|parsed| parsed.checked_to_offset(UtcOffset::UTC))
            .and_then(|parsed| parsed.replace_nanosecond(0).ok())
            .map(Self)
            .ok_or(NotATimestamp)
    }

    /// Reads an instant as AWS's tools write it: RFC 3339, or with `UTC` or `+0000` behind it.
    ///
    /// # Errors
    /// [`NotATimestamp`] for any other shape, and for dates that do not exist.
    pub fn parse_aws(text: &str) -> Result<Self, NotATimestamp> {
        let stem = ["UTC", "+0000"]
            .into_iter()
            .find_map(|suffix| text.strip_suffix(suffix));
        match stem {
            Some(stem) => Self::parse_rfc3339(&format!("{}Z", stem.trim_end())),
            None => Self::parse_rfc3339(text),
        }
    }

    /// The instant so many seconds after 1970-01-01T00:00:00Z.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(OffsetDateTime::UNIX_EPOCH).plus(Duration::seconds(seconds))
    }

    /// `20250115T083000`.
    pub fn compact(self) -> String {
        let at = self.0;
        format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }

    /// `20250115`, as it stands in a credential scope.
    pub fn date(self) -> String {
        let mut compact = self.compact();
        compact.truncate(8);
        compact
    }

    /// The same instant for the standard library.
    ///
    /// A time stamp may come from a hostile client. Windows cannot hold an instant before 1601; there it becomes the
    /// epoch, so that nothing panics.
    pub fn to_system_time(self) -> SystemTime {
        let seconds = std::time::Duration::from_secs(self.unix_seconds().unsigned_abs());
        let instant = if self.unix_seconds() < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(seconds)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(seconds)
        };
        instant.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// So much later, or earlier if negative. It stops at the ends of the calendar, the years -9999 and 9999.
    pub fn plus(self, duration: Duration) -> Self {
        let moved = self.0.saturating_add(duration);
        Self(moved.replace_nanosecond(0).unwrap_or(moved))
    }

    /// How far `self` lies after `earlier`; negative if it lies before.
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

/// RFC 3339, `2025-01-15T08:30:00Z`: for people and reports.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_form_survives_a_round_trip() {
        for text in ["19700101T000000", "20240229T235959", "21001231T120000"] {
            assert_eq!(Timestamp::parse_compact(text).unwrap().compact(), text);
        }
    }

    #[test]
    fn shapes_and_dates_that_do_not_exist_are_refused() {
        for text in [
            "",
            "20250115T083000Z",
            "20250115 083000",
            "20250230T000000",
            "20250115T246000",
            "+2025015T083000",
            "２０250115T083",
        ] {
            assert_eq!(Timestamp::parse_compact(text), Err(NotATimestamp), "{text}");
        }
    }

    #[test]
    fn display_is_rfc_3339() {
        let at = Timestamp::parse_compact("20250115T083000").unwrap();
        assert_eq!(at.to_string(), "2025-01-15T08:30:00Z");
        assert_eq!(at.unix_seconds(), 1_736_929_800);
        assert_eq!(Timestamp::parse_rfc3339("2025-01-15T08:30:00Z"), Ok(at));
        assert_eq!(
            Timestamp::parse_rfc3339("2025-01-15T09:30:00.75+01:00"),
            Ok(at)
        );
    }

    #[test]
    fn what_aws_tools_write_is_read() {
        let at = Timestamp::from_unix_seconds(1_736_929_800);
        for text in [
            "2025-01-15T08:30:00Z",
            "2025-01-15T08:30:00UTC",
            "2025-01-15T08:30:00+0000",
            "2025-01-15T08:30:00.123456+00:00",
        ] {
            assert_eq!(Timestamp::parse_aws(text), Ok(at), "{text}");
        }
        assert_eq!(Timestamp::parse_aws("UTC"), Err(NotATimestamp));
        let _ = Timestamp::from_unix_seconds(i64::MAX);
    }

    #[test]
    fn hostile_instants_do_not_panic() {
        let far = SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(1 << 60));
        if let Some(far) = far {
            assert_eq!(Timestamp::new(far).to_string(), "9999-12-31T23:59:59Z");
        }
        let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_millis(1500);
        assert_eq!(Timestamp::new(before).unix_seconds(), -2);

        for text in ["00000101T000000", "99991231T235959", "16001231T235959"] {
            let at = Timestamp::parse_compact(text).unwrap();
            assert_eq!(at.compact(), text);
            let _ = (at.to_system_time(), at.to_string(), at.date());
            let _ = (at.plus(Duration::MAX), at.plus(Duration::MIN));
            let _ = at.since(Timestamp::new(SystemTime::now()));
        }
        for text in ["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"] {
            let _ = Timestamp::parse_rfc3339(text);
        }
    }
}
