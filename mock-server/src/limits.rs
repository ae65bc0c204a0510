//! What guards the machine that the laboratory runs on.

use std::time::Duration;

use crate::document::suggestion;
use crate::duration;

/// How much a client may ask of the server, and how long it may take. All times are the system's, whatever the server's
/// clock says: they guard the machine that the laboratory runs on.
///
/// The defaults are far above what Git clients do. A test that wants to see a limit lowers it:
///
/// ```
/// use std::time::Duration;
/// use codecommit_mock::{Limits, MockServer};
///
/// let limits = Limits { head_time: Duration::from_millis(50), ..Limits::default() };
/// let builder = MockServer::builder().limits(limits);
/// ```
///
/// None of them may be zero: a server with such a limit does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The request line and headers of a request, in bytes. More is answered with 431.
    pub head_bytes: usize,
    /// How long a client may take to say its first words: the TLS handshake, and a request's line and headers. Then 408.
    pub head_time: Duration,
    /// How long a client may be silent in the middle of a body (then 408), or not take what it is sent (then the connection
    /// is cut). Git is silent for as long as it compresses.
    pub silence: Duration,
    /// The same for a fetch or push that a git serves while others wait for their turn: it takes no further piece of its
    /// answer, of which one has 256 KiB at most.
    pub crowded_silence: Duration,
    /// A body that is not a pack, unpacked, in bytes: what a fetch wants and has. More is answered with 413.
    pub request_bytes: u64,
    /// How many times as large a gzip body may become when it is unpacked; it is counted from the first 16 MiB on. More is
    /// answered with 413.
    pub gzip_ratio: u64,
    /// How many fetches are served at a time, and how many pushes beside them. Others wait for their turn, in the order in
    /// which they came.
    pub children: usize,
    /// How many of the last exchanges the journal keeps in memory, about 1.5 KiB each. Those that go on come on top.
    pub exchanges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            head_time: Duration::from_secs(30),
            silence: Duration::from_secs(300),
            crowded_silence: Duration::from_secs(10),
            request_bytes: 64 * 1024 * 1024,
            gzip_ratio: 100,
            children: 32,
            exchanges: 100_000,
        }
    }
}

/// What limits take.
const COUNT: &str = "a whole number from 1 to 18446744073709551615";
const SPAN: &str = "a span of time: `500ms`, `30s`, `5m`";

/// A limit cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is no such limit.
    #[error("find a limit `{0}`")]
    Unknown(String),
    /// It does not take this value.
    #[error("set limit `{name}` to `{value}`")]
    Value {
        /// The limit.
        name: String,
        /// What was asked for.
        value: String,
        /// What it takes.
        takes: &'static str,
    },
}

impl LimitError {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown(name) => suggestion(name, Limits::NAMES).unwrap_or_default(),
            Self::Value { takes, .. } => format!("it takes {takes}"),
        }
    }
}

impl Limits {
    /// The names that [`Limits::set`] knows: those of the fields, with dashes.
    pub const NAMES: [&'static str; 8] = [
        "head-bytes",
        "head-time",
        "silence",
        "crowded-silence",
        "request-bytes",
        "gzip-ratio",
        "children",
        "exchanges",
    ];

    /// Sets a limit by its name, as on a command line: `set("head-time", "500ms")`.
    ///
    /// # Errors
    /// [`LimitError`], with what could be written instead.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), LimitError> {
        let refused = |takes| LimitError::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            takes,
        };
        let count = || value.parse().map_err(|_| refused(COUNT));
        // More than a machine has is no limit.
        let size = || count().map(|count: u64| usize::try_from(count).unwrap_or(usize::MAX));
        let span = || duration::parse_positive(value).map_err(|_| refused(SPAN));
        let before = *self;
        match name {
            "head-bytes" => self.head_bytes = size()?,
            "head-time" => self.head_time = span()?,
            "silence" => self.silence = span()?,
            "crowded-silence" => self.crowded_silence = span()?,
            "request-bytes" => self.request_bytes = count()?,
            "gzip-ratio" => self.gzip_ratio = count()?,
            "children" => self.children = size()?,
            "exchanges" => self.exchanges = size()?,
            _ => return Err(LimitError::Unknown(name.to_owned())),
        }
        self.check().inspect_err(|_| *self = before)
    }

    /// Whether a server can keep to them: with a zero among them it would serve nobody.
    pub(crate) fn check(&self) -> Result<(), LimitError> {
        for (name, is_zero, takes) in [
            ("head-bytes", self.head_bytes == 0, COUNT),
            ("head-time", self.head_time.is_zero(), SPAN),
            ("silence", self.silence.is_zero(), SPAN),
            ("crowded-silence", self.crowded_silence.is_zero(), SPAN),
            ("request-bytes", self.request_bytes == 0, COUNT),
            ("gzip-ratio", self.gzip_ratio == 0, COUNT),
            ("children", self.children == 0, COUNT),
            ("exchanges", self.exchanges == 0, COUNT),
        ] {
            if is_zero {
                return Err(LimitError::Value {
                    name: name.to_owned(),
                    value: "0".to_owned(),
                    takes,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_set_by_its_name_and_no_other_changes() {
        for name in Limits::NAMES {
            let mut limits = Limits::default();
            let value = match limits.set(name, "7") {
                Ok(()) => "7",
                Err(_) => "7ms",
            };
            limits.set(name, value).unwrap();
            let differing = format!("{limits:?}")
                .split(", ")
                .zip(format!("{:?}", Limits::default()).split(", "))
                .filter(|(set, default)| set != default)
                .map(|(set, _)| set.replace('_', "-"))
                .collect::<Vec<_>>();
            let [set] = <[String; 1]>::try_from(differing).unwrap();
            assert!(set.contains(&format!("{name}: {value}")), "{set}");
        }
    }

    #[test]
    fn what_cannot_be_set_is_explained() {
        let told = |name: &str, value: &str| {
            let error = Limits::default().set(name, value).unwrap_err();
            format!("{error}; {}", error.hint())
        };
        for (name, value, expected) in [
            (
                "childen",
                "1",
                "find a limit `childen`; did you mean `children`?",
            ),
            (
                "zzz",
                "1",
                "find a limit `zzz`; known here: head-bytes, head-time",
            ),
            (
                "children",
                "0",
                "set limit `children` to `0`; it takes a whole number",
            ),
            (
                "request-bytes",
                "99999999999999999999",
                "set limit `request-bytes` to `99999999999999999999`; it takes a whole number from 1 to 18446744073709551615",
            ),
            (
                "silence",
                "7",
                "set limit `silence` to `7`; it takes a span of time",
            ),
            (
                "head-bytes",
                "64k",
                "set limit `head-bytes` to `64k`; it takes a whole number",
            ),
        ] {
            let told = told(name, value);
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
