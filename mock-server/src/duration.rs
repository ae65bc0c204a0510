//! Spans of time as people write them: `+16m`, `-1h30m`, `10s`, `250ms`.

use time::Duration;

/// The text is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a span of time")]
pub struct NotADuration {
    text: String,
}

impl NotADuration {
    /// What to write instead.
    pub const HELP: &str = "write numbers with a unit each: `+16m`, `-90s`, `1h30m`, `2d`, `250ms`";
}

/// Reads a span of time: an optional sign, then numbers with the unit `d`, `h`, `m`, `s` or `ms` each.
///
/// # Errors
/// There is no number, no unit, or the whole does not fit.
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    let not_a_duration = || NotADuration {
        text: text.to_owned(),
    };
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut milliseconds: i64 = 0;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().map_err(|_| not_a_duration())?;
        let unit = &rest[digits..];
        let (scale, length) = match unit.chars().next() {
            Some('d') => (86_400_000, 1),
            Some('h') => (3_600_000, 1),
            Some('m') if unit.starts_with("ms") => (1, 2),
            Some('m') => (60_000, 1),
            Some('s') => (1_000, 1),
            _ => return Err(not_a_duration()),
        };
        milliseconds = count
            .checked_mul(scale)
            .and_then(|part| milliseconds.checked_add(part))
            .ok_or_else(not_a_duration)?;
        rest = &unit[length..];
        if rest.is_empty() {
            break;
        }
    }
    Ok(Duration::milliseconds(if negative {
        -milliseconds
    } else {
        milliseconds
    }))
}

/// Reads a span of time that cannot run backwards.
///
/// # Errors
/// As [`parse`], and for a negative or empty span.
pub fn parse_positive(text: &str) -> Result<std::time::Duration, NotADuration> {
    let duration = parse(text)?;
    match std::time::Duration::try_from(duration) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(NotADuration {
            text: text.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_units() {
        assert_eq!(parse("+16m"), Ok(Duration::minutes(16)));
        assert_eq!(parse("-90s"), Ok(Duration::seconds(-90)));
        assert_eq!(parse("1h30m"), Ok(Duration::minutes(90)));
        assert_eq!(parse("2d"), Ok(Duration::days(2)));
        assert_eq!(parse("1s250ms"), Ok(Duration::milliseconds(1250)));
        assert_eq!(parse("1m5ms"), Ok(Duration::milliseconds(60_005)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "+",
            "16",
            "m",
            "16 m",
            "1m-2m",
            "1y",
            "16m ",
            "999999999999999d",
            "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse_positive("-1s").is_err());
        assert!(parse_positive("0s").is_err());
    }
}
