//! `codecommit-lab journal`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Failure;
use super::ready::{Ready, journal_in};
use crate::exit::Exit;
use crate::journal::Entry;
use crate::report::exchange;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Wait for more, until Ctrl-C or until the journal is gone with its server
    #[arg(long)]
    follow: bool,
    /// The form: for people, or the lines of JSON as they are
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The journal itself
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// That of the server with this data folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// That of the server that has written this file
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Which {
        file,
        data_dir,
        ready_file,
    } = &arguments.which;
    let path = match (file, data_dir, ready_file) {
        (Some(file), _, _) => file.clone(),
        (_, Some(folder), _) => journal_in(folder),
        (_, _, Some(file)) => PathBuf::from(Ready::read(file)?.journal),
        (None, None, None) => return Ok(Exit::Usage),
    };
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound => Some("`codecommit-lab serve` keeps it in its data folder"),
            _ => None,
        };
        let message = format!("read {}: {error}", path.display());
        Failure::new(Exit::Usage, message, help.map(str::to_owned))
    };
    let mut reader = BufReader::new(File::open(&path).map_err(unreadable)?);
    let mut out = anstream::stdout();
    let (mut line, mut number) = (String::new(), 0);
    loop {
        // A line that is not whole yet stays, and grows.
        if reader.read_line(&mut line).map_err(unreadable)? == 0 || !line.ends_with('\n') {
            if !arguments.follow || !path.exists() {
                return Ok(Exit::Success);
            }
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        number += 1;
        let entry: Entry = serde_json::from_str(&line).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("read {}:{number}: {error}", path.display()),
                Some("name a file with one line of JSON an exchange".to_owned()),
            )
        })?;
        let written = match arguments.format {
            Format::Text => writeln!(out, "{}", exchange::describe(&entry)),
            Format::Json => out.write_all(line.as_bytes()),
        };
        written
            .and_then(|()| out.flush())
            .map_err(|error| Failure::output(&error))?;
        line.clear();
    }
}
