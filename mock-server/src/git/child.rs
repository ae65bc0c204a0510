//! Child processes that end with the exchange that started them.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio_util::task::TaskTracker;

use crate::authn::verdict::{Reason, Refusal};

/// How long a child that was told to end may take to remove its temporary files.
const GRACE: Duration = Duration::from_secs(2);

/// As much of a child's standard error as is kept.
const STANDARD_ERROR_LIMIT: u64 = 8 * 1024;

/// The largest advertisement that is put together in memory: about half a million refs.
const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;

/// The children of one server that are being ended; the server waits for them before it goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Children(TaskTracker);

/// A running git, in a process group of its own. Dropped before it has ended, the whole group is told to end.
#[derive(Debug)]
pub(crate) struct GitChild {
    /// Taken when it has ended or is being ended.
    child: Option<Child>,
    children: Children,
}

/// What a git that has ended left behind.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) standard_output: Vec<u8>,
    pub(crate) standard_error: String,
}

/// The pipes to a child.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

impl Children {
    /// Starts a git command on a repository.
    pub(crate) fn spawn(
        &self,
        mut command: Command,
        repository: &Path,
    ) -> Result<GitChild, Refusal> {
        command
            .arg(repository)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        group::lead(&mut command);
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| failed(&cause))?;
        Ok(GitChild {
            child: Some(child),
            children: self.clone(),
        })
    }

    /// Waits until every child that was told to end has ended.
    pub(crate) async fn ended(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

impl GitChild {
    /// Its pipes; they can be taken once.
    pub(crate) fn pipes(&mut self) -> Result<Pipes, Refusal> {
        let child = self.child.as_mut().ok_or_else(gone)?;
        Ok(Pipes {
            stdin: child.stdin.take().ok_or_else(gone)?,
            stdout: child.stdout.take().ok_or_else(gone)?,
            stderr: child.stderr.take().ok_or_else(gone)?,
        })
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus, Refusal> {
        let status = match self.child.as_mut() {
            Some(child) => child.wait().await.map_err(|cause| failed(&cause))?,
            None => return Err(gone()),
        };
        self.child = None;
        Ok(status)
    }

    /// Gives it no input and waits for its whole output.
    pub(crate) async fn output(mut self) -> Result<Output, Refusal> {
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = self.pipes()?;
        drop(stdin);
        let mut standard_output = Vec::new();
        let mut limited = stdout.take(OUTPUT_LIMIT);
        let (read, standard_error) = tokio::join!(
            limited.read_to_end(&mut standard_output),
            read_standard_error(stderr)
        );
        if read.map_err(|cause| failed(&cause))? as u64 == OUTPUT_LIMIT {
            return Err(Refusal::new(
                Reason::GitFailed,
                "the advertisement is larger than 64 MiB",
            ));
        }
        Ok(Output {
            status: self.wait().await?,
            standard_output,
            standard_error,
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
        let Some(mut child) = self.child.take() else {
            return;
        };
        // Told to end rather than killed: git then removes its lock files and the quarantine of a push.
        group::end(&child);
        if tokio::runtime::Handle::try_current().is_ok() {
            self.children.0.spawn(async move {
                if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                    group::kill(&child);
                    // Reaped here; that it cannot be waited for twice is of no interest.
                    let _ = child.kill().await;
                }
            });
        }
    }
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
