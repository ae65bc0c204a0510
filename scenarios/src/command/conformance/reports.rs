//! The files that a conformance run writes.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::Failure;
use crate::command::reports::distinct;
use crate::conformance::report::{NotItsPlace, insert, json, place, tables};
use crate::conformance::{Case, Run};
use crate::exit::Exit;
use crate::record::Class;

#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct Reports {
    /// Write a JSON report
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the tables into a Markdown document: a new one, or one that has a place for them, and there in place of those of
    /// the same subjects. Not by a run that was stopped
    #[arg(long, value_name = "FILE", conflicts_with = "cases")]
    markdown: Option<PathBuf>,
}

impl Reports {
    /// Before anything runs: a report that cannot be written should not cost a whole run. `subjects` are the names of what
    /// will be tried.
    pub(super) fn check(&self, kind: &'static str, subjects: &[&str]) -> Result<(), Failure> {
        distinct([
            ("--json", self.json.as_deref()),
            ("--markdown", self.markdown.as_deref()),
        ])?;
        for path in [&self.json, &self.markdown].into_iter().flatten() {
            try_to_open(path).map_err(|error| Failure::unwritable(path, &error))?;
        }
        if let Some(path) = &self.markdown {
            let document = read(path)?;
            place(&document, kind, subjects).map_err(|error| refused(path, error))?;
        }
        Ok(())
    }

    /// `command` is the line that made them.
    pub(super) fn write(
        &self,
        kind: &'static str,
        command: &str,
        cases: &[Case],
        run: &Run,
    ) -> Result<(), Failure> {
        let write = |path: &Path, text: io::Result<String>| {
            text.and_then(|text| fs::write(path, text))
                .map_err(|error| Failure::unwritable(path, &error))
        };
        if let Some(path) = &self.json {
            write(path, json(kind, run).map_err(io::Error::from))?;
        }
        let Some(path) = &self.markdown else {
            return Ok(());
        };
        // Half a table would take the place of a whole one.
        if run.count(Class::NotRun) > 0 {
            let what = match path.exists() {
                true => "is left as it was",
                false => "is not written: some cases were not run",
            };
            let _ = writeln!(anstream::stderr(), "{} {what}", path.display());
            return Ok(());
        }
        let tables = tables(kind, command, cases, run);
        let text = insert(&read(path)?, &tables).map_err(|error| refused(path, error))?;
        write(path, Ok(text))
    }
}

/// Whether a file can be written. One that is not there is not there afterwards: a run that is stopped may write none.
fn try_to_open(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    match options.append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            options.create(true).open(path)?;
            fs::remove_file(path)
        }
        opened => opened.map(drop),
    }
}

/// The text of a file; none of one that is to be made.
fn read(path: &Path) -> Result<String, Failure> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::unwritable(path, &error)),
    }
}

fn refused(path: &Path, error: NotItsPlace) -> Failure {
    let help = error.hint();
    Failure::new(
        Exit::Usage,
        format!("write {}: {error}", path.display()),
        Some(help),
    )
}
