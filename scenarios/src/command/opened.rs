//! A command of the user's own in a sandbox, with its server alive.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use super::Failure;
use super::exec::{code, wait};
use super::following::{Following, tell_refusal};
use crate::exit::Exit;
use crate::sandbox::Sandbox;

/// How long the server may take to write down the end of what the command began.
const SETTLE: Duration = Duration::from_secs(2);

/// Runs it in the work folder, on the caller's own terminal. What the server refuses is said on standard error.
pub(super) fn run_in(sandbox: Sandbox, command: &[OsString]) -> Result<Exit, Failure> {
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
    let ended = wait(child);
    sandbox.server().journal().settle(SETTLE);
    drop(sandbox);
    // It writes to no file.
    let _ = following.end();
    match ended {
        Ok(status) => Ok(Exit::Other(code(status))),
        Err(error) => {
            let program = program.display();
            let message = format!("start `{program}`: {error}");
            Err(Failure::new(Exit::Other(127), message, None))
        }
    }
}
