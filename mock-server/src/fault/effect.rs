//! What a fault does.

use std::fmt;
use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The connection ends as soon as it is there, or as soon as the client has named the host that is meant.
    Refuse(Ending),
    /// It ends, or falls silent, after so many bytes as they come over the wire, TLS and headers included.
    Cut {
        /// How it ends.
        ending: Ending,
        /// After how many bytes.
        after: u64,
        /// The bytes of which side.
        direction: Direction,
    },
    /// Each answer takes longer by so much, more or less.
    Latency {
        /// By how much.
        latency: Duration,
        /// By up to how much more or less.
        jitter: Duration,
    },
    /// No more bytes than this a second reach the client.
    Bandwidth(u64),
    /// The handshake goes wrong.
    Tls(TlsFault),
    /// The request is answered with this status, and nothing else is looked at.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
        /// The body; a line that says that it is a fault if there is none.
        body: Option<String>,
    },
    /// The answer begins later by so much.
    FirstByte(Duration),
    /// The answer's body ends after so many bytes, as if it were whole.
    Truncate(u64),
    /// The answer's body is not what it should be.
    Corrupt(Corruption),
}

impl Effect {
    /// Whether it always acts on a connection or a handshake, of which no request is known yet.
    pub(super) fn precedes_requests(&self) -> bool {
        match self {
            Self::Refuse(_) | Self::Latency { .. } | Self::Bandwidth(_) | Self::Tls(_) => true,
            Self::Cut { .. }
            | Self::Status { .. }
            | Self::FirstByte(_)
            | Self::Truncate(_)
            | Self::Corrupt(_) => false,
        }
    }

    /// Whether answers with this status have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
    pub(crate) fn is_bodiless(status: u16) -> bool {
        matches!(status, 204 | 205 | 304)
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// With a TCP reset.
    Reset,
    /// In the ordinary way, but too early, and without TLS's farewell.
    Close,
    /// Not at all: nothing comes any more.
    Stall,
}

/// Whose bytes are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The client's.
    Request,
    /// The server's.
    #[default]
    Answer,
}

/// What is wrong with a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TlsFault {
    /// The certificate is another host's.
    WrongHost,
    /// The certificate has ended.
    Expired,
    /// The certificate has not begun.
    NotYetValid,
    /// A CA has signed the certificate that nobody trusts.
    UnknownCa,
    /// The connection ends after the client's first words.
    Cut,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Corruption {
    /// The first pkt-line's length is none.
    PktLine,
    /// The first side-band packet with data goes to a band that does not exist.
    SideBand,
    /// A byte of the pack is another.
    Pack,
}

/// The keys of a `[[fault]]` table, so that what is told can be sent back.
impl Serialize for Effect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = |span: &Duration| format!("{}ms", span.as_millis());
        let mut keys = serializer.serialize_map(None)?;
        match self {
            Self::Refuse(ending) => keys.serialize_entry("refuse", ending)?,
            Self::Cut {
                ending,
                after,
                direction,
            } => {
                let key = match ending {
                    Ending::Reset => "reset",
                    Ending::Close => "close",
                    Ending::Stall => "stall",
                };
                keys.serialize_entry(key, after)?;
                keys.serialize_entry("direction", direction)?;
            }
            Self::Latency { latency, jitter } => {
                keys.serialize_entry("latency", &span(latency))?;
                if !jitter.is_zero() {
                    keys.serialize_entry("jitter", &span(jitter))?;
                }
            }
            Self::Bandwidth(bytes) => keys.serialize_entry("bandwidth", bytes)?,
            Self::Tls(fault) => keys.serialize_entry("tls", fault)?,
            Self::Status {
                status,
                retry_after,
                body,
            } => {
                keys.serialize_entry("status", status)?;
                if let Some(seconds) = retry_after {
                    keys.serialize_entry("retry_after", seconds)?;
                }
                if let Some(body) = body {
                    keys.serialize_entry("body", body)?;
                }
            }
            Self::FirstByte(delay) => keys.serialize_entry("first_byte", &span(delay))?,
            Self::Truncate(bytes) => keys.serialize_entry("truncate", bytes)?,
            Self::Corrupt(corruption) => keys.serialize_entry("corrupt", corruption)?,
        }
        keys.end()
    }
}

/// What the journal says of it.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse(Ending::Reset) => f.write_str("the connection is refused with a reset"),
            Self::Refuse(Ending::Close) => f.write_str("the connection is refused by closing it"),
            Self::Refuse(Ending::Stall) => f.write_str("the connection is never answered"),
            Self::Cut {
                ending,
                after,
                direction,
            } => {
                let ending = match ending {
                    Ending::Reset => "reset",
                    Ending::Close => "close",
                    Ending::Stall => "stall",
                };
                let side = match direction {
                    Direction::Request => "request",
                    Direction::Answer => "answer",
                };
                write!(f, "{ending} after {after} bytes of the {side}")
            }
            Self::Latency { latency, jitter } if jitter.is_zero() => {
                write!(f, "latency {latency:?}")
            }
            Self::Latency { latency, jitter } => {
                write!(f, "latency {latency:?}, jitter {jitter:?}")
            }
            Self::Bandwidth(bytes) => write!(f, "bandwidth {bytes} bytes a second"),
            Self::Tls(fault) => f.write_str(match fault {
                TlsFault::WrongHost => "a certificate for another host",
                TlsFault::Expired => "an expired certificate",
                TlsFault::NotYetValid => "a certificate that is not yet valid",
                TlsFault::UnknownCa => "a certificate of an unknown CA",
                TlsFault::Cut => "the handshake is cut",
            }),
            Self::Status {
                status,
                retry_after: Some(seconds),
                ..
            } => write!(f, "status {status}, Retry-After {seconds}"),
            Self::Status { status, .. } => write!(f, "status {status}"),
            Self::FirstByte(delay) => write!(f, "first byte after {delay:?}"),
            Self::Truncate(bytes) => write!(f, "truncated after {bytes} bytes"),
            Self::Corrupt(Corruption::PktLine) => f.write_str("corrupt pkt-line"),
            Self::Corrupt(Corruption::SideBand) => f.write_str("corrupt side-band"),
            Self::Corrupt(Corruption::Pack) => f.write_str("corrupt pack"),
        }
    }
}
