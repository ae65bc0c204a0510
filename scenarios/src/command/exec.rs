//! `codecommit-lab exec`.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use clap::Args;
use codecommit_mock::Exchange;

use super::following::{Following, JournalFile, tell_idle_faults};
use super::ready::commands_in;
use super::signals::Forwarding;
use super::world::Served;
use super::{Failure, open_files};
use crate::environment::layered;
use crate::environment::user_git::{self, Setting};
use crate::exit::Exit;
use crate::journal::{self, Entry};
use crate::links;

/// How long the server may take to write down the end of what the command began.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    served: Served,
    /// Do not say on standard error what was refused, and why
    #[arg(long)]
    quiet: bool,
    /// Write the journal to this file: one line of JSON an exchange
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// The command with its arguments; what begins with a dash before it is ours
    #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    open_files::allow_many();
    let Some((program, rest)) = arguments.command.split_first() else {
        return Ok(Exit::Usage);
    };
    let builder = arguments.served.builder()?;
    let settings = read_git_settings()?;
    let journal = match &arguments.journal {
        Some(path) => {
            let file = File::create(path).map_err(|error| Failure::unwritable(path, &error))?;
            let path = path.clone();
            Some(JournalFile { path, file })
        }
        None => None,
    };
    let server = builder.start()?;
    let bin = commands_in(server.data_dir());
    link_helpers(&bin)?;
    let mut command = Command::new(program);
    command.args(rest);
    for name in layered::REMOVED {
        command.env_remove(name);
    }
    command.envs(layered::variables(
        server.env(),
        &server.url(),
        &server.world(),
        &bin,
        &settings,
        |name| std::env::var_os(name),
    ));
    let following = Following::start(server.journal(), journal, |_| {})?;
    let ended = wait(command);
    server.journal().settle(SETTLE);
    if !arguments.quiet {
        tell_refusals(&server.journal().exchanges());
    }
    tell_idle_faults(&server);
    // Its folder is gone before this program ends.
    drop(server);
    // The exit code stays that of the command; what could not be written was said when it happened.
    let _ = following.end();
    match ended {
        Ok(status) => Ok(Exit::Other(code(status))),
        Err(error) => {
            // As a shell does.
            let exit = match error.kind() {
                io::ErrorKind::NotFound => 127,
                _ => 126,
            };
            let program = program.display();
            Err(Failure::new(
                Exit::Other(exit),
                format!("start `{program}`: {error}"),
                None,
            ))
        }
    }
}

/// One line each, so that the last words on the terminal say why.
fn tell_refusals(exchanges: &[Exchange]) {
    let entries: Vec<Entry> = exchanges.iter().map(Entry::from).collect();
    // Tools that try again are refused again.
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in journal::refusals(&entries).map(journal::in_one_line) {
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    for (line, times) in lines {
        let times = match times {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        // Nobody is told if nobody can be.
        let _ = writeln!(io::stderr(), "codecommit-lab: {line}{times}");
    }
}

/// What the user's git configuration has that could lead past the server; what cannot be met is an error.
pub(super) fn read_git_settings() -> Result<Vec<Setting>, Failure> {
    let settings = user_git::read();
    user_git::no_detour(&settings)?;
    Ok(settings)
}

/// Makes this program answer to the names of the helpers. A data folder that is used again may have them.
pub(super) fn link_helpers(bin: &Path) -> Result<(), Failure> {
    let link = || {
        let lab = std::env::current_exe()?;
        fs::create_dir_all(bin)?;
        for name in ["git-credential-codecommit", "git-remote-codecommit", "aws"] {
            let path = bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => links::link(&lab, bin, name)?,
            }
        }
        Ok(())
    };
    link().map_err(|error: io::Error| {
        Failure::new(
            Exit::Setup,
            format!("link the credential helper: {error}"),
            None,
        )
    })
}

pub(super) fn wait(command: Command) -> io::Result<ExitStatus> {
    let (mut child, _forwarding) = Forwarding::start(command)?;
    child.wait()
}

pub(super) fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
