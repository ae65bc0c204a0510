//! Connections with TLS: the handshake, and the HTTP that is chosen in it.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use super::handshake::HandshakeFailure;
use super::{Rejection, Respond, Shared};
use crate::fault::TlsFault;
use crate::git::Body;
use crate::tls::{FALLBACK_HOST, Flaw};

/// The name by which HTTP/2 is chosen in a TLS handshake.
const HTTP_2: &[u8] = b"h2";

impl<R: Respond> Shared<R> {
    /// TLS, for the host of a `CONNECT` if there was one.
    pub(super) async fn serve_tls<S>(self, stream: S, tunnelled: Option<String>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Kept until there is a request, or it is written down why there is none: a client that leaves has left by then.
        let arrived = self.responder.arrives();
        let Some(stream) = self.shake_hands(stream, tunnelled).await? else {
            return Ok(());
        };
        let is_http_2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        let shared = self.clone();
        let answer = move |request: Request<Incoming>| {
            let shared = shared.clone();
            let connection = shared.connection(true);
            async move { shared.responder.respond(connection, request).await }
        };
        if is_http_2 {
            self.serve_http_2(stream, arrived, answer).await
        } else {
            self.serve_http_1(stream, Some(arrived), answer).await
        }
    }

    /// A connection on which the client has begun to say something; none if there is nothing more to say.
    async fn shake_hands<S>(
        &self,
        stream: S,
        tunnelled: Option<String>,
    ) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let patience = self.limits.head_time;
        let connection = self.connection(true);
        let mut host = tunnelled
            .clone()
            .unwrap_or_else(|| FALLBACK_HOST.to_owned());
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let hello = match timeout(patience, hello).await {
            Ok(Ok(hello)) => hello,
            Ok(Err(error)) => return self.no_tls(HandshakeFailure::of_handshake(&host, &error)),
            Err(_) => return self.no_tls(HandshakeFailure::slow(&host, patience)),
        };
        let named = hello.client_hello().server_name().map(str::to_owned);
        if tunnelled.is_none() {
            host = named.clone().unwrap_or(host);
            self.responder.meet(&connection, Some(&host));
        }
        let flaw = match self.responder.handshake(&connection, &host) {
            None => None,
            Some(TlsFault::Cut) => return Ok(None),
            Some(TlsFault::WrongHost) => Some(Flaw::WrongHost),
            Some(TlsFault::Expired) => Some(Flaw::Expired),
            Some(TlsFault::NotYetValid) => Some(Flaw::NotYetValid),
            Some(TlsFault::UnknownCa) => Some(Flaw::UnknownCa),
        };
        let config = self
            .authority
            .server_config(&host, flaw)
            .map_err(io::Error::other)?;
        let asked_for = named.unwrap_or(host);
        let failed = |failure| match flaw {
            None => self.no_tls(failure),
            // The fault is in the journal, and the client does what it was made to do.
            Some(_) => Ok(None),
        };
        let handshake = hello.into_stream(Arc::new(config));
        let mut stream = match timeout(patience, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return failed(HandshakeFailure::of_handshake(&asked_for, &error)),
            Err(_) => return failed(HandshakeFailure::slow(&asked_for, patience)),
        };
        match timeout(patience, stream.fill_buf()).await {
            Ok(Ok([])) => failed(HandshakeFailure::left(&asked_for)),
            Ok(Ok(_)) => Ok(Some(stream)),
            Ok(Err(error)) => failed(HandshakeFailure::of_first_words(&asked_for, &error)),
            // As a connection that is kept open and not used any more.
            Err(_) => Ok(None),
        }
    }

    /// Tells of a failure, unless a fault on the connection has caused it.
    fn no_tls<T>(&self, failure: HandshakeFailure) -> io::Result<Option<T>> {
        if self.wire.has_ended().is_none() {
            self.responder.no_tls(self.connection(true), &failure);
        }
        Ok(None)
    }

    async fn serve_http_2<S, F, A>(
        &self,
        stream: S,
        arrived: R::Arrival,
        answer: F,
    ) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let arrived = Mutex::new(Some(arrived));
        let service = service_fn(move |request: Request<Incoming>| {
            let arrived = arrived
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            let answer = answer(request);
            async move {
                let response = answer.await;
                drop(arrived);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            // Beyond what the pipeline allows, so that it can answer, and write down, what is a little too much.
            .max_header_list_size(
                u32::try_from(self.limits.head_bytes.saturating_mul(4)).unwrap_or(u32::MAX),
            )
            .serve_connection(TokioIo::new(stream), service);
        let Err(error) = connection.await else {
            return Ok(());
        };
        if let Some(rejection) = Rejection::of(&error, &self.limits) {
            let connected = self.connection(true);
            self.responder.rejected(connected, "HTTP/2.0", rejection);
        }
        Err(io::Error::other(error))
    }
}
