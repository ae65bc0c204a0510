//! Commands with an end: each in a process group of its own, with a time limit, its output kept in files.

mod marked;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};
use serde::{Serialize, Serializer};
use tempfile::NamedTempFile;

use crate::stop::Stop;

pub use marked::Marked;

/// What became of a command.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// With this exit status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It was ended, with its whole group, after this time.
    TimedOut(Duration),
    /// It was ended because the run was.
    Stopped,
}

impl Status {
    /// The exit status, if it ended by itself.
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Exited(code) => Some(code),
            Self::Signalled(_) | Self::TimedOut(_) | Self::Stopped => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "{code}"),
            Self::Signalled(signal) => write!(f, "ended by signal {signal}"),
            Self::TimedOut(limit) => write!(f, "no end within {limit:?}"),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Exited(code) => serializer.serialize_i32(*code),
            Self::Signalled(_) | Self::TimedOut(_) | Self::Stopped => serializer.collect_str(self),
        }
    }
}

/// Runs a command to its end, with empty standard input. Its output goes through files in `folder`, not through pipes: a
/// daemon that it leaves behind may hold them open without holding us up.
///
/// Processes that are still there when the command has ended are added to `leftovers`.
///
/// # Errors
/// It cannot be started, or its output not be kept.
pub fn run(
    mut command: Command,
    folder: &Path,
    limit: Duration,
    stop: &Stop,
    leftovers: &mut Leftovers,
) -> io::Result<Output> {
    let stdout = NamedTempFile::new_in(folder)?;
    let stderr = NamedTempFile::new_in(folder)?;
    command
        .stdin(Stdio::null())
        .stdout(stdout.reopen()?)
        .stderr(stderr.reopen()?);
    let mut child = spawn(command)?;
    let status = wait(&mut *child, limit, stop)?;
    leftovers.add(child);
    Ok(Output {
        status,
        stdout: kept(stdout.as_file())?,
        stderr: kept(stderr.as_file())?,
    })
}

/// Half of what is kept of a longer output.
const HALF: u64 = 512 * 1024;

/// The output, or head and tail of a long one.
fn kept(mut file: &File) -> io::Result<String> {
    let mut bytes = Vec::new();
    let length = file.metadata()?.len();
    file.rewind()?;
    if length <= 2 * HALF {
        file.read_to_end(&mut bytes)?;
    } else {
        file.take(HALF).read_to_end(&mut bytes)?;
        let left_out = length - 2 * HALF;
        bytes.extend_from_slice(
            format!("\n[{left_out} bytes of a long output are left out here]\n").as_bytes(),
        );
        file.seek(io::SeekFrom::Start(length - HALF))?;
        file.take(HALF).read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Process groups that outlive the command which started them. Ended on drop.
#[derive(Debug, Default)]
pub struct Leftovers(Vec<Box<dyn ChildWrapper>>);

impl Leftovers {
    /// Keeps the group in mind if anybody is left in it. An empty group is forgotten: its id may be given to others.
    fn add(&mut self, child: Box<dyn ChildWrapper>) {
        if is_populated(&*child) {
            self.0.push(child);
        }
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        for group in &mut self.0 {
            // It may have ended by itself meanwhile.
            let _ = group.start_kill();
        }
    }
}

#[cfg(unix)]
fn spawn(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    CommandWrap::from(command)
        .wrap(process_wrap::std::ProcessGroup::leader())
        .spawn()
}

#[cfg(windows)]
fn spawn(command: Command) -> io::Result<Box<dyn ChildWrapper>> {
    CommandWrap::from(command)
        .wrap(process_wrap::std::JobObject)
        .spawn()
}

fn wait(child: &mut dyn ChildWrapper, limit: Duration, stop: &Stop) -> io::Result<Status> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(ended(status));
        }
        if stop.is_asked() || began.elapsed() >= limit {
            child.start_kill()?;
            child.wait()?;
            return Ok(if stop.is_asked() {
                Status::Stopped
            } else {
                Status::TimedOut(limit)
            });
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

fn ended(status: ExitStatus) -> Status {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Status::Signalled(signal);
    }
    Status::Exited(status.code().unwrap_or(-1))
}

#[cfg(unix)]
fn is_populated(child: &dyn ChildWrapper) -> bool {
    i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}

#[cfg(not(unix))]
fn is_populated(_: &dyn ChildWrapper) -> bool {
    true
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn sh(line: &str, limit: Duration, leftovers: &mut Leftovers) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        run(command, folder.path(), limit, &Stop::default(), leftovers).unwrap()
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn output_and_status_are_kept() {
        let output = sh(
            "echo out; echo err >&2; cat; exit 3",
            LONG,
            &mut Leftovers::default(),
        );
        assert_eq!(output.status, Status::Exited(3));
        assert_eq!((&*output.stdout, &*output.stderr), ("out\n", "err\n"));
    }

    #[test]
    fn of_a_long_output_head_and_tail_are_kept() {
        let line = "echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo last";
        let output = sh(line, LONG, &mut Leftovers::default()).stdout;
        assert!(output.len() < 1_100_000, "{}", output.len());
        assert!(output.starts_with("first\nxxx"));
        assert!(output.contains("[1951435 bytes of a long output are left out here]"));
        assert!(output.ends_with("xxxlast\n"));
    }

    #[test]
    fn a_signal_is_not_a_status() {
        let output = sh("kill -9 $$", LONG, &mut Leftovers::default());
        assert_eq!(output.status, Status::Signalled(9));
        assert_eq!(output.status.code(), None);
    }

    #[test]
    fn a_command_that_hangs_is_ended_with_its_children() {
        let began = Instant::now();
        let output = sh(
            "sleep 60 & sleep 60",
            Duration::from_millis(100),
            &mut Leftovers::default(),
        );
        assert!(matches!(output.status, Status::TimedOut(_)));
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn a_command_is_ended_when_the_run_is() {
        let stop = Stop::default();
        stop.ask(2);
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sleep");
        command.arg("60");
        let output = run(
            command,
            folder.path(),
            LONG,
            &stop,
            &mut Leftovers::default(),
        )
        .unwrap();
        assert_eq!(output.status, Status::Stopped);
    }

    #[test]
    fn a_daemon_left_behind_does_not_hold_us_up_and_is_ended_later() {
        let mut leftovers = Leftovers::default();
        let began = Instant::now();
        let output = sh("sleep 60 & echo $!", LONG, &mut leftovers);
        assert!(began.elapsed() < LONG);
        assert_eq!(leftovers.0.len(), 1);
        drop(leftovers);
        let pid = output.stdout.trim().parse().ok();
        let pid = pid.and_then(rustix::process::Pid::from_raw).unwrap();
        // Gone, or a zombie until its new parent looks after it.
        let state = || {
            std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
                .map_or("gone".to_owned(), |stat| {
                    stat.split(' ').nth(2).unwrap_or("gone").to_owned()
                })
        };
        while cfg!(target_os = "linux") && !["gone", "Z", "X"].contains(&&*state()) {
            assert!(began.elapsed() < LONG);
            thread::sleep(Duration::from_millis(5));
        }
    }
}
