//! One stateless request to a local git, streamed both ways.

use std::io;

use hyper::body::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;

use super::body::{Body, full};
use super::child::{GitChild, Pipes, read_standard_error};
use super::kept_packs::Draft;
use super::request_body::RequestBody;
use super::side_band::Progress;
use super::streamed::{AbortOnDrop, Client, Pieces, streamed};
use crate::authn::verdict::{Reason, Refusal};

/// How many pieces of a child's output wait for a slow client.
const PIECES_WAITING: usize = 4;

/// How a child's output gets to the client.
pub(super) struct Relay {
    /// What becomes of git's progress.
    pub(super) progress: Progress,
    /// Set if the answer may be kept.
    pub(super) draft: Option<Draft>,
    /// Who takes the answer.
    pub(super) client: Client,
}

impl Relay {
    /// Passes the request's body to the child and gives its output back as a body. Waits for the first output, so that a git
    /// that fails without a word gets a status that says so. If the client goes away the child is ended.
    pub(super) async fn run(
        self,
        mut child: GitChild,
        pipes: Pipes,
        request: RequestBody,
    ) -> Result<Body, Refusal> {
        let Self {
            mut progress,
            mut draft,
            client,
        } = self;
        let (broken, mut request_broke) = mpsc::channel(1);
        let pump = AbortOnDrop::spawn(pump(request, pipes.stdin, broken));
        let standard_error = tokio::spawn(read_standard_error(pipes.stderr));

        let first = tokio::select! {
            biased;
            Some(refusal) = request_broke.recv() => {
                // Answered only when the client has said the rest: one that still speaks may not hear the answer.
                pump.ended().await;
                return Err(refusal);
            }
            read = child.read() => read.map_err(|cause| broken_pipe(&cause))?,
        };
        if first.is_empty() {
            let status = child.wait().await?;
            if !status.success() {
                let said = standard_error.await.unwrap_or_default();
                return Err(failure(&said));
            }
            return Ok(full(first));
        }

        let answer = |pieces: Pieces| async move {
            // Owned here so that it lives, and ends, with the answer.
            let _pump = pump;
            let mut piece = Ok(first);
            loop {
                let is_last = piece.is_err();
                let dressed = match piece {
                    Ok(piece) => progress.dress(piece).into_iter().map(Ok).collect(),
                    Err(cause) => vec![Err(cause)],
                };
                for piece in dressed {
                    draft = match (draft, &piece) {
                        (Some(draft), Ok(piece)) => draft.with(piece).await,
                        _ => None,
                    };
                    // Without a client the child is dropped here, which ends it.
                    let Some(room) = pieces.room().await else {
                        return;
                    };
                    room.send(piece);
                }
                if is_last {
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
            let status = child.wait().await.ok();
            let rest = progress.finish();
            if status.is_some_and(|status| status.success())
                && let Some(draft) = draft
                && let Some(draft) = draft.with(&rest).await
            {
                draft.keep().await;
            }
            if let Some(room) = pieces.room().await {
                room.send(Ok(rest));
            }
        };
        Ok(streamed(PIECES_WAITING, None, client, answer))
    }
}

/// Moves the request's body into the child. What is wrong with it is sent to `broken`, before the pipe is closed: then what
/// git says of a cut request is not taken for its answer.
async fn pump(mut request: RequestBody, mut stdin: ChildStdin, broken: mpsc::Sender<Refusal>) {
    let mut child_listens = true;
    loop {
        match request.next().await {
            // A git that has read enough closes its end; the rest of the request is read and dropped.
            Ok(Some(piece)) => {
                child_listens = child_listens && stdin.write_all(&piece).await.is_ok()
            }
            Ok(None) => return,
            Err(refusal) => {
                // Nobody listening means that the exchange is over anyway.
                let _ = broken.send(refusal).await;
                drop(stdin);
                return request.discard().await;
            }
        }
    }
}

/// What git says of a request that it cannot read (`upload-pack.c`, `serve.c` and `list-objects-filter-options.c` of git
/// 2.32 to 2.47). Everything else is about the repository or the machine.
const REQUESTS_FAULT: [&str; 16] = [
    "protocol error",
    "hung up unexpectedly",
    "bad line length",
    "expected SHA1 object, got",
    "invalid shallow line",
    "Invalid deepen",
    "deepen and deepen-since (or deepen-not) cannot be used together",
    "ambiguous deepen-not",
    "filtering capability not negotiated",
    "invalid filter-spec",
    "unknown capability",
    "invalid command",
    "no command requested",
    "after already requesting command",
    "unexpected line",
    "mismatched object format",
];

/// Whose fault it is that git ended without an answer. Its words have been the same for many versions; they are not passed
/// on, because they need not stay so.
fn failure(said: &str) -> Refusal {
    if REQUESTS_FAULT.iter().any(|words| said.contains(words)) {
        Refusal::new(
            Reason::RequestMalformed,
            "the body is not a request that upload-pack can read",
        )
    } else {
        Refusal::new(Reason::GitFailed, format!("git said: {said}"))
    }
}

fn broken_pipe(cause: &io::Error) -> Refusal {
    Refusal::new(
        Reason::GitFailed,
        format!("the local git's output cannot be read: {cause}"),
    )
}
