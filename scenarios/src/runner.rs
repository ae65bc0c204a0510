//! Plays cases, several at a time, and tells what happens in one orderly stream of events.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use crate::event::{Event, Progress};
use crate::play::play;
use crate::record::{CaseRecord, Class, RunRecord, Summary};
use crate::scenario::Scenario;
use crate::stop::Stop;
use crate::subject::Subject;
use crate::toolbox::Toolbox;

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
    fn case(&self, index: usize) -> Option<(&Arc<Scenario>, usize)> {
        let subjects = self.subjects.len().max(1);
        Some((self.scenarios.get(index / subjects)?, index % subjects))
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
    let mut telling = Telling {
        due: 0,
        waiting: BTreeMap::new(),
        summary: Summary::default(),
        listen: &mut listen,
    };
    let (sender, receiver) = mpsc::channel();
    let work = Work {
        plan,
        toolbox,
        options,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, plan.cases().max(1)) {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || work.go_on(&sender));
        }
        drop(sender);
        let mut playing: Vec<usize> = Vec::new();
        let mut progress = Progress {
            cases: plan.cases(),
            ..Progress::default()
        };
        for news in receiver {
            match news {
                News::Began(index) => playing.push(index),
                News::Ended(index, case) => {
                    playing.retain(|other| *other != index);
                    progress.ended += 1;
                    progress.failed += usize::from(case.class == Class::Fail);
                    telling.take(index, case);
                }
            }
            progress.playing = playing
                .iter()
                .filter_map(|index| Some(plan.case(*index)?.0.name()))
                .collect();
            (telling.listen)(&Event::Progress(progress.clone()));
        }
    });
    // Only a run that ended early leaves any.
    let reason = if options.stop.is_asked() {
        "stopped"
    } else {
        "a case before it failed (--fail-fast)"
    };
    for index in telling.due..plan.cases() {
        let left_out = plan.case(index).map(|(scenario, subject)| {
            let mut case = CaseRecord::new(scenario, subject);
            case.reason = Some(reason.to_owned());
            case
        });
        let played = telling.waiting.remove(&index);
        if let Some(case) = played.or(left_out.map(Box::new)) {
            telling.tell(case);
        }
    }
    let mut summary = telling.summary;
    summary.stopped_by = options.stop.signal();
    listen(&Event::RunFinished(summary));
    summary
}

enum News {
    Began(usize),
    Ended(usize, Box<CaseRecord>),
}

struct Work<'a> {
    plan: &'a Plan,
    toolbox: &'a Toolbox,
    options: &'a Options,
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Work<'_> {
    fn go_on(&self, sender: &mpsc::Sender<News>) {
        let given_up = || self.options.fail_fast && self.failed.load(Ordering::Relaxed);
        while !self.options.stop.is_asked() && !given_up() {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((scenario, at)) = self.plan.case(index) else {
                break;
            };
            let subject = &self.plan.subjects[at];
            // Who listens ends after we do.
            let _ = sender.send(News::Began(index));
            let case = play(scenario, (at, subject), self.toolbox, self.options);
            if case.class == Class::Fail {
                self.failed.store(true, Ordering::Relaxed);
            }
            let _ = sender.send(News::Ended(index, Box::new(case)));
        }
    }
}

/// Tells cases in the order of the plan, whatever ends first.
struct Telling<'a> {
    due: usize,
    waiting: BTreeMap<usize, Box<CaseRecord>>,
    summary: Summary,
    listen: &'a mut dyn FnMut(&Event),
}

impl Telling<'_> {
    fn take(&mut self, index: usize, case: Box<CaseRecord>) {
        self.waiting.insert(index, case);
        while let Some(case) = self.waiting.remove(&self.due) {
            self.tell(case);
            self.due += 1;
        }
    }

    fn tell(&mut self, case: Box<CaseRecord>) {
        self.summary.count(&case);
        (self.listen)(&Event::CaseFinished(case));
    }
}
