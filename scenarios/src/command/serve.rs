//! `codecommit-lab serve`.

mod ready_file;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use codecommit_mock::MockServer;

use self::ready_file::ReadyFile;
use super::exec::link_helpers;
use super::following::{Following, JournalFile, tell_idle_faults, tell_refusal};
use super::ready::{ControlAccess, Ready, commands_in, journal_in};
use super::world::Served;
use super::{Failure, open_files, signals};
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The port on 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    served: Served,
    /// Keep repositories, the journal (that of the run before as journal.1.jsonl) and this run's CA certificate in this folder
    /// [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Write the line of JSON to this file, too
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Do not say on standard error what is refused, and why
    #[arg(long)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    open_files::allow_many();
    let ready_file = arguments.ready_file.as_deref();
    let ready_file = ready_file.map(ReadyFile::claim).transpose()?;
    let mut builder = arguments.served.builder()?.port(arguments.port);
    // Before the line is printed: who reads it may ask us to stop at once.
    let stop = signals::wait_for_stop().map_err(Failure::signals)?;
    if let Some(folder) = &arguments.data_dir {
        builder = builder.data_dir(folder);
    }
    let server = builder.start()?;
    link_helpers(&commands_in(server.data_dir()))?;
    let following = follow(&server, arguments.quiet)?;
    let line = ready_line(&server).map_err(|error| Failure::output(&error))?;
    if let Some(file) = &ready_file {
        file.write(&line)?;
    }
    let mut out = io::stdout();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))?;
    stop();
    tell_idle_faults(&server);
    drop(server);
    let is_whole = following.end();
    if let Some(file) = ready_file {
        file.remove(&line);
    }
    Ok(match is_whole {
        true => Exit::Success,
        // Said when it happened.
        false => Exit::Setup,
    })
}

/// The journal goes to the data folder, and refusals to standard error as they happen.
fn follow(server: &MockServer, quiet: bool) -> Result<Following, Failure> {
    let path = journal_in(server.data_dir());
    put_aside(&path).map_err(|error| Failure::unwritable(&path, &error))?;
    let file = File::create(&path).map_err(|error| Failure::unwritable(&path, &error))?;
    let tell = if quiet { |_: &_| () } else { tell_refusal };
    Following::start(server.journal(), Some(JournalFile { path, file }), tell)
}

/// The journal of the run before may be all that tells how it ended. An empty one tells nothing, and takes no other's place.
fn put_aside(journal: &Path) -> io::Result<()> {
    if fs::metadata(journal).is_ok_and(|found| found.len() == 0) {
        return Ok(());
    }
    match fs::rename(journal, journal.with_extension("1.jsonl")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn ready_line(server: &MockServer) -> io::Result<String> {
    let control = server.control();
    let ready = Ready {
        url: server.url(),
        port: server.port(),
        ca: server.ca_path().display().to_string(),
        data_dir: server.data_dir().display().to_string(),
        journal: journal_in(server.data_dir()).display().to_string(),
        env: server
            .env()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        control: Some(ControlAccess {
            token: control.token.expose().to_owned(),
            url: control.url,
        }),
    };
    Ok(serde_json::to_string(&ready)? + "\n")
}
