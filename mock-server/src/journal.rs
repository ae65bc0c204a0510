//! Every exchange, with its verdict and decision. Holds no secret: user names and passwords never get in.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codecommit_helper::timestamp::Timestamp;
use serde::{Serialize, Serializer};

use crate::authn::verdict::{Refusal, Verdict};
use crate::authz::Decision;
use crate::reported::ReportedRefusal;

/// The exchanges of one server, in the order in which they began. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    exchanges: Vec<Exchange>,
    in_flight: usize,
    /// How many of the first are not told any more.
    forgotten: usize,
    /// The places of those that have ended, in the order in which they did.
    ended: Vec<usize>,
    /// Whether the server is gone, so that no exchange will come any more.
    closed: bool,
}

/// The exchanges of a journal as they end: see [`Journal::watch`].
#[derive(Clone, Debug)]
pub struct Watch {
    journal: Journal,
    next: usize,
}

/// One request and its answer. Where a fault is met before there is a request, or TLS comes to none, its method is `TCP` or
/// `TLS`, and there is no path.
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

impl Journal {
    /// Where the journal is now: pass it to [`Journal::since`] later.
    pub fn mark(&self) -> usize {
        self.lock().exchanges.len()
    }

    /// The exchanges that began after the mark.
    pub fn since(&self, mark: usize) -> Vec<Exchange> {
        let state = self.lock();
        state
            .exchanges
            .get(mark.max(state.forgotten)..)
            .unwrap_or_default()
            .to_vec()
    }

    /// Forgets what has been: it is not told any more, and the numbers go on.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.forgotten = state.exchanges.len();
    }

    /// Waits until there is an exchange beyond the mark that is not forgotten, and all have ended; `false` if that was not so after `timeout`. Who
    /// asks may be a request itself, so those that only arrive do not count.
    pub(crate) fn wait_beyond(&self, mark: usize, timeout: Duration) -> bool {
        let waiting = |state: &mut State| {
            let count = state.exchanges.len();
            !state.closed && (count <= mark.max(state.forgotten) || state.ended.len() < count)
        };
        let (state, waited) = self
            .0
            .ended
            .wait_timeout_while(self.lock(), timeout, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        !waited.timed_out()
    }

    /// All exchanges.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.since(0)
    }

    /// Waits until no exchange is in flight, so that what a finished client did is written down to its end.
    /// `false` if one still was after `timeout`.
    pub fn settle(&self, timeout: Duration) -> bool {
        let (state, _) = self
            .0
            .ended
            .wait_timeout_while(self.lock(), timeout, |state| state.in_flight > 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.in_flight == 0
    }

    /// Every exchange, from the first on, as soon as it has ended. Waits for the next one, until the server is dropped.
    pub fn watch(&self) -> Watch {
        Watch {
            journal: self.clone(),
            next: 0,
        }
    }

    /// Writes down a fault that no request was there for.
    pub(crate) fn fault(&self, opening: Opening, fault: String, verdict: Refusal) {
        self.begin(opening).note(|exchange| {
            exchange.faults.push(fault);
            exchange.verdict = Some(verdict.into());
        });
    }

    /// No exchange will come any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.0.ended.notify_all();
    }

    /// Opens an exchange; it ends when the last clone of the returned handle is dropped or [`Recording::finish`] is called.
    pub(crate) fn begin(&self, opening: Opening) -> Recording {
        let mut state = self.lock();
        let index = state.exchanges.len();
        state.in_flight += 1;
        state.exchanges.push(Exchange {
            number: index as u64 + 1,
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
            request_bytes: 0,
            response_bytes: 0,
            duration: Duration::ZERO,
            child: None,
            complete: false,
            faults: Vec::new(),
        });
        drop(state);
        Recording(Arc::new(Entry {
            journal: self.clone(),
            index,
            began: Instant::now(),
            ended: Mutex::new(false),
        }))
    }

    /// An exchange is about to begin, or never will: [`Journal::settle`] waits until it has, or until this is dropped.
    pub(crate) fn expect(&self) -> Arrival {
        self.lock().in_flight += 1;
        Arrival(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Iterator for Watch {
    type Item = Exchange;

    fn next(&mut self) -> Option<Exchange> {
        let waiting = |state: &mut State| state.ended.len() <= self.next && !state.closed;
        let state = self
            .journal
            .0
            .ended
            .wait_while(self.journal.lock(), waiting)
            .unwrap_or_else(PoisonError::into_inner);
        let at = *state.ended.get(self.next)?;
        let exchange = state.exchanges.get(at)?.clone();
        drop(state);
        self.next += 1;
        Some(exchange)
    }
}

/// A request of which the first bytes have come.
#[derive(Debug)]
pub(crate) struct Arrival(Journal);

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.0.ended.notify_all();
    }
}

/// A handle on an exchange that is going on. Clones write to the same exchange.
#[derive(Clone, Debug)]
pub(crate) struct Recording(Arc<Entry>);

#[derive(Debug)]
struct Entry {
    journal: Journal,
    index: usize,
    began: Instant,
    ended: Mutex<bool>,
}

impl Recording {
    /// Writes to the exchange.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.0.journal.lock().exchanges.get_mut(self.0.index) {
            write(exchange);
        }
    }

    /// The answer was sent to its end.
    pub(crate) fn finish(&self) {
        self.0.end(true);
    }
}

impl Entry {
    fn end(&self, complete: bool) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *ended, true) {
            return;
        }
        let mut state = self.journal.lock();
        state.in_flight -= 1;
        state.ended.push(self.index);
        if let Some(exchange) = state.exchanges.get_mut(self.index) {
            exchange.duration = self.began.elapsed();
            exchange.complete = complete;
        }
        drop(state);
        self.journal.0.ended.notify_all();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.end(false);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn opening() -> Opening {
        Opening {
            at: Timestamp::new(SystemTime::UNIX_EPOCH),
            connection: 1,
            protocol: "HTTP/1.1".to_owned(),
            method: "GET".to_owned(),
            host: "host".to_owned(),
            path: "/".to_owned(),
        }
    }

    #[test]
    fn settle_waits_for_what_is_in_flight() {
        let journal = Journal::default();
        let recording = journal.begin(opening());
        assert!(!journal.settle(Duration::from_millis(1)));
        recording.note(|exchange| exchange.status = Some(200));
        recording.finish();
        assert!(journal.settle(Duration::ZERO));
        assert_eq!(journal.exchanges()[0].status, Some(200));
        assert!(journal.exchanges()[0].complete);
    }

    #[test]
    fn who_watches_is_told_of_each_exchange_when_it_ends_and_of_the_end() {
        let journal = Journal::default();
        let (first, second) = (journal.begin(opening()), journal.begin(opening()));
        let watch = journal.watch();
        let told = std::thread::spawn(move || watch.map(|told| told.number).collect::<Vec<_>>());
        second.finish();
        first.finish();
        drop(journal.begin(opening()));
        journal.close();
        assert_eq!(told.join().unwrap(), [2, 1, 3]);
    }

    #[test]
    fn a_dropped_exchange_has_ended_incomplete() {
        let journal = Journal::default();
        let mark = journal.mark();
        drop(journal.begin(opening()));
        assert!(journal.settle(Duration::ZERO));
        assert!(!journal.since(mark)[0].complete);
    }
}
