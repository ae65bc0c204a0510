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
            let opened = fs::OpenOptions::new().append(true).create(true).open(path);
            opened.map_err(|error| Failure::unwritable(path, &error))?;
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
            let _ = writeln!(anstream::stderr(), "{} is left as it was", path.display());
            return Ok(());
        }
        let tables = tables(kind, command, cases, run);
        let text = insert(&read(path)?, &tables).map_err(|error| refused(path, error))?;
        write(path, Ok(text))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::unwritable(path, &error))
}

fn refused(path: &Path, error: NotItsPlace) -> Failure {
    let help = error.hint();
    Failure::new(
        Exit::Usage,
        format!("write {}: {error}", path.display()),
        Some(help),
    )
}
