//! The body of a request, unpacked and counted.

use std::io::Write as _;

use flate2::write::GzDecoder;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::CONTENT_ENCODING;

use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;

/// How much of a gzip body is unpacked at a time: four thousand bytes can hold four million.
const PACKED_PIECE: usize = 4 * 1024;

/// A request's body as git is to read it.
pub(super) struct RequestBody {
    incoming: Incoming,
    recording: Recording,
    /// Set while a gzip body goes on.
    unpacker: Option<GzDecoder<Vec<u8>>>,
    /// What has come and is not unpacked yet.
    waiting: Bytes,
}

impl RequestBody {
    /// Git packs upload-pack requests of more than 1024 bytes with gzip.
    pub(super) fn new(
        incoming: Incoming,
        headers: &HeaderMap,
        recording: Recording,
    ) -> Result<Self, Refusal> {
        let unpacker = match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => None,
            Some(b"gzip" | b"x-gzip") => Some(GzDecoder::new(Vec::new())),
            Some(_) => return Err(malformed("the body has a content encoding other than gzip")),
        };
        Ok(Self {
            incoming,
            recording,
            unpacker,
            waiting: Bytes::new(),
        })
    }

    /// The next piece, never empty; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
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
                return Ok(Some(piece));
            }
        }
    }

    /// Reads and drops what is left, so that the client has said everything before it is answered.
    pub(super) async fn drain(&mut self) -> Result<(), Refusal> {
        while self.next().await?.is_some() {}
        Ok(())
    }

    async fn receive(&mut self) -> Result<bool, Refusal> {
        while let Some(frame) = self.incoming.frame().await {
            // Trailers mean nothing here.
            if let Ok(data) = frame
                .map(Frame::into_data)
                .map_err(|_| malformed("the client cut its request"))?
                && !data.is_empty()
            {
                self.recording
                    .note(|exchange| exchange.request_bytes += data.len() as u64);
                self.waiting = data;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Reason::RequestMalformed, detail)
}
