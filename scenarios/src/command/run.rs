//! `codecommit-lab run`.

use std::io;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use clap::Args;

use super::failure::SIGPIPE;
use super::progress::Live;
use super::reports::Reports;
use super::step::{self, StopBefore};
use super::subjects::Subjects;
use super::{Failure, open_files};
use crate::event::Event;
use crate::exit::Exit;
use crate::record::Summary;
use crate::report::Reporter;
use crate::report::terminal::Terminal;
use crate::runner::{self, Options, Plan};
use crate::selection;
use crate::selection::filter::{self, Filter};
use crate::selection::order::{self, Partition};
use crate::stop::Stop;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Ids (`area/id` or `id`), globs over them, files or folders; all that is built in, if none is given
    #[arg(value_name = "ID|GLOB|FILE|DIR")]
    scenarios: Vec<String>,
    #[command(flatten)]
    subjects: Subjects,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    reports: Reports,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is run, and in which order")]
struct Chosen {
    /// Only what has this `id`, `area`, `source`, `evidence` or `subject`; values are globs. The same key again: either;
    /// another key: both
    #[arg(long, value_name = "KEY=VALUE")]
    filter: Vec<Filter>,
    /// Only the K-th of N parts, for machines that share a run; `merge` puts the reports together
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// In random order; prints the seed
    #[arg(long)]
    shuffle: bool,
    /// In the random order that this seed gave
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How it is run")]
struct Manner {
    /// How many cases at a time [default: the number of processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Begin nothing more once a case has failed
    #[arg(long)]
    fail_fast: bool,
    /// Keep the sandboxes' folders, each with a script a step that repeats it: see `reopen`
    #[arg(long)]
    keep: bool,
    /// Play one scenario up to this step (`show` numbers them), or to its `end`, and open a shell there; without a report
    #[arg(long, value_name = "NUMBER|end", conflicts_with_all = ["keep", "json", "junit", "tap", "html", "github"])]
    step: Option<StopBefore>,
}

const AFTER_HELP: &str = "\
Examples:
  codecommit-lab run                                      everything, with our helper and the first git on PATH
  codecommit-lab run 'wrong-region-*' my-scenario.toml    some, and one of your own
  codecommit-lab run --helper ours --helper aws-cli       a matrix: a column a subject
  codecommit-lab run --helper '!my-helper --cache'        a helper of your own
  codecommit-lab run --filter area=transport --filter evidence=documented
  codecommit-lab run --partition 2/3 --json part-2.json   a shard; then: codecommit-lab merge part-*.json --html run.html

A case is `pass`; `diff` if the subject works otherwise than documented, just as the scenario expects of it, with a
reason; `FAIL`; or `skip`, with the reason. docs/running.md tells more.
Exit codes: 0 all passed or differed, 100 something failed, 4 nothing was run, 2 bad usage, 96 no sandbox, 128 + signal.";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    open_files::allow_many();
    let stop = Stop::on_signals().map_err(Failure::signals)?;
    let chosen = &arguments.chosen;
    let mut scenarios = selection::select(&arguments.scenarios)?;
    if scenarios.is_empty() {
        return Err(Failure::new(Exit::Nothing, "find a scenario", None));
    }
    scenarios = filter::scenarios(scenarios, &chosen.filter)?;
    let mut selection = Vec::new();
    if let Some(partition) = chosen.partition {
        selection = scenarios.iter().map(|scenario| scenario.name()).collect();
        scenarios = partition.of(scenarios)?;
    }
    let seed = chosen.seed.or_else(|| chosen.shuffle.then(order::any_seed));
    if let Some(seed) = seed {
        order::shuffle(&mut scenarios, seed);
    }
    let (toolbox, subjects) = arguments.subjects.find()?;
    let subjects = filter::subjects(subjects, &chosen.filter)?;
    let manner = &arguments.manner;
    let jobs = manner
        .jobs
        .or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZero::get);
    let options = Options {
        jobs,
        keep: manner.keep,
        fail_fast: manner.fail_fast,
        stop,
    };
    let plan = Plan {
        scenarios,
        subjects,
        seed,
        partition: chosen.partition.map(|partition| partition.to_string()),
        selection,
    };
    if let Some(step) = manner.step {
        return step::stop_at(step, &plan, &toolbox, &options.stop);
    }
    let mut reports = arguments.reports.open(&read_by(&plan))?;
    let mut terminal = Terminal::new(anstream::stdout());
    let live = Live::new();
    let mut failure = None;
    let summary = runner::run(&plan, &toolbox, &options, |event: &Event| {
        if let Event::Progress(progress) = event {
            return live.show(progress);
        }
        if matches!(event, Event::RunFinished(_)) {
            live.end();
        }
        live.above(|| {
            if let Err(error) = reports.note(event) {
                failure.get_or_insert(error);
            }
            match terminal.note(event) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    // Nobody is told any more, unless a report is written.
                    if reports.is_empty() {
                        options.stop.ask(SIGPIPE);
                    }
                }
                Err(error) => {
                    failure.get_or_insert(Failure::output(&error));
                }
                Ok(()) => {}
            }
        });
    });
    match failure {
        // What came of the run counts for more than how it was told.
        Some(failure) => Err(failure.after_all(exit(&summary))),
        None => Ok(exit(&summary)),
    }
}

/// The files that a run reads.
fn read_by(plan: &Plan) -> Vec<(&'static str, PathBuf)> {
    let documents = plan.scenarios.iter().flat_map(|scenario| {
        let shared = scenario.shared.iter().map(|shared| &shared.document);
        std::iter::once(&scenario.document).chain(shared)
    });
    documents
        .map(|document| ("a file of the scenario", PathBuf::from(document.name())))
        .collect()
}

/// The code of a run.
pub(super) fn exit(summary: &Summary) -> Exit {
    match summary {
        Summary {
            stopped_by: Some(signal),
            ..
        } => Exit::Other(signal.saturating_add(128)),
        summary if summary.broken > 0 => Exit::Setup,
        summary if summary.failed > 0 => Exit::Failed,
        // What was not run may fail. A report that was put together may not tell what ended it.
        summary if summary.not_run > 0 => Exit::Failed,
        summary if summary.passed == 0 => Exit::Nothing,
        _ => Exit::Success,
    }
}
