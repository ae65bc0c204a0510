//! One loopback port: TLS, or HTTP with `CONNECT`, told apart by the first byte.

mod encrypted;
mod handshake;
mod rejection;
mod stream;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use codecommit_helper::endpoint::without_port;

pub(crate) use self::handshake::HandshakeFailure;
pub(crate) use self::rejection::Rejection;
use self::stream::{Hearing, Listening, Patient, WithRest};
use crate::fault::wire::{Wire, WireControl};
use crate::fault::{Ending, TlsFault};
use crate::git::{Body, full};
use crate::http_date::dated;
use crate::limits::Limits;
use crate::tls::CertificateAuthority;

/// A TLS record that begins a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// As much of what a client says first as is looked at before it is answered.
const BEGINNING: usize = 128;

/// How a request came in.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    /// Counted from one.
    pub(crate) number: u64,
    /// Whether TLS lies around it.
    pub(crate) encrypted: bool,
    /// Where it comes from.
    pub(crate) peer: IpAddr,
    /// What can be done to it.
    pub(crate) wire: WireControl,
}

/// What answers requests; the listener knows nothing else of it.
pub(crate) trait Respond: Send + Sync + 'static {
    /// Kept while a request arrives, so that who waits for the end of all requests waits for this one, too.
    type Arrival: Send + 'static;

    /// Answers a request.
    fn respond(
        &self,
        connection: Connection,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Body>> + Send;

    /// Whether faults on connections spare the one on which a client begins like this.
    fn spares(&self, beginning: &[u8]) -> bool;

    /// Does to a connection what faults ask for: without a host when it is there, and once more when its host is known.
    fn meet(&self, connection: &Connection, host: Option<&str>);

    /// What is wrong with the handshake for a host.
    fn handshake(&self, connection: &Connection, host: &str) -> Option<TlsFault>;

    /// The answer to a `CONNECT` that may not open a tunnel to `authority`; none if it may.
    fn turn_away(
        &self,
        connection: Connection,
        request: &Request<Incoming>,
        authority: &str,
    ) -> Option<Response<Body>>;

    /// The time for an answer that is not asked of [`Self::respond`].
    fn date(&self) -> Option<HeaderValue>;

    /// A request begins to arrive.
    fn arrives(&self) -> Self::Arrival;

    /// Is told of a client that has come to no request, because of TLS.
    fn no_tls(&self, connection: Connection, failure: &HandshakeFailure);

    /// Is told of a client that has opened a connection and said nothing within `time`.
    fn silent(&self, connection: Connection, time: Duration);

    /// Is told of a request that was answered, or not, before it could be read.
    fn rejected(&self, connection: Connection, protocol: &str, rejection: Rejection);
}

/// Accepts connections until `shutdown` is sent or its sender dropped; then cuts those that are open.
pub(crate) async fn serve<R: Respond>(
    listener: TcpListener,
    authority: Arc<CertificateAuthority>,
    responder: Arc<R>,
    limits: Limits,
    mut shutdown: oneshot::Receiver<()>,
) {
    let counter = AtomicU64::new(0);
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer) = tokio::select! {
            _ = &mut shutdown => break,
            // Finished ones are taken out, so that the set does not grow with every connection there ever was.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => (stream, peer.ip()),
                // Out of file descriptors, say: others may be closed in a moment.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        let number = counter.fetch_add(1, Ordering::Relaxed) + 1;
        let shared = Shared {
            authority: Arc::clone(&authority),
            responder: Arc::clone(&responder),
            limits,
            number,
            peer,
            wire: WireControl::default(),
        };
        // Broken connections are the client's affair: what it asked before that is in the journal.
        connections.spawn(async move {
            let _ = shared.accept(stream).await;
        });
    }
    connections.shutdown().await;
}

struct Shared<R> {
    authority: Arc<CertificateAuthority>,
    responder: Arc<R>,
    limits: Limits,
    number: u64,
    peer: IpAddr,
    wire: WireControl,
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self {
            authority: Arc::clone(&self.authority),
            responder: Arc::clone(&self.responder),
            limits: self.limits,
            number: self.number,
            peer: self.peer,
            wire: self.wire.clone(),
        }
    }
}

impl<R: Respond> Shared<R> {
    async fn accept(self, stream: TcpStream) -> io::Result<()> {
        // Small answers must not wait for a full segment.
        stream.set_nodelay(true)?;
        let mut beginning = [0; BEGINNING];
        let patience = self.limits.head_time;
        let Ok(read) = tokio::time::timeout(patience, stream.peek(&mut beginning)).await else {
            self.responder.silent(self.connection(false), patience);
            return Ok(());
        };
        let read = read?;
        let beginning = &beginning[..read];
        if !self.responder.spares(beginning) {
            self.responder.meet(&self.connection(false), None);
        }
        if let Some(ending) = self.wire.has_ended() {
            // How it is dropped is how it ends.
            let mut wire = Wire::new(stream, self.wire.clone());
            if ending == Ending::Stall {
                // Until the client has enough of it.
                let _ = wire.read(&mut [0]).await;
            }
            return Ok(());
        }
        let stream = Wire::new(stream, self.wire.clone());
        let stream = Patient::new(stream, self.limits.silence);
        match beginning.first() {
            None => Ok(()),
            Some(&TLS_HANDSHAKE) => self.serve_tls(stream, None).await,
            Some(_) => self.serve_plain(stream).await,
        }
    }

    /// HTTP without TLS: `CONNECT`, and what the responder says to everything else.
    async fn serve_plain<S>(self, stream: S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // The tunnel is served as part of this connection, so that it ends with it.
        let (opened, mut tunnels) = tokio::sync::mpsc::channel(1);
        let shared = self.clone();
        let answer = move |request: Request<Incoming>| {
            let (shared, opened) = (shared.clone(), opened.clone());
            async move {
                let connection = shared.connection(false);
                if request.method() != Method::CONNECT {
                    return shared.responder.respond(connection, request).await;
                }
                let target = request
                    .uri()
                    .authority()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let refused = shared
                    .responder
                    .turn_away(connection.clone(), &request, &target);
                if let Some(refused) = refused {
                    return refused;
                }
                let host = without_port(&target).to_ascii_lowercase();
                shared.responder.meet(&connection, Some(&host));
                // The only receiver is the connection itself; if it is gone there is nobody to serve.
                let _ = opened.send((hyper::upgrade::on(request), host)).await;
                dated(Response::new(full("")), shared.responder.date())
            }
        };
        self.serve_http_1(stream, false, None, answer).await?;
        if let Ok((upgrade, host)) = tunnels.try_recv() {
            let stream = upgrade.await.map_err(io::Error::other)?;
            self.serve_tls(TokioIo::new(stream), Some(host)).await?;
        }
        Ok(())
    }

    /// HTTP/1, of which a beginning may have `arrived`.
    async fn serve_http_1<S, F, A>(
        &self,
        stream: S,
        encrypted: bool,
        arrived: Option<R::Arrival>,
        answer: F,
    ) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Fn(Request<Incoming>) -> A,
        A: Future<Output = Response<Body>>,
    {
        let hearing = Hearing::new(arrived);
        let heard = hearing.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (arrived, rest) = heard.hand_over(!request.body().is_end_stream());
            let heard = heard.clone();
            let is_connect = request.method() == Method::CONNECT;
            let answer = answer(request);
            async move {
                let response = answer.await;
                drop(arrived);
                if is_connect && response.status().is_success() {
                    heard.tunnel();
                }
                Ok::<_, Infallible>(match rest {
                    None => response,
                    Some(_rest) => response.map(|answer| WithRest { answer, _rest }.boxed_unsync()),
                })
            }
        });
        let responder = Arc::clone(&self.responder);
        let stream = Listening {
            inner: stream,
            hearing: hearing.clone(),
            arrives: move || responder.arrives(),
        };
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // hyper's is the system's. What it answers by itself, to what it cannot read, has none.
            .auto_date_header(false)
            .header_read_timeout(self.limits.head_time)
            .max_header_size(self.limits.head_bytes)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let Err(error) = (&mut connection).await else {
            return Ok(());
        };
        // A connection that is kept open and not used any more is closed without a word.
        if let Some(rejection) = Rejection::of(&error, &self.limits)
            && let Some(_arrived) = hearing.unfinished()
        {
            let status = rejection.status;
            let connected = self.connection(encrypted);
            self.responder.rejected(connected, "HTTP/1.1", rejection);
            if status == Some(408)
                && let Some(parts) = connection.into_parts()
            {
                let mut stream = parts.io.into_inner();
                let answer = rejection::timed_out(self.responder.date().as_ref());
                stream.write_all(&answer).await?;
                stream.shutdown().await?;
            }
        }
        Err(io::Error::other(error))
    }

    fn connection(&self, encrypted: bool) -> Connection {
        Connection {
            number: self.number,
            peer: self.peer,
            wire: self.wire.clone(),
            encrypted,
        }
    }
}
