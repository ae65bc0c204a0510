//! One exchange, as it is told.

use std::time::Duration;

use codecommit_helper::timestamp::Timestamp;
use serde::{Serialize, Serializer};

use crate::authn::verdict::Verdict;
use crate::authz::Decision;
use crate::reported::ReportedRefusal;

/// One request and its answer. Where a fault is met before there is a request, TLS comes to none, or a client says nothing, its
/// method is `TCP` or `TLS`, and there is no path.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// Counted from one, in the order in which requests came.
    pub number: u64,
    /// When it came, by the server's clock.
    #[serde(serialize_with = "display")]
    pub at: Timestamp,
    /// The connection it came on, counted from one.
    pub connection: u64,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub protocol: String,
    /// The method.
    pub method: String,
    /// The host that was asked for.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// The status that was answered; none yet, or none because the client went away first.
    pub status: Option<u16>,
    /// What the checks came to.
    pub verdict: Option<Verdict>,
    /// What the policies said, if they were asked.
    pub decision: Option<Decision>,
    /// What the report of a push says no to, though its request was accepted and answered with a 200.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<ReportedRefusal>,
    /// The references that a push has changed, also where its client left before it was told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Bytes of the request's body as they came over the wire.
    pub request_bytes: u64,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
    /// How long it took.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// How the local git ended, if one was started.
    pub child: Option<String>,
    /// Whether the answer was sent to its end.
    pub complete: bool,
    /// What was broken on purpose: a fault of the laboratory, never CodeCommit's behaviour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

impl Exchange {
    /// Whether the client has asked for something.
    pub fn is_request(&self) -> bool {
        !matches!(&*self.method, "TCP" | "TLS")
    }
}

fn display<T: ToString, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1000.0)
}

/// What is known of an exchange when it begins.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) at: Timestamp,
    pub(crate) connection: u64,
    pub(crate) protocol: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
}

impl Opening {
    /// Of a connection or handshake that a fault has met before there was a request.
    pub(crate) fn of_connection(
        at: Timestamp,
        connection: u64,
        layer: &str,
        host: Option<&str>,
    ) -> Self {
        Self {
            at,
            connection,
            protocol: layer.to_owned(),
            method: layer.to_owned(),
            // Where the client has not said whom it means, that is where it came.
            host: host.unwrap_or("127.0.0.1").to_owned(),
            path: String::new(),
        }
    }
}

impl Exchange {
    pub(super) fn begun(number: u64, opening: Opening) -> Self {
        Self {
            number,
            at: opening.at,
            connection: opening.connection,
            protocol: opening.protocol,
            method: opening.method,
            host: opening.host,
            path: opening.path,
            status: None,
            verdict: None,
            decision: None,
            refusals: Vec::new(),
            changed: Vec::new(),
            request_bytes: 0,
            response_bytes: 0,
            duration: Duration::ZERO,
            child: None,
            complete: false,
            faults: Vec::new(),
        }
    }
}
