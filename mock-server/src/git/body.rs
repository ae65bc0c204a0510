use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Frame, SizeHint};

use crate::journal::Recording;

/// The body of every answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Counts what is sent, and ends the exchange when the last byte has been handed over.
pub(crate) fn journaled(inner: Body, recording: Recording) -> Body {
    if inner.is_end_stream() {
        recording.finish();
    }
    Journaled { inner, recording }.boxed_unsync()
}

struct Journaled {
    inner: Body,
    recording: Recording,
}

impl hyper::body::Body for Journaled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let sent = frame.data_ref().map_or(0, |data| data.len() as u64);
                self.recording
                    .note(|exchange| exchange.response_bytes += sent);
                if self.inner.is_end_stream() {
                    self.recording.finish();
                }
            }
            // Written down before the client can see the end, so that whoever waits for the client finds it written.
            Poll::Ready(None) => self.recording.finish(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
