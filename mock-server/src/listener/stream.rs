//! What is between hyper and a socket: an eye on the client's patience, and on whether it has said anything.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::git::Body;

/// A stream that is cut when the client takes nothing of what it is sent for too long.
pub(super) struct Patient<S> {
    inner: S,
    patience: Duration,
    /// Runs while the client takes nothing.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(inner: S, patience: Duration) -> Self {
        Self {
            inner,
            patience,
            waiting: None,
        }
    }

    fn wait<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waiting = None;
            return polled;
        }
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        waiting
            .as_mut()
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.wait(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(context, pieces);
        self.wait(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(context);
        self.wait(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(context);
        self.wait(context, polled)
    }
}

/// What a client has begun to say on a connection, before it is a request that something answers. `A` is kept for as long
/// as that lasts.
pub(super) struct Hearing<A>(Arc<Mutex<State<A>>>);

struct State<A> {
    /// What comes now belongs to a request that was handed over.
    in_body: bool,
    /// What comes from now on is no request at all.
    in_tunnel: bool,
    arriving: Option<A>,
}

impl<A> Clone for Hearing<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A> Hearing<A> {
    /// `arriving`, if something was heard already.
    pub(super) fn new(arriving: Option<A>) -> Self {
        Self(Arc::new(Mutex::new(State {
            in_body: false,
            in_tunnel: false,
            arriving,
        })))
    }

    /// A request is there. What was kept for it, and what has to live for as long as its body may come.
    pub(super) fn hand_over(&self, has_body: bool) -> (Option<A>, Option<RestOfRequest<A>>) {
        let mut state = self.lock();
        state.in_body = has_body;
        let rest = has_body.then(|| RestOfRequest(self.clone()));
        (state.arriving.take(), rest)
    }

    /// The connection becomes a tunnel.
    pub(super) fn tunnel(&self) {
        self.lock().in_tunnel = true;
    }

    /// What is kept for a request of which only a beginning was heard.
    pub(super) fn unfinished(&self) -> Option<A> {
        self.lock().arriving.take()
    }

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it lives, what is heard is the body of a request.
pub(super) struct RestOfRequest<A>(Hearing<A>);

impl<A> Drop for RestOfRequest<A> {
    fn drop(&mut self) {
        self.0.lock().in_body = false;
    }
}

/// An answer, and what is left of the request that it is an answer to.
pub(super) struct WithRest<A> {
    pub(super) answer: Body,
    pub(super) _rest: RestOfRequest<A>,
}

impl<A> hyper::body::Body for WithRest<A> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.answer).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.answer.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.answer.size_hint()
    }
}

/// A stream that notes when a request begins to arrive.
pub(super) struct Listening<S, A, F> {
    pub(super) inner: S,
    pub(super) hearing: Hearing<A>,
    /// Makes what is kept.
    pub(super) arrives: F,
}

impl<S: AsyncRead + Unpin, A, F: Fn() -> A + Unpin> AsyncRead for Listening<S, A, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            let mut state = self.hearing.lock();
            if !state.in_body && !state.in_tunnel && state.arriving.is_none() {
                state.arriving = Some((self.arrives)());
            }
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin, A, F: Unpin> AsyncWrite for Listening<S, A, F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
