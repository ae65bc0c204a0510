//! `codecommit-lab serve`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use codecommit_mock::MockServer;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::world::Served;
use super::{Failure, signals};
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The port on 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    served: Served,
    /// Keep repositories and the CA certificate in this folder [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Write the line of JSON to this file, too
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// The line that is printed when the server accepts connections. Its keys are public.
#[derive(Serialize)]
struct Ready {
    url: String,
    port: u16,
    ca: String,
    data_dir: String,
    env: BTreeMap<&'static str, String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let world = arguments.served.world()?;
    // Before the line is printed: who reads it may ask us to stop at once.
    let stop = signals::wait_for_stop().map_err(Failure::signals)?;
    let mut builder = MockServer::builder()
        .world(world)
        .fidelity(arguments.served.fidelity()?)
        .port(arguments.port);
    if let Some(folder) = &arguments.data_dir {
        builder = builder.data_dir(folder);
    }
    let server = builder.start()?;
    let line = ready_line(&server).map_err(|error| Failure::output(&error))?;
    if let Some(path) = &arguments.ready_file {
        write_whole(path, &line).map_err(|error| Failure::unwritable(path, &error))?;
    }
    let mut out = io::stdout();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))?;
    stop();
    drop(server);
    if let Some(path) = &arguments.ready_file {
        // It tells of a server that is no longer there. Somebody may have removed it already.
        let _ = std::fs::remove_file(path);
    }
    Ok(Exit::Success)
}

fn ready_line(server: &MockServer) -> io::Result<String> {
    let ready = Ready {
        url: server.url(),
        port: server.port(),
        ca: server.ca_path().display().to_string(),
        data_dir: server.data_dir().display().to_string(),
        env: server.env().into_iter().collect(),
    };
    Ok(serde_json::to_string(&ready)? + "\n")
}

/// Who waits for the file finds all of it or nothing.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
