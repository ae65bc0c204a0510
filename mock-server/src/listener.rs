//! One loopback port: TLS, or HTTP with `CONNECT`, told apart by the first byte.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use codecommit_helper::endpoint::without_port;

use crate::git::{Body, full};
use crate::tls::{CertificateAuthority, FALLBACK_HOST};

/// A TLS record that begins a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a client may take to say its first words: the TLS handshake, or a request's headers.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Counted from one.
    pub(crate) number: u64,
    /// Whether TLS lies around it.
    pub(crate) encrypted: bool,
    /// Where it comes from.
    pub(crate) peer: IpAddr,
}

/// What answers requests; the listener knows nothing else of it.
pub(crate) trait Respond: Send + Sync + 'static {
    /// Answers a request.
    fn respond(
        &self,
        connection: Connection,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Body>> + Send;

    /// The answer to a `CONNECT` that may not open a tunnel to `authority`; none if it may.
    fn turn_away(
        &self,
        connection: Connection,
        request: &Request<Incoming>,
        authority: &str,
    ) -> Option<Response<Body>>;
}

/// Accepts connections until `shutdown` is sent or its sender dropped; then cuts those that are open.
pub(crate) async fn serve<R: Respond>(
    listener: TcpListener,
    authority: Arc<CertificateAuthority>,
    responder: Arc<R>,
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
            number,
            peer,
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
    number: u64,
    peer: IpAddr,
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self {
            authority: Arc::clone(&self.authority),
            responder: Arc::clone(&self.responder),
            number: self.number,
            peer: self.peer,
        }
    }
}

impl<R: Respond> Shared<R> {
    async fn accept(self, stream: TcpStream) -> io::Result<()> {
        // Small answers must not wait for a full segment.
        stream.set_nodelay(true)?;
        let mut first = [0];
        let read = tokio::time::timeout(PATIENCE, stream.peek(&mut first)).await??;
        if read == 0 {
            Ok(())
        } else if first[0] == TLS_HANDSHAKE {
            self.serve_tls(stream, FALLBACK_HOST).await
        } else {
            self.serve_plain(stream).await
        }
    }

    /// HTTP without TLS: `CONNECT`, and what the responder says to everything else.
    async fn serve_plain(self, stream: TcpStream) -> io::Result<()> {
        // The tunnel is served as part of this connection, so that it ends with it.
        let (opened, mut tunnels) = tokio::sync::mpsc::channel(1);
        let shared = self.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (shared, opened) = (shared.clone(), opened.clone());
            async move {
                let connection = shared.connection(false);
                if request.method() != Method::CONNECT {
                    return Ok::<_, Infallible>(
                        shared.responder.respond(connection, request).await,
                    );
                }
                let target = request
                    .uri()
                    .authority()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                if let Some(refused) = shared.responder.turn_away(connection, &request, &target) {
                    return Ok(refused);
                }
                // The only receiver is the connection itself; if it is gone there is nobody to serve.
                let _ = opened.send((hyper::upgrade::on(request), target)).await;
                Ok(Response::new(full("")))
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        connection.await.map_err(io::Error::other)?;
        if let Ok((upgrade, target)) = tunnels.try_recv() {
            let stream = upgrade.await.map_err(io::Error::other)?;
            let host = without_port(&target).to_ascii_lowercase();
            self.serve_tls(TokioIo::new(stream), &host).await?;
        }
        Ok(())
    }

    async fn serve_tls<S>(self, stream: S, fallback_host: &str) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let config = self
            .authority
            .server_config(fallback_host, None)
            .map_err(io::Error::other)?;
        let handshake = TlsAcceptor::from(Arc::new(config)).accept(stream);
        let stream = tokio::time::timeout(PATIENCE, handshake).await??;
        let connection = self.connection(true);
        let service = service_fn(move |request: Request<Incoming>| {
            let shared = self.clone();
            async move { Ok::<_, Infallible>(shared.responder.respond(connection, request).await) }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE);
        builder.http2().timer(TokioTimer::new());
        builder
            .serve_connection(TokioIo::new(stream), service)
            .await
            .map_err(io::Error::other)
    }

    fn connection(&self, encrypted: bool) -> Connection {
        Connection {
            number: self.number,
            peer: self.peer,
            encrypted,
        }
    }
}
