//! The instants that are signed: UTC, to the second.

use std::fmt;
use std::time::SystemTime;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

const COMPACT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]");

/// An instant in UTC, cut to whole seconds: a SigV4 time stamp carries no fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

/// The text is not a time stamp of the form `20250115T083000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read a time stamp of the form 20250115T083000")]
pub struct NotATimestamp;

impl Timestamp {
    /// The second that `instant` lies in.
    pub fn new(instant: SystemTime) -> Self {
        let exact = OffsetDateTime::from(instant);
        Self(exact.replace_nanosecond(0).unwrap_or(exact))
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
    pub fn to_system_time(self) -> SystemTime {
        self.0.into()
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
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
    }
}
