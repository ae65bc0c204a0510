use std::sync::{Mutex, PoisonError};

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use hyper::header::HeaderName;
use subtle::ConstantTimeEq as _;
use time::Duration;

/// How many seconds a token is to last, and does.
pub(super) const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

/// The session tokens of version 2 of the instance metadata service.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Vec<(Secret, Timestamp)>>);

/// More than any test needs; the oldest go first.
const LIMIT: usize = 1_000;

impl Tokens {
    /// Makes a token known for this long.
    pub(super) fn add(&self, token: Secret, now: Timestamp, seconds: u32) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|(_, expires)| now < *expires);
        if tokens.len() == LIMIT {
            tokens.remove(0);
        }
        tokens.push((token, now.plus(Duration::seconds(seconds.into()))));
    }

    /// The tokens that have not expired.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().map(|(token, _)| token.clone()).collect()
    }

    /// Whether the token was issued and has not expired.
    pub(super) fn knows(&self, presented: &[u8], now: Timestamp) -> bool {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().any(|(token, expires)| {
            now < *expires && bool::from(token.expose().as_bytes().ct_eq(presented))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lasts_as_long_as_was_asked_for() {
        let now = Timestamp::parse_compact("20250115T083000").unwrap();
        let tokens = Tokens::default();
        tokens.add(Secret::new("t"), now, 60);
        assert!(tokens.knows(b"t", now.plus(Duration::seconds(59))));
        assert!(!tokens.knows(b"t", now.plus(Duration::seconds(60))));
        assert!(!tokens.knows(b"u", now));
        assert!(!tokens.knows(b"", now));
    }
}
