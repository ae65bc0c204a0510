//! The body of a request, unpacked and counted.

use std::error::Error as _;
use std::io::{self, Write as _};
use std::time::Duration;

use flate2::write::GzDecoder;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::CONTENT_ENCODING;

use super::child::Queue;
use super::patience::Patience;
use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;
use crate::limits::Limits;

/// How much of a gzip body is unpacked at a time: four thousand bytes can hold four million.
const PACKED_PIECE: usize = 4 * 1024;

/// So much may a gzip body become, whatever it was before.
const UNPACKED_FREELY: u64 = 16 * 1024 * 1024;

/// How much of a body, and for how long, is read of a request that is refused.
const DISCARDED: u64 = 64 * 1024 * 1024;
const DISCARDING: Duration = Duration::from_secs(10);

/// So much of a body has to be there, or all of it, before a git is started for it: a client that only promises a body
/// occupies none.
const AWAITED: usize = 64 * 1024;

/// Reads and drops a body that is not wanted. A client that is answered while it still speaks does not always hear the
/// answer: over HTTP/2 curl 7.88 reports a stream error in its place.
pub(crate) async fn discard(incoming: &mut Incoming) {
    let mut left = DISCARDED;
    let all = async {
        while let Some(Ok(frame)) = incoming.frame().await {
            let length = frame.data_ref().map_or(0, |data| data.len() as u64);
            left = left.saturating_sub(length);
            if left == 0 {
                break;
            }
        }
    };
    // A client that takes longer is answered while it speaks.
    let _ = tokio::time::timeout(DISCARDING, all).await;
}

/// The first bytes of a body.
pub(super) struct Beginning {
    pub(super) bytes: Bytes,
    /// Whether there is nothing behind them.
    pub(super) is_whole: bool,
}

/// A request's body as git is to read it.
pub(super) struct RequestBody {
    incoming: Incoming,
    recording: Recording,
    /// Set while a gzip body goes on.
    unpacker: Option<GzDecoder<Vec<u8>>>,
    /// What has come and is not unpacked yet.
    waiting: Bytes,
    /// What was looked at and is to be read again.
    unread: Option<Bytes>,
    limits: Limits,
    patience: Patience,
    /// The client was silent for too long.
    is_given_up: bool,
    received: u64,
    unpacked: u64,
    /// As much as may come of it, unpacked; a pack has no limit of its own here.
    largest: u64,
}

impl RequestBody {
    /// Git packs upload-pack requests of more than 1024 bytes with gzip.
    ///
    /// The body is taken out of `incoming` only if it can be read.
    pub(super) fn new(
        incoming: &mut Option<Incoming>,
        headers: &HeaderMap,
        recording: Recording,
        limits: Limits,
        holds_pack: bool,
    ) -> Result<Self, Refusal> {
        let unpacker = match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => None,
            Some(b"gzip" | b"x-gzip") => Some(GzDecoder::new(Vec::new())),
            Some(_) => return Err(malformed("the body has a content encoding other than gzip")),
        };
        Ok(Self {
            incoming: incoming
                .take()
                .ok_or_else(|| malformed("the body is gone"))?,
            recording,
            unpacker,
            waiting: Bytes::new(),
            unread: None,
            limits,
            patience: Patience::new(&limits),
            is_given_up: false,
            received: 0,
            unpacked: 0,
            largest: if holds_pack {
                u64::MAX
            } else {
                limits.request_bytes
            },
        })
    }

    /// The next piece, never empty; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if let Some(unread) = self.unread.take() {
            return Ok(Some(unread));
        }
        loop {
            if self.waiting.is_empty() && !self.receive().await? {
                let rest = match self.unpacker.take() {
                    None => return Ok(None),
                    Some(unpacker) => unpacker
                        .finish()
                        .map_err(|_| malformed("the gzip body ends too early"))?,
                };
                return Ok((!rest.is_empty()).then(|| Bytes::from(rest)));
            }
            let piece = match &mut self.unpacker {
                None => std::mem::take(&mut self.waiting),
                Some(unpacker) => {
                    let packed = self.waiting.split_to(PACKED_PIECE.min(self.waiting.len()));
                    unpacker
                        .write_all(&packed)
                        .and_then(|()| unpacker.flush())
                        .map_err(|_| malformed("the body is not gzip"))?;
                    Bytes::from(std::mem::take(unpacker.get_mut()))
                }
            };
            if !piece.is_empty() {
                self.measure(piece.len() as u64)?;
                return Ok(Some(piece));
            }
        }
    }

    /// Waits until so much has come that a git may be started for it, and shows that; it stays to be read.
    pub(super) async fn peek(&mut self) -> Result<Beginning, Refusal> {
        let mut seen = Vec::new();
        let mut is_whole = false;
        while seen.len() < AWAITED && !is_whole {
            match self.next().await? {
                Some(piece) => seen.extend_from_slice(&piece),
                None => is_whole = true,
            }
        }
        let bytes = Bytes::from(seen);
        self.unread = (!bytes.is_empty()).then(|| bytes.clone());
        Ok(Beginning { bytes, is_whole })
    }

    /// From now on a client that is silent keeps others waiting.
    pub(super) fn occupies(&mut self, queue: &Queue) {
        self.patience.occupies(queue);
    }

    /// Reads and drops what is left, so that the client has said everything before it is answered.
    pub(super) async fn drain(&mut self) -> Result<(), Refusal> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    /// Reads and drops what is left, whatever it is.
    pub(super) async fn discard(&mut self) {
        // Who was silent for too long is not waited for again.
        if !self.is_given_up {
            discard(&mut self.incoming).await;
        }
    }

    /// Counts what was unpacked.
    fn measure(&mut self, length: u64) -> Result<(), Refusal> {
        self.unpacked += length;
        let ratio = self.limits.gzip_ratio;
        let detail = if self.unpacked > self.largest {
            format!("the body has more than {} bytes", self.largest)
        } else if self.unpacked > self.received.saturating_mul(ratio).max(UNPACKED_FREELY) {
            format!("the gzip body becomes more than {ratio} times as large when it is unpacked")
        } else {
            return Ok(());
        };
        Err(Refusal::new(Reason::BodyTooLarge, detail))
    }

    async fn receive(&mut self) -> Result<bool, Refusal> {
        while let Some(frame) = self.frame().await? {
            // Trailers mean nothing here.
            if let Ok(data) = frame
                .map(Frame::into_data)
                .map_err(|error| malformed(unreadable(&error)))?
                && !data.is_empty()
            {
                self.recording
                    .note(|exchange| exchange.request_bytes += data.len() as u64);
                self.received += data.len() as u64;
                self.waiting = data;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What comes next, if it comes in time.
    async fn frame(&mut self) -> Result<Option<hyper::Result<Frame<Bytes>>>, Refusal> {
        match self.patience.wait(self.incoming.frame()).await {
            Ok(frame) => Ok(frame),
            Err(waited) => {
                self.is_given_up = true;
                let detail = format!("nothing came of the body {waited}");
                Err(Refusal::new(Reason::ClientTooSlow, detail))
            }
        }
    }
}

/// Whether the client went away or said what is no body: hyper tells with the kind of the cause.
fn unreadable(error: &hyper::Error) -> &'static str {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            "the chunks of the body cannot be read"
        }
        _ => "the client cut its request",
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Reason::RequestMalformed, detail)
}
