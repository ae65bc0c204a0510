//! Child processes that end with the exchange that started them.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::report::Report;
use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;

/// How long a child may take to end by itself, and again when it was told to.
const GRACE: Duration = Duration::from_secs(2);

/// How much of a child's output is read at a time.
const PIECE: usize = 256 * 1024;

/// As much of its output waits in the pipe while the client is served, where the system lets it.
#[cfg(target_os = "linux")]
const PIPE: usize = 1024 * 1024;

/// As much of a child's standard error as is kept.
const STANDARD_ERROR_LIMIT: u64 = 8 * 1024;

/// The largest advertisement that is put together in memory: about half a million refs.
const OUTPUT_LIMIT: usize = 64 * 1024 * 1024;

/// The children of one server that are being ended; the server waits for them before it goes.
#[derive(Clone, Debug)]
pub(crate) struct Children {
    ending: TaskTracker,
    /// Turns of those that read, and of those that write: a push never waits for fetches, nor a fetch for pushes.
    queues: [Queue; 2],
}

/// Who waits for a turn, in the order of coming.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// Tokio gives them in the order in which they were asked for.
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// A running git, in a process group of its own. Dropped before it has ended, it is brought to its end.
#[derive(Debug)]
pub(crate) struct GitChild {
    /// Taken when it has ended or is being ended.
    running: Option<Running>,
    ending: Ending,
    children: Children,
    /// The exchange that it serves: it is told how the child has ended, and goes on until then.
    recording: Recording,
    /// The references of a push, on which it reports.
    pushed: Vec<String>,
    /// What was read of its whole output.
    said: Vec<u8>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdout: ChildStdout,
    /// Given back when it has ended.
    _turn: OwnedSemaphorePermit,
}

/// How a child whose client has gone away is brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It only reads: it is told to end at once.
    AtOnce,
    /// It writes: it is let finish or fail by itself first, because git removes the quarantine of a push only then. On a
    /// signal it does not, SIGPIPE from a closed standard output included (seen with git 2.47:
    /// `objects/tmp_objdir-incoming-*` stays).
    ByItself,
}

/// What a git that has ended left behind.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) standard_output: Vec<u8>,
    pub(crate) standard_error: String,
}

/// The pipes to a child, less its standard output, which it keeps.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stderr: ChildStderr,
}

impl Children {
    /// So many that read, and so many that write, at a time.
    pub(crate) fn at_most(limit: usize) -> Self {
        let queue = || Queue {
            turns: Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS))),
            waiting: Arc::default(),
        };
        Self {
            ending: TaskTracker::new(),
            queues: [queue(), queue()],
        }
    }

    /// Where those wait that end like this.
    pub(crate) fn queue(&self, ending: Ending) -> &Queue {
        let [reading, writing] = &self.queues;
        match ending {
            Ending::AtOnce => reading,
            Ending::ByItself => writing,
        }
    }

    /// Starts a git command on a repository when it is its turn.
    pub(crate) async fn spawn(
        &self,
        mut command: Command,
        repository: &Path,
        ending: Ending,
        recording: &Recording,
    ) -> Result<(GitChild, Pipes), Refusal> {
        command
            .arg(repository)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let turn = self.queue(ending).turn().await?;
        group::lead(&mut command);
        let mut child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| failed(&cause))?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(gone());
        };
        // A user's share of such pipes has a limit; a small one does as well.
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE);
        let child = GitChild {
            running: Some(Running {
                child,
                stdout,
                _turn: turn,
            }),
            ending,
            children: self.clone(),
            recording: recording.clone(),
            pushed: Vec::new(),
            said: Vec::new(),
        };
        Ok((child, Pipes { stdin, stderr }))
    }

    /// Waits until every child that was told to end has ended.
    pub(crate) async fn ended(&self) {
        self.ending.close();
        self.ending.wait().await;
    }
}

impl Queue {
    /// Whether anybody waits.
    pub(crate) fn is_waited_in(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let turns = Arc::clone(&self.turns);
        if let Ok(turn) = Arc::clone(&turns).try_acquire_owned() {
            return Ok(turn);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A client that goes away while it waits takes its place with it.
        let _place = Place(&self.waiting);
        // Nobody closes it.
        turns.acquire_owned().await.map_err(|_| gone())
    }
}

struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl GitChild {
    /// It pushes to these references: if its client leaves, the journal tells what became of them.
    pub(crate) fn pushes_to(&mut self, references: Vec<String>) {
        self.pushed = references;
    }

    /// Reads some of its output; nothing at its end.
    pub(crate) async fn read(&mut self) -> io::Result<Bytes> {
        let Some(running) = &mut self.running else {
            return Ok(Bytes::new());
        };
        let mut piece = Vec::with_capacity(PIECE);
        running.stdout.read_buf(&mut piece).await?;
        Ok(Bytes::from(piece))
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus, Refusal> {
        let Some(running) = &mut self.running else {
            return Err(gone());
        };
        let status = running.child.wait().await.map_err(|cause| failed(&cause))?;
        self.running = None;
        note_end(&self.recording, status);
        Ok(status)
    }

    /// Waits for its whole output.
    pub(crate) async fn output(mut self, stderr: ChildStderr) -> Result<Output, Refusal> {
        // In a task of its own: a git that is left to end by itself must be able to say what it has to say.
        let standard_error = tokio::spawn(read_standard_error(stderr));
        let read = async {
            loop {
                let piece = self.read().await.map_err(|cause| failed(&cause))?;
                if piece.is_empty() {
                    return Ok(());
                }
                self.said.extend_from_slice(&piece);
                if self.said.len() > OUTPUT_LIMIT {
                    return Err(Refusal::new(
                        Reason::GitFailed,
                        "the advertisement is larger than 64 MiB",
                    ));
                }
            }
        };
        read.await?;
        Ok(Output {
            standard_output: std::mem::take(&mut self.said),
            standard_error: standard_error.await.unwrap_or_default(),
            status: self.wait().await?,
        })
    }
}

/// The beginning of what a child prints on its standard error; the rest is read and dropped so that the child never blocks.
pub(crate) async fn read_standard_error(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    // What cannot be read is not said: the exit status tells that something went wrong.
    let _ = (&mut stderr)
        .take(STANDARD_ERROR_LIMIT)
        .read_to_end(&mut kept)
        .await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).trim().to_owned()
}

impl Drop for GitChild {
    fn drop(&mut self) {
        let Some(Running {
            mut child,
            mut stdout,
            _turn: turn,
        }) = self.running.take()
        else {
            return;
        };
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let ending = self.ending;
        let recording = self.recording.clone();
        let (pushed, mut said) = (
            std::mem::take(&mut self.pushed),
            std::mem::take(&mut self.said),
        );
        self.children.ending.spawn(async move {
            let _turn = turn;
            if ending == Ending::ByItself {
                let by_itself = async {
                    // What it still says is for the journal alone.
                    let left = OUTPUT_LIMIT.saturating_sub(said.len());
                    let _ = (&mut stdout).take(left as u64).read_to_end(&mut said).await;
                    let _ = tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await;
                    child.wait().await
                };
                if let Ok(ended) = tokio::time::timeout(GRACE, by_itself).await {
                    if let Ok(status) = ended {
                        note_end(&recording, status);
                        Report::read(&said, &pushed).note(&recording);
                    }
                    return;
                }
            }
            group::end(&child);
            let ended = match tokio::time::timeout(GRACE, child.wait()).await {
                Ok(ended) => ended,
                Err(_) => {
                    group::kill(&child);
                    // Reaped here; a child that cannot be waited for is gone.
                    child.wait().await
                }
            };
            if let Ok(status) = ended {
                note_end(&recording, status);
            }
        });
    }
}

fn note_end(recording: &Recording, status: ExitStatus) {
    recording.note(|exchange| exchange.child = Some(status.to_string()));
}

fn failed(cause: &io::Error) -> Refusal {
    Refusal::new(
        Reason::GitFailed,
        format!("the local git cannot be run: {cause}"),
    )
}

fn gone() -> Refusal {
    Refusal::new(Reason::GitFailed, "the local git has ended already")
}

/// Process groups: git starts children of its own (pack-objects, index-pack), which have to end with it.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::Child;

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn end(child: &Child) {
        signal(child, Signal::TERM);
    }

    pub(super) fn kill(child: &Child) {
        signal(child, Signal::KILL);
    }

    fn signal(child: &Child, signal: Signal) {
        // No id: it has ended and was reaped, and the number may be somebody else's by now.
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // A group that is gone already is what was wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::Command;

    use tokio::process::Child;

    pub(super) fn lead(_: &mut Command) {}
    /// There is no gentle way: the child is killed when its handle is dropped.
    pub(super) fn end(_: &Child) {}
    pub(super) fn kill(_: &Child) {}
}
