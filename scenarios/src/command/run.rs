//! `codecommit-lab run`.

use std::fs::File;
use std::io::{self, BufWriter};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;

use super::Failure;
use super::subjects::Subjects;
use crate::event::Event;
use crate::exit::Exit;
use crate::report::Reporter;
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::terminal::Terminal;
use crate::runner::{self, Options, Plan};
use crate::selection;
use crate::stop::Stop;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Ids (`area/id` or `id`), globs over them, files or folders; all that is built in, if none is given
    #[arg(value_name = "ID|GLOB|FILE|DIR")]
    scenarios: Vec<String>,
    #[command(flatten)]
    subjects: Subjects,
    /// Write a JSON report
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How many scenarios to run at a time [default: the number of processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Keep the sandboxes' folders
    #[arg(long)]
    keep: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let stop = Stop::on_signals().map_err(Failure::signals)?;
    let scenarios = selection::select(&arguments.scenarios)?;
    if scenarios.is_empty() {
        return Err(Failure::new(Exit::Nothing, "find a scenario", None));
    }
    // Before anything runs: a report that cannot be written should not cost a whole run.
    let mut reporters: Vec<(PathBuf, Box<dyn Reporter>)> = Vec::new();
    if let Some(path) = &arguments.json {
        reporters.push((path.clone(), Box::new(Json::new(create(path)?))));
    }
    if let Some(path) = &arguments.junit {
        reporters.push((path.clone(), Box::new(Junit::new(create(path)?))));
    }
    let (toolbox, subjects) = arguments.subjects.find()?;
    let jobs = arguments
        .jobs
        .or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZero::get);
    let options = Options {
        jobs,
        keep: arguments.keep,
        fail_fast: false,
        stop,
    };
    let plan = Plan {
        scenarios,
        subjects,
        seed: None,
        partition: None,
    };
    let mut terminal = Terminal::new(anstream::stdout());
    let mut failure = None;
    let summary = runner::run(&plan, &toolbox, &options, |event: &Event| {
        if let Err(error) = terminal.note(event) {
            failure.get_or_insert(Failure::output(&error));
        }
        for (path, reporter) in &mut reporters {
            if let Err(error) = reporter.note(event) {
                failure.get_or_insert(Failure::unwritable(path, &error));
            }
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Some(signal) = options.stop.signal() {
        return Ok(Exit::Other(128 + signal));
    }
    Ok(match summary {
        summary if summary.broken > 0 => Exit::Setup,
        summary if summary.failed > 0 => Exit::Failed,
        summary if summary.passed == 0 => Exit::Nothing,
        _ => Exit::Success,
    })
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let created: io::Result<File> = File::create(path);
    created
        .map(BufWriter::new)
        .map_err(|error| Failure::unwritable(path, &error))
}
