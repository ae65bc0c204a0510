//! One stateless request to upload-pack or receive-pack, streamed both ways.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use flate2::write::GzDecoder;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::CONTENT_ENCODING;
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Body;
use super::child::{GitChild, Pipes, read_standard_error};
use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;

/// How many pieces of a child's output wait for a slow client.
const PIECES_WAITING: usize = 4;

/// How much of a gzip body is unpacked at a time: four thousand bytes can hold four million.
const PACKED_PIECE: usize = 4 * 1024;

/// What the client packed its body with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentEncoding {
    Identity,
    /// Git packs upload-pack requests of more than 1024 bytes.
    Gzip,
}

impl ContentEncoding {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => Ok(Self::Identity),
            Some(b"gzip" | b"x-gzip") => Ok(Self::Gzip),
            Some(_) => Err(Refusal::new(
                Reason::RequestMalformed,
                "the body has a content encoding other than gzip",
            )),
        }
    }
}

/// Passes the request's body to the child and gives its output back as a body. Waits for the first output, so that a git
/// that fails without a word gets a status that says so. If the client goes away the child is ended.
pub(super) async fn run(
    mut child: GitChild,
    pipes: Pipes,
    request: Incoming,
    encoding: ContentEncoding,
    recording: &Recording,
) -> Result<Body, Refusal> {
    let (broken, mut request_broke) = mpsc::channel(1);
    let pump = AbortOnDrop(tokio::spawn(pump(
        request,
        encoding,
        pipes.stdin,
        recording.clone(),
        broken,
    )));
    let standard_error = tokio::spawn(read_standard_error(pipes.stderr));
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(PIECES_WAITING);

    let first = tokio::select! {
        biased;
        Some(refusal) = request_broke.recv() => return Err(refusal),
        read = child.read() => read.map_err(|cause| broken_pipe(&cause))?,
    };
    if first.is_empty() {
        let status = child.wait().await?;
        recording.note(|exchange| exchange.child = Some(status.to_string()));
        if !status.success() {
            let said = standard_error.await.unwrap_or_default();
            return Err(Refusal::new(Reason::GitFailed, format!("git said: {said}")));
        }
        return Ok(super::full(first));
    }

    let recording = recording.clone();
    let relay = AbortOnDrop(tokio::spawn(async move {
        // Owned here so that it lives, and ends, with the answer.
        let _pump = pump;
        let mut piece = Ok(first);
        loop {
            let is_last = piece.is_err();
            // The receiver is gone when the client is: then the child is dropped here, which ends it.
            if sender.send(piece).await.is_err() || is_last {
                return;
            }
            piece = tokio::select! {
                biased;
                // The client cannot be told any more: its request has ended in the middle.
                Some(_) = request_broke.recv() => Err(io::ErrorKind::BrokenPipe.into()),
                read = child.read() => read,
            };
            if piece.as_ref().is_ok_and(Bytes::is_empty) {
                break;
            }
        }
        let status = child.wait().await;
        recording.note(|exchange| exchange.child = status.ok().map(|status| status.to_string()));
    }));
    Ok(Answer {
        receiver,
        _relay: relay,
    }
    .boxed_unsync())
}

/// Moves the request's body into the child. What is wrong with it is sent to `broken`.
async fn pump(
    mut request: Incoming,
    encoding: ContentEncoding,
    mut stdin: ChildStdin,
    recording: Recording,
    broken: mpsc::Sender<Refusal>,
) {
    let mut unpacker = match encoding {
        ContentEncoding::Identity => None,
        ContentEncoding::Gzip => Some(GzDecoder::new(Vec::new())),
    };
    let mut child_listens = true;
    while let Some(frame) = request.frame().await {
        let data = match frame.map(Frame::into_data) {
            Ok(Ok(data)) => data,
            // Trailers mean nothing here.
            Ok(Err(_)) => continue,
            Err(_) => return complain(&broken, "the client cut its request").await,
        };
        recording.note(|exchange| exchange.request_bytes += data.len() as u64);
        // Each piece is written before the next is unpacked, so that a small body cannot fill the memory.
        for packed in data.chunks(PACKED_PIECE) {
            let plain = match &mut unpacker {
                None => packed.to_vec(),
                Some(unpacker) => {
                    match unpacker.write_all(packed).and_then(|()| unpacker.flush()) {
                        Ok(()) => std::mem::take(unpacker.get_mut()),
                        Err(_) => return complain(&broken, "the body is not gzip").await,
                    }
                }
            };
            // A git that has read enough closes its end; the rest of the request is read and dropped.
            child_listens = child_listens && stdin.write_all(&plain).await.is_ok();
        }
    }
    if let Some(unpacker) = unpacker {
        match unpacker.finish() {
            Ok(rest) if child_listens => {
                // As above: git may have read enough.
                let _ = stdin.write_all(&rest).await;
            }
            Ok(_) => {}
            Err(_) => return complain(&broken, "the gzip body ends too early").await,
        }
    }
    // Dropping the pipe closes it: the end of the request.
}

/// Tells the other side before the pipe is closed, so that what git says of a cut request is not taken for its answer.
async fn complain(broken: &mpsc::Sender<Refusal>, detail: &str) {
    // Nobody listening means that the exchange is over anyway.
    let _ = broken
        .send(Refusal::new(Reason::RequestMalformed, detail))
        .await;
}

fn broken_pipe(cause: &io::Error) -> Refusal {
    Refusal::new(
        Reason::GitFailed,
        format!("the local git's output cannot be read: {cause}"),
    )
}

/// A child's output as a body. Dropping it ends the relay, and with it the child.
struct Answer {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    _relay: AbortOnDrop,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.receiver
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
