use std::cmp::Ordering;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// A decimal number of any length, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without zeros in front.
    whole: String,
    /// Without zeros at the end.
    fraction: String,
}

/// The text is not an integer or decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an integer or decimal number")]
pub struct NotADecimal;

/// A point in time, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i128);

/// The text is neither a W3C date nor a number of seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a date of ISO 8601 nor seconds since 1970")]
pub struct NotADate;

/// Reads `203.0.113.0/24`, `2001:db8::/32`, or one address, which is the range of itself.
///
/// Bits of the address behind the prefix are ignored, as the user guide's own `203.0.113.0/16` needs it.
pub fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address)),
        Err(_) => text.parse().ok(),
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !are_digits(whole) || !are_digits(fraction)
        {
            return Err(NotADecimal);
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        Ok(Self {
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || {
            (self.whole.len().cmp(&other.whole.len()))
                .then_with(|| self.whole.cmp(&other.whole))
                .then_with(|| self.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time" ("Date condition operators").
/// Four digits are a year, as W3C has it.
impl FromStr for Instant {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let has_date = text.len() == 4 || text.bytes().skip(1).any(|byte| byte == b'-');
        let instant = if has_date { date(text) } else { epoch(text) };
        instant.map(Self).ok_or(NotADate)
    }
}

fn epoch(text: &str) -> Option<i128> {
    let number: Decimal = text.parse().ok()?;
    let nanoseconds = format!("{:0<9.9}", number.fraction);
    // More digits than these are beyond all time.
    let size: i128 = format!("{:0>1.20}{nanoseconds}", number.whole)
        .parse()
        .ok()?;
    (number.whole.len() <= 20).then_some(if number.negative { -size } else { size })
}

fn date(text: &str) -> Option<i128> {
    if let Some((day, clock)) = text.split_once('T') {
        // W3C lets the seconds be left out: `2013-12-15T12:00Z`.
        let zone = clock.find(['Z', '+', '-'])?;
        let with_seconds = match clock[..zone].matches(':').count() {
            1 => format!("{day}T{}:00{}", &clock[..zone], &clock[zone..]),
            _ => text.to_owned(),
        };
        let instant = OffsetDateTime::parse(&with_seconds, &Rfc3339).ok()?;
        return Some(instant.unix_timestamp_nanos());
    }
    let mut parts = text.split('-');
    let mut part = |length: usize| match parts.next() {
        None => Some(1),
        Some(part) if part.len() == length => part.parse::<u16>().ok(),
        Some(_) => None,
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let instant = date.midnight().assume_offset(UtcOffset::UTC);
    Some(instant.unix_timestamp_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(number("007.50"), number("7.5"));
        assert_eq!(number("-0"), number("0.0"));
        let sorted = [
            "-10",
            "-9.5",
            "0",
            "0.09",
            "0.1",
            "9",
            "10",
            "12345678901234567890.1",
        ];
        for (smaller, greater) in sorted.iter().zip(&sorted[1..]) {
            assert!(number(smaller) < number(greater), "{smaller} < {greater}");
        }
        for text in ["", ".", "-", "1e3", "0x1", "1.2.3", "१"] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
    }

    #[test]
    fn dates_come_in_w3cs_forms_and_as_seconds() {
        let instant = |text: &str| text.parse::<Instant>().unwrap();
        for (text, same) in [
            ("2025", "1735689600"),
            ("2025-01", "1735689600"),
            ("2025-01-15", "1736899200"),
            ("2025-01-15T08:30Z", "1736929800"),
            ("2025-01-15T08:30:00Z", "1736929800.0"),
            ("2025-01-15T09:30:00.5+01:00", "1736929800.5"),
            ("1969-12-31T23:59:59Z", "-1"),
        ] {
            assert_eq!(instant(text), instant(same), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2025-13",
            "2025-02-30",
            "2025-1-1",
            "2025-01-15T08:30:00",
            "2025-01-15-01",
        ] {
            assert_eq!(text.parse::<Instant>(), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn one_address_is_a_range_of_one() {
        let address = "203.0.113.7".parse::<IpAddr>().unwrap();
        assert!(network("203.0.113.7").unwrap().contains(&address));
        assert!(network("203.0.113.0/16").unwrap().contains(&address));
        assert!(!network("203.0.113.8").unwrap().contains(&address));
        assert!(network("203.0.113.0/33").is_none());
        assert!(network("203.0.113.*").is_none());
    }
}
