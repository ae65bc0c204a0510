//! Plays cases, several at a time, and tells what happens in one orderly stream of events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::event::{Event, Progress};
use crate::play::play;
use crate::record::{CaseRecord, Class, RunRecord, Summary};
use crate::scenario::Scenario;
use crate::stop::Stop;
use crate::subject::Subject;
use crate::toolbox::Toolbox;
use crate::workers::{self, InOrder, News};

/// What to play: every scenario with every subject.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenarios, in the order in which they are played and told.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The subjects.
    pub subjects: Vec<Subject>,
    /// The seed that the order was made with, if it was shuffled.
    pub seed: Option<u64>,
    /// The part of a larger run that this is: `2/3`.
    pub partition: Option<String>,
    /// The names of all scenarios of that larger run.
    pub selection: Vec<String>,
}

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases at a time; at least one.
    pub jobs: usize,
    /// Whether to leave the sandboxes' folders for inspection.
    pub keep: bool,
    /// Whether to begin nothing more once a case has failed.
    pub fail_fast: bool,
    /// Ends the run early: what is going on is ended and cleaned up, what has not begun is reported as not run.
    pub stop: Stop,
}

impl Plan {
    fn cases(&self) -> usize {
        self.scenarios.len() * self.subjects.len()
    }

    /// The scenario, and the place of the subject.
    fn case(&self, index: usize) -> (&Arc<Scenario>, usize) {
        let subjects = self.subjects.len();
        (&self.scenarios[index / subjects], index % subjects)
    }
}

/// Plays the cases. `listen` is given the events.
pub fn run(
    plan: &Plan,
    toolbox: &Toolbox,
    options: &Options,
    mut listen: impl FnMut(&Event),
) -> Summary {
    listen(&Event::RunStarted {
        scenarios: plan.scenarios.len(),
        run: RunRecord {
            subjects: plan.subjects.iter().map(Subject::record).collect(),
            seed: plan.seed,
            partitions: plan.partition.iter().cloned().collect(),
            selection: plan.selection.clone(),
        },
    });
    let mut summary = Summary::default();
    let mut order = InOrder::new();
    let mut playing: Vec<usize> = Vec::new();
    let mut progress = Progress {
        cases: plan.cases(),
        ..Progress::default()
    };
    let failed = AtomicBool::new(false);
    let given_up = || options.fail_fast && failed.load(Ordering::Relaxed);
    workers::share(
        plan.cases(),
        options.jobs,
        || !options.stop.is_asked() && !given_up(),
        |index| {
            let (scenario, at) = plan.case(index);
            let case = play(scenario, (at, &plan.subjects[at]), toolbox, options);
            if case.class == Class::Fail {
                failed.store(true, Ordering::Relaxed);
            }
            case
        },
        |news| {
            match news {
                News::Began(index) => playing.push(index),
                News::Ended(index, case) => {
                    playing.retain(|other| *other != index);
                    progress.ended += 1;
                    progress.failed += usize::from(case.class == Class::Fail);
                    for case in order.take(index, case) {
                        summary.count(&case);
                        listen(&Event::CaseFinished(Box::new(case)));
                    }
                }
            }
            let name = |index: &usize| plan.case(*index).0.name();
            progress.playing = playing.iter().map(name).collect();
            listen(&Event::Progress(progress.clone()));
        },
    );
    // Only a run that ended early leaves any.
    let reason = if options.stop.is_asked() {
        "stopped"
    } else {
        "a case before it failed (--fail-fast)"
    };
    for (index, played) in order.rest(plan.cases()) {
        let case = played.unwrap_or_else(|| {
            let (scenario, subject) = plan.case(index);
            let mut case = CaseRecord::new(scenario, subject);
            case.reason = Some(reason.to_owned());
            case
        });
        summary.count(&case);
        listen(&Event::CaseFinished(Box::new(case)));
    }
    summary.stopped_by = options.stop.signal();
    listen(&Event::RunFinished(summary));
    summary
}
