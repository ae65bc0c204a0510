//! Connections with TLS: the handshake, and the HTTP that is chosen in it.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use super::handshake::{HandshakeFailure, Offer};
use super::{Rejection, Respond, Shared, TLS_HANDSHAKE};
use crate::fault::TlsFault;
use crate::git::Body;
use crate::tls::{FALLBACK_HOST, Flaw};

/// So soon a client that does not accept the certificate has left.
const MOMENT: Duration = Duration::from_secs(1);

/// As much of what a client says first as is looked at, before TLS is: the version that it offers is within.
const BEGINNING: usize = 16;

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
        // Larger readings than this one pass it by.
        let stream = BufReader::with_capacity(BEGINNING, stream);
        let Some((stream, asked_for)) = self.shake_hands(stream, tunnelled).await? else {
            return Ok(());
        };
        let words = self.first_words(stream, asked_for.as_deref(), arrived);
        let Some((stream, arrived)) = words.await? else {
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
            self.serve_http_2(stream, asked_for.as_deref(), arrived, answer)
                .await
        } else {
            self.serve_http_1(stream, true, Some(arrived), answer).await
        }
    }

    /// A connection whose handshake is done, and the host that it is for if no fault has spoilt it; none if there is nothing
    /// more to say.
    async fn shake_hands<S>(
        &self,
        mut stream: BufReader<S>,
        tunnelled: Option<String>,
    ) -> io::Result<Option<(TlsStream<BufReader<S>>, Option<String>)>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let patience = self.limits.head_time;
        let connection = self.connection(true);
        let mut host = tunnelled
            .clone()
            .unwrap_or_else(|| FALLBACK_HOST.to_owned());
        let begun = timeout(patience, async {
            let beginning = stream.fill_buf().await?;
            // Outside a tunnel, who begins with another byte is not taken for a client of TLS.
            if beginning
                .first()
                .is_some_and(|first| *first != TLS_HANDSHAKE)
            {
                return Ok(Err(HandshakeFailure::other_words(&host, beginning)));
            }
            let mut offer = Offer::of_beginning(beginning);
            let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
            Ok(match hello.await {
                Ok(hello) => {
                    offer.complete(&hello.client_hello());
                    Ok((hello, offer))
                }
                Err(error) => Err(HandshakeFailure::of_handshake(&host, &error, &offer)),
            })
        });
        let (hello, offer) = match begun.await {
            Ok(Ok(Ok(begun))) => begun,
            Ok(Ok(Err(failure))) => return self.no_tls(failure),
            Ok(Err(error)) => {
                let offer = Offer::default();
                return self.no_tls(HandshakeFailure::of_handshake(&host, &error, &offer));
            }
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
        // What a client does with a flaw is what it was made to do, and the fault is in the journal.
        let asked_for = flaw.is_none().then(|| named.unwrap_or(host));
        let handshake = hello.into_stream(Arc::new(config));
        let failure = match (timeout(patience, handshake).await, &asked_for) {
            (Ok(Ok(stream)), _) => return Ok(Some((stream, asked_for))),
            (_, None) => return Ok(None),
            (Ok(Err(error)), Some(host)) => HandshakeFailure::of_handshake(host, &error, &offer),
            (Err(_), Some(host)) => HandshakeFailure::slow(host, patience),
        };
        self.no_tls(failure)
    }

    /// Waits until the client says something inside TLS, or leaves: some look at the certificate only now.
    async fn first_words<S>(
        &self,
        mut stream: TlsStream<S>,
        asked_for: Option<&str>,
        arrived: R::Arrival,
    ) -> io::Result<Option<(TlsStream<S>, R::Arrival)>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut arrived = Some(arrived);
        let patience = self.limits.head_time;
        let moment = MOMENT.min(patience);
        let mut heard = timeout(moment, length(&mut stream)).await;
        if heard.is_err() {
            // A connection in reserve is nothing that anybody waits for.
            arrived = None;
            heard = timeout(patience - moment, length(&mut stream)).await;
        }
        let failure = match (heard, asked_for) {
            (Ok(Ok(1..)), _) => {
                let arrived = arrived.unwrap_or_else(|| self.responder.arrives());
                return Ok(Some((stream, arrived)));
            }
            (_, None) => return Ok(None),
            (Err(_), Some(host)) => HandshakeFailure::silent(host, patience),
            (Ok(Ok(_)), Some(host)) => HandshakeFailure::left(host),
            (Ok(Err(error)), Some(host)) => HandshakeFailure::of_first_words(host, &error),
        };
        self.no_tls(failure)
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
        asked_for: Option<&str>,
        arrived: R::Arrival,
        answer: F,
    ) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let (begins, first_request) = oneshot::channel::<()>();
        // Both go with the first request.
        let arrived = Mutex::new(Some((arrived, begins)));
        let service = service_fn(move |request: Request<Incoming>| {
            let arrived = arrived
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            let arrived = arrived.map(|(arrived, _begins)| arrived);
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
        let mut connection = pin!(connection);
        let patience = self.limits.head_time;
        // hyper has no time for a head over HTTP/2.
        let begun = tokio::select! {
            ended = &mut connection => return self.http_2_has_ended(ended),
            begun = timeout(patience, first_request) => begun,
        };
        if begun.is_err() {
            if let Some(host) = asked_for {
                self.no_tls::<()>(HandshakeFailure::silent(host, patience))?;
            }
            connection.as_mut().graceful_shutdown();
            // Its goodbye has a moment: a request that was begun would keep it open for ever.
            let _ = timeout(MOMENT.min(patience), connection).await;
            return Ok(());
        }
        self.http_2_has_ended(connection.await)
    }

    fn http_2_has_ended(&self, ended: hyper::Result<()>) -> io::Result<()> {
        let Err(error) = ended else {
            return Ok(());
        };
        if let Some(rejection) = Rejection::of(&error, &self.limits) {
            let connected = self.connection(true);
            self.responder.rejected(connected, "HTTP/2.0", rejection);
        }
        Err(io::Error::other(error))
    }
}

/// Waits until there is something to read, and how much; nothing at the end. What is there stays.
async fn length<S>(stream: &mut TlsStream<S>) -> io::Result<usize>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.fill_buf().await.map(<[u8]>::len)
}
