//! A small body, read to its end: what the APIs and the control interface are sent.

use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use tokio::time::timeout;

/// Why a body has not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// Nothing came of it for so long.
    #[error("nothing came of the body for {0:?}")]
    Silent(Duration),
    /// It was cut off, or is larger than it may be.
    #[error("the body ended early, or has more than {} KiB", .0 / 1024)]
    CutOrTooLarge(usize),
}

/// Reads a body of at most `limit` bytes, from a client that is silent for less than `silence`.
pub(crate) async fn read(
    body: &mut Incoming,
    limit: usize,
    silence: Duration,
) -> Result<Bytes, Unread> {
    let mut body = Limited::new(body, limit);
    let mut whole = Vec::new();
    while let Some(frame) = timeout(silence, body.frame())
        .await
        .map_err(|_| Unread::Silent(silence))?
    {
        let frame = frame.map_err(|_| Unread::CutOrTooLarge(limit))?;
        if let Some(data) = frame.data_ref() {
            whole.extend_from_slice(data);
        }
    }
    Ok(whole.into())
}
