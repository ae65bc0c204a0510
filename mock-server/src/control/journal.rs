//! The journal as it is asked for: from a number on, and with a time to wait.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::json;

use super::answer::Problem;
use super::{Control, Outcome};

/// As long as a request for the journal may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Control {
    /// Tells what came after a number, at once or when there is some.
    pub(super) async fn read_journal(&self, query: &str) -> Outcome {
        let (mut since, mut wait) = (0, Duration::ZERO);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let wrong = || {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    format!("`{pair}` means nothing here"),
                )
                .with_help(
                    "`since` is a number of an exchange, `wait` a number of seconds up to 60",
                )
            };
            let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
            match key {
                "since" => since = value.parse().map_err(|_| wrong())?,
                "wait" => {
                    wait =
                        Duration::from_secs(value.parse().map_err(|_| wrong())?).min(LONGEST_WAIT)
                }
                _ => return Err(wrong()),
            }
        }
        let mark = self.journal.mark();
        if since > mark {
            let message = format!("no exchange has the number {since}: the last one is {mark}");
            return Err(Problem::new(StatusCode::BAD_REQUEST, message).with_help(
                "`next` of another run means nothing in this one: begin with `since=0`",
            ));
        }
        if !wait.is_zero() {
            let journal = self.journal.clone();
            // Who waits blocks a thread of its own, and no request.
            let waited = tokio::task::spawn_blocking(move || journal.wait_beyond(since, wait));
            let _ = waited.await;
        }
        let exchanges = self.journal.since(since);
        // As of before it was read, where nothing was found: something may have come since.
        let next = exchanges
            .last()
            .map_or(mark as u64, |exchange| exchange.number);
        let mut told = json!({ "exchanges": exchanges, "next": next });
        let dropped = self.journal.dropped();
        if dropped > since {
            told["dropped"] = dropped.into();
        }
        Ok((StatusCode::OK, told))
    }
}
