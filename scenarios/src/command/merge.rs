//! `codecommit-lab merge`: the reports of the parts of a run, put together.

use std::path::PathBuf;

use clap::Args;
use codecommit_mock::document::Source;

use super::Failure;
use super::reports::Reports;
use super::run::exit;
use crate::exit::Exit;
use crate::report::Reporter;
use crate::report::merge::{MergeError, Part, merge};
use crate::report::terminal::Terminal;

#[derive(Debug, Args)]
#[command(
    after_help = "It ends as the whole run would have ended: with 100 if a case of any part failed, and with 128 and the signal if \
                  a part was stopped and no other report has what it did not run."
)]
pub(super) struct Arguments {
    /// Reports that `run --json` has written
    #[arg(value_name = "REPORT.json", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut parts = Vec::new();
    for path in &arguments.files {
        let source = Source::read(path)?;
        parts.push(Part::read(path, source.text())?);
    }
    let (events, summary) = merge(parts)?;
    let read = arguments.files.iter().cloned();
    let read: Vec<_> = read.map(|path| ("the report that is read", path)).collect();
    let mut reports = arguments.reports.open(&read)?;
    let mut terminal = Terminal::new(anstream::stdout());
    let mut failure = None;
    for event in &events {
        if let Err(error) = reports.note(event) {
            failure.get_or_insert(error);
        }
        if let Err(error) = terminal.note(event) {
            failure.get_or_insert(Failure::output(&error));
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(exit(&summary)),
    }
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        let help = error.hint().to_owned();
        Self::new(Exit::Usage, error, Some(help))
    }
}
