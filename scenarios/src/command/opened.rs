//! A command of the user's own in a sandbox, with its server alive.

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;
#[cfg(unix)]
use std::time::Instant;

use super::Failure;
use super::exec::{code, wait};
use super::following::{Following, tell_refusal};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use crate::stop::Stop;

/// How long the server may take to write down the end of what the command began.
const SETTLE: Duration = Duration::from_secs(2);

/// How long a shell may take to say goodbye to its jobs.
#[cfg(unix)]
const FAREWELL: Duration = Duration::from_secs(2);

/// Runs it in the work folder, on the caller's own terminal: a shell, if there is no command. What the server refuses is said
/// on standard error.
pub(super) fn run_in(sandbox: Sandbox, command: &[OsString], stop: &Stop) -> Result<Exit, Failure> {
    let (program, rest) = match command.split_first() {
        Some((program, rest)) => (program.clone(), rest),
        None => ("sh".into(), &[][..]),
    };
    let mut child = Command::new(&program);
    child
        .args(rest)
        .current_dir(sandbox.work())
        .env_clear()
        .envs(sandbox.variables());
    // What a shell needs of the caller's terminal.
    for name in ["TERM", "COLORTERM"] {
        child.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    if command.is_empty() {
        child.env("PS1", "sandbox$ ");
    }
    let following = Following::start(sandbox.server().journal(), None, tell_refusal)?;
    let ended = match command {
        [] => shell(child, stop),
        _ => wait(child).map(|status| Exit::Other(code(status))),
    };
    sandbox.server().journal().settle(SETTLE);
    drop(sandbox);
    // It writes to no file.
    let _ = following.end();
    match ended {
        Ok(exit) => Ok(exit),
        Err(error) => {
            let program = program.display();
            let message = format!("start `{program}`: {error}");
            Err(Failure::new(Exit::Other(127), message, None))
        }
    }
}

/// Waits for a shell, and ends it if we are to end. SIGINT is the shell's: somebody has typed it there.
fn shell(mut command: Command, stop: &Stop) -> io::Result<Exit> {
    let mut child = command.spawn()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Exit::Other(code(status)));
        }
        if let Some(signal) = stop.signal().filter(|signal| *signal != SIGINT) {
            end(&mut child)?;
            return Ok(Exit::Other(128 + signal));
        }
        thread::sleep(Duration::from_millis(10));
    }
}

const SIGINT: u8 = 2;

/// As if its terminal were closed: one that somebody types in heeds no SIGTERM. It passes that on to its jobs.
fn end(child: &mut Child) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};

        let pid = Pid::from_child(child);
        // It may have ended meanwhile; one that is stopped has to go on to end.
        for signal in [Signal::HUP, Signal::CONT] {
            let _ = kill_process(pid, signal);
        }
        let began = Instant::now();
        while began.elapsed() < FAREWELL {
            if child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
    child.kill()?;
    child.wait().map(drop)
}
