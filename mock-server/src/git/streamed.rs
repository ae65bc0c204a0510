//! A body that a task makes while the client takes it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Admitted;
use super::body::Body;
use super::patience::Patience;
use crate::authn::verdict::{Reason, Refusal};
use crate::fault::Ending;
use crate::fault::wire::WireControl;
use crate::journal::Recording;

/// Who takes a body.
pub(super) struct Client {
    pub(super) patience: Patience,
    pub(super) recording: Recording,
    pub(super) wire: WireControl,
}

impl Client {
    pub(super) fn of(admitted: &Admitted<'_>, patience: Patience) -> Self {
        Self {
            patience,
            recording: admitted.recording.clone(),
            wire: admitted.wire.clone(),
        }
    }
}

/// Where the task puts the pieces.
pub(super) struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    client: Client,
    gave_up: Arc<AtomicBool>,
}

/// A body of what `task` sends, `length` bytes in all if that is known. It ends with the task, and dropping it ends the task.
/// `waiting` pieces wait for a client that is slow, and for so long as there is patience with it; then it is hung up on.
pub(super) fn streamed<T>(
    waiting: usize,
    length: Option<u64>,
    client: Client,
    task: impl FnOnce(Pieces) -> T,
) -> Body
where
    T: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(waiting);
    let gave_up = Arc::new(AtomicBool::new(false));
    let pieces = Pieces {
        sender,
        client,
        gave_up: Arc::clone(&gave_up),
    };
    Streamed {
        receiver,
        left: length,
        gave_up,
        _task: AbortOnDrop::spawn(task(pieces)),
    }
    .boxed_unsync()
}

impl Pieces {
    /// Waits until there is room for one more; none if the client is gone, or there is no patience with it any more. Over HTTP/2
    /// a client can stay and take nothing.
    pub(super) async fn room(&self) -> Option<mpsc::Permit<'_, io::Result<Bytes>>> {
        let Client {
            patience,
            recording,
            wire,
        } = &self.client;
        match patience.wait(self.sender.reserve()).await {
            Ok(room) => room.ok(),
            Err(waited) => {
                let detail = format!("the client took nothing of the answer {waited}");
                let refusal = Refusal::new(Reason::ClientTooSlow, detail);
                recording.note(|exchange| exchange.verdict = Some(refusal.into()));
                self.gave_up.store(true, Ordering::Release);
                // Nothing else ends the exchange: what waits to be taken is asked for by nobody.
                wire.end(Ending::Close);
                None
            }
        }
    }
}

struct Streamed {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    left: Option<u64>,
    /// The answer ends before it is whole.
    gave_up: Arc<AtomicBool>,
    _task: AbortOnDrop,
}

impl hyper::body::Body for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = match ready!(self.receiver.poll_recv(context)) {
            None if self.gave_up.load(Ordering::Acquire) => {
                Some(Err(io::ErrorKind::TimedOut.into()))
            }
            None if self.left.is_some_and(|left| left > 0) => {
                Some(Err(io::ErrorKind::UnexpectedEof.into()))
            }
            piece => piece,
        };
        if let (Some(left), Some(Ok(piece))) = (&mut self.left, &piece) {
            *left = left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

/// A task that nobody needs longer than this.
pub(super) struct AbortOnDrop(JoinHandle<()>);

impl AbortOnDrop {
    pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }

    /// Waits for the task to come to its own end.
    pub(super) async fn ended(mut self) {
        // A panic over there has been printed already.
        let _ = (&mut self.0).await;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
