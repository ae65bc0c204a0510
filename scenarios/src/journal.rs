//! The journal of a server as a file: one line of JSON an exchange.

use std::collections::BTreeMap;
use std::fmt;

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An exchange as it is told: from a running server, or read back from a file. What it has beyond this is kept in `more`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Entry {
    /// Counted from one.
    pub number: u64,
    /// When it came, by the server's clock.
    pub at: String,
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
    /// The status that was answered.
    pub status: Option<u16>,
    /// What the checks came to.
    pub verdict: Option<EntryVerdict>,
    /// What the policies said.
    pub decision: Option<EntryDecision>,
    /// What the report of a push says no to, though its request was accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<EntryRefusal>,
    /// The references that a push has changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Bytes of the request's body as they came over the wire.
    pub request_bytes: u64,
    /// Bytes of the answer's body.
    pub response_bytes: u64,
    /// How long it took.
    pub milliseconds: f64,
    /// How the local git ended, if one was started.
    pub child: Option<String>,
    /// Whether the answer was sent to its end.
    pub complete: bool,
    /// What was broken on purpose: a fault of the laboratory, never CodeCommit's behaviour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What else the server wrote down.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// The outcome of an exchange's checks.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EntryVerdict {
    /// `accepted`, or the id of the reason for a refusal.
    pub id: String,
    /// Who it was accepted as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<EntryPrincipal>,
    /// What happened, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The canonical request as the server computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
    /// The string to sign as the server computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
    /// What would have matched instead, likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<EntryHypothesis>,
}

/// Who a request was accepted as.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EntryPrincipal {
    /// The ARN.
    pub arn: String,
    /// The account.
    pub account: String,
    /// What identified it.
    pub credential: String,
}

/// What a client probably did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EntryHypothesis {
    /// Its id.
    pub id: String,
    /// What was done, in a sentence.
    pub explanation: String,
    /// What to do instead.
    pub help: String,
}

/// A no in the report of a push.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EntryRefusal {
    /// Its id.
    pub id: String,
    /// The reference; none, if it is the whole push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What was sent.
    pub words: String,
}

/// What the policies said.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EntryDecision {
    /// Whether it was allowed.
    pub allowed: bool,
    /// The action.
    pub action: String,
    /// The ARN that was asked about.
    pub resource: String,
    /// What decided.
    pub because: String,
    /// The statement, or the layer that lacks one.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// `too-many-references: "Too many reference update commands"`, and before it the reference, if it is one.
impl fmt::Display for EntryRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reference) = &self.reference {
            write!(f, "{reference}: ")?;
        }
        write!(f, "{}: {:?}", self.id, self.words)
    }
}

impl EntryVerdict {
    /// Whether the request was refused.
    pub fn is_refusal(&self) -> bool {
        self.id != "accepted"
    }

    /// Whether it is the challenge that every operation starts with.
    pub fn is_challenge(&self) -> bool {
        self.id == Reason::CredentialsMissing.as_str()
    }
}

impl From<&Exchange> for Entry {
    fn from(exchange: &Exchange) -> Self {
        // By way of the form that a file has, so that both say the same.
        serde_json::to_value(exchange)
            .and_then(serde_json::from_value)
            .unwrap_or_else(|_| Self {
                number: exchange.number,
                method: exchange.method.clone(),
                host: exchange.host.clone(),
                path: exchange.path.clone(),
                status: exchange.status,
                ..Self::default()
            })
    }
}

impl Entry {
    /// Whether the client has asked for something; see [`Exchange::is_request`].
    pub fn is_request(&self) -> bool {
        !matches!(&*self.method, "TCP" | "TLS")
    }

    /// Whether it says no to something, for another reason than that credentials are missing.
    pub fn says_no(&self) -> bool {
        let refused = |verdict: &EntryVerdict| verdict.is_refusal() && !verdict.is_challenge();
        self.verdict.as_ref().is_some_and(refused) || !self.refusals.is_empty()
    }
}

/// A push that was carried out though its client was gone: what looks like nothing at all, and has moved references.
pub fn unheard_push(entry: &Entry) -> Option<String> {
    // Where a fault has cut the connection, that is told.
    let is_unheard = !entry.complete && !entry.changed.is_empty() && entry.faults.is_empty();
    is_unheard.then(|| {
        format!(
            "the client left before it had the answer; the push was carried out: {}",
            entry.changed.join(" ")
        )
    })
}

/// The refusals that tell somebody something: all but the challenges that were answered.
pub fn refusals(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().enumerate().filter_map(|(at, entry)| {
        if entry.says_no() {
            return Some(entry);
        }
        let verdict = entry.verdict.as_ref()?;
        let answered = || {
            entries[at + 1..].iter().any(|later| {
                let challenged = later
                    .verdict
                    .as_ref()
                    .is_some_and(EntryVerdict::is_challenge);
                (&later.host, &later.path) == (&entry.host, &entry.path) && !challenged
            })
        };
        (verdict.is_challenge() && !answered()).then_some(entry)
    })
}

/// A refusal in one line: `403 GET host/path: password-expired: why; help: what to do`.
pub fn in_one_line(entry: &Entry) -> String {
    let Entry {
        method, host, path, ..
    } = entry;
    let answer = match status(entry) {
        Some(status) if method == UNREADABLE => {
            format!("{status} to a request that could not be read")
        }
        Some(status) => format!("{status} {method} {host}{path}"),
        None => format!("{method} {host}"),
    };
    let Some(verdict) = &entry.verdict else {
        return answer;
    };
    if let (false, Some(unheard)) = (entry.says_no(), unheard_push(entry)) {
        return format!("{answer}: {unheard}");
    }
    if let (false, Some(refusal)) = (verdict.is_refusal(), entry.refusals.first()) {
        let line = format!("{answer}: {refusal}");
        return match entry.refusals.len() - 1 {
            0 => line,
            more => format!("{line}; and {more} more"),
        };
    }
    let mut line = format!("{answer}: {}: {}", verdict.id, verdict.detail);
    let likeliest = verdict.hypotheses.first();
    if let Some(hypothesis) = likeliest {
        line.push_str(&format!("; {}", hypothesis.explanation));
    }
    let help = likeliest.map(|hypothesis| &hypothesis.help);
    if let Some(help) = help.or(verdict.help.as_ref()) {
        line.push_str(&format!("; help: {help}"));
    }
    line.replace('\n', " ")
}

/// The method of a request that could not be read, as the endpoint writes it down.
const UNREADABLE: &str = "?";

/// The status that was answered; nothing where there was no request.
pub(crate) fn status(entry: &Entry) -> Option<String> {
    match entry.status {
        Some(status) => Some(status.to_string()),
        None => entry.is_request().then(|| "no answer".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, verdict: &str) -> Entry {
        let text = format!(
            r#"{{"number": 1, "method": "GET", "host": "h", "path": "{path}", "status": 403, "unknown": 1,
                "verdict": {{"id": "{verdict}", "detail": "why", "help": "do", "hypotheses": []}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_challenge_tells_something_only_if_nothing_answered_it() {
        let entries = [
            entry("/a", "credentials-missing"),
            entry("/b", "credentials-missing"),
            entry("/a", "accepted"),
            entry("/a", "password-expired"),
        ];
        let told: Vec<_> = refusals(&entries)
            .map(|entry| (&*entry.path, &*entry.verdict.as_ref().unwrap().id))
            .collect();
        assert_eq!(
            told,
            [("/b", "credentials-missing"), ("/a", "password-expired")]
        );
    }

    #[test]
    fn a_push_that_its_report_refuses_is_told() {
        let mut push = entry("/a", "accepted");
        push.status = Some(200);
        let refusal = |reference: &str| EntryRefusal {
            id: "reference-denied".to_owned(),
            reference: Some(reference.to_owned()),
            words: "no".to_owned(),
        };
        push.refusals = vec![refusal("refs/heads/main")];
        assert_eq!(refusals(std::slice::from_ref(&push)).count(), 1);
        let line = "200 GET h/a: refs/heads/main: reference-denied: \"no\"";
        assert_eq!(in_one_line(&push), line);
        push.refusals.push(refusal("refs/heads/other"));
        assert_eq!(in_one_line(&push), format!("{line}; and 1 more"));
    }

    #[test]
    fn a_push_that_nobody_heard_of_is_told() {
        let mut push = entry("/a", "accepted");
        push.status = None;
        push.changed = vec!["refs/heads/main".to_owned()];
        let told = "no answer GET h/a: the client left before it had the answer; the push was carried out: refs/heads/main";
        assert_eq!(in_one_line(&push), told);
        push.complete = true;
        assert_eq!(unheard_push(&push), None);
    }

    #[test]
    fn a_request_that_could_not_be_read_is_told_in_words() {
        let mut entry = entry("?", "request-malformed");
        (entry.method, entry.host) = ("?".to_owned(), "?".to_owned());
        let line = in_one_line(&entry);
        let told = "403 to a request that could not be read: request-malformed: why";
        assert!(line.starts_with(told), "{line}");
    }

    #[test]
    fn a_connection_that_came_to_no_request_has_no_answer() {
        let mut entry = entry("", "tls-failed");
        (entry.method, entry.status) = ("TLS".to_owned(), None);
        assert_eq!(in_one_line(&entry), "TLS h: tls-failed: why; help: do");
    }

    #[test]
    fn a_refusal_fits_in_one_line() {
        let mut entry = entry("/a", "signature-mismatch");
        assert_eq!(
            in_one_line(&entry),
            "403 GET h/a: signature-mismatch: why; help: do"
        );
        entry.verdict.as_mut().unwrap().hypotheses = vec![EntryHypothesis {
            id: "other-region".to_owned(),
            explanation: "signed for us-east-1".to_owned(),
            help: "sign for us-east-2".to_owned(),
        }];
        assert_eq!(
            in_one_line(&entry),
            "403 GET h/a: signature-mismatch: why; signed for us-east-1; help: sign for us-east-2"
        );
    }
}
