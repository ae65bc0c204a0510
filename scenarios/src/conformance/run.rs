//! Runs the cases of subjects, several at a time, and tells what they come to in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Case, Finding, Known, Subject};
use crate::record::Class;
use crate::sandbox::SandboxError;
use crate::stop::Stop;
use crate::workers::{self, InOrder, News};

/// The cases of one subject.
pub trait Suite: Sync {
    /// Whose they are.
    fn subject(&self) -> &Subject;

    /// What the subject says of its version, or why it cannot be tested.
    fn version(&self) -> Result<&str, &str>;

    /// What there is to try.
    fn cases(&self) -> Vec<Case>;

    /// Tries one of them.
    ///
    /// # Errors
    /// Its sandbox cannot be set up.
    fn judge(&self, case: &Case, stop: &Stop) -> Result<Finding, SandboxError>;
}

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases at a time; at least one.
    pub jobs: usize,
    /// Ends the run early.
    pub stop: Stop,
    /// Only these cases; all if there are none.
    pub only: Vec<String>,
}

/// What is told while it goes on.
pub trait Listener {
    /// A subject's turn.
    fn subject(&mut self, subject: &Subject, version: Result<&str, &str>);
    /// A case has ended.
    fn case(&mut self, report: &CaseReport);
}

/// What came of all. A case that was not tried is there, too.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// By subject.
    pub subjects: Vec<SubjectReport>,
}

/// What came of one subject.
#[derive(Clone, Debug)]
pub struct SubjectReport {
    /// Which.
    pub subject: Subject,
    /// Its version, or why it was not tested.
    pub version: Result<String, String>,
    /// In the order of the suite.
    pub cases: Vec<CaseReport>,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// Which.
    pub case: Case,
    /// What it came to.
    pub finding: Finding,
    /// What the subject's file knows of it.
    pub known: Option<Known>,
    /// Whether this is news: a failure that nobody knows of, or not what is known.
    pub is_news: bool,
    /// How long it took.
    pub duration: Duration,
}

/// Runs everything. One case that has no sandbox ends it.
///
/// # Errors
/// A sandbox cannot be set up.
pub fn run(
    suites: &[Box<dyn Suite>],
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Run, SandboxError> {
    let mut run = Run::default();
    for suite in suites {
        let version = suite.version();
        listener.subject(suite.subject(), version);
        let mut cases = match version {
            Ok(_) => subject(&**suite, options, listener)?,
            Err(_) => Vec::new(),
        };
        let untried = options.chosen(suite.cases()).split_off(cases.len());
        let finding = version.map_or_else(Finding::skipped, |_| Finding::not_run());
        cases.extend(
            untried
                .into_iter()
                .map(|case| CaseReport::untried(case, finding.clone())),
        );
        run.subjects.push(SubjectReport {
            subject: suite.subject().clone(),
            version: version.map(str::to_owned).map_err(str::to_owned),
            cases,
        });
    }
    Ok(run)
}

fn subject(
    suite: &dyn Suite,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Vec<CaseReport>, SandboxError> {
    let cases = options.chosen(suite.cases());
    let broken = AtomicBool::new(false);
    let mut first_error = None;
    let mut order = InOrder::new();
    let mut reports = Vec::new();
    workers::share(
        cases.len(),
        options.jobs,
        || !options.stop.is_asked() && !broken.load(Ordering::Relaxed),
        |index| {
            let judged = one(suite, &cases[index], &options.stop);
            broken.fetch_or(judged.is_err(), Ordering::Relaxed);
            judged
        },
        |news| match news {
            // What was cut short says nothing of the subject.
            News::Ended(..) if options.stop.is_asked() => {}
            News::Began(_) => {}
            News::Ended(_, Err(error)) => {
                first_error.get_or_insert(error);
            }
            News::Ended(index, Ok(report)) => {
                for report in order.take(index, report) {
                    listener.case(&report);
                    reports.push(report);
                }
            }
        },
    );
    first_error.map_or(Ok(reports), Err)
}

fn one(suite: &dyn Suite, case: &Case, stop: &Stop) -> Result<CaseReport, SandboxError> {
    let began = Instant::now();
    let subject = suite.subject();
    let known = subject
        .known
        .iter()
        .find(|known| known.case == case.id)
        .cloned();
    // What is known not to apply is not tried.
    let finding = match &known {
        Some(known) if known.class == Class::Skipped => Finding::skipped(known.because.clone()),
        _ => suite.judge(case, stop)?,
    };
    let is_news = match (&known, finding.class) {
        (Some(known), class) => known.class != class,
        (None, Class::Fail) => true,
        (None, Class::Differs) => subject.built_in,
        (None, Class::Pass | Class::Skipped | Class::NotRun) => false,
    };
    Ok(CaseReport {
        case: *case,
        finding,
        known,
        is_news,
        duration: began.elapsed(),
    })
}

impl Options {
    fn chosen(&self, mut cases: Vec<Case>) -> Vec<Case> {
        cases.retain(|case| self.only.is_empty() || self.only.iter().any(|id| id == case.id));
        cases
    }
}

impl CaseReport {
    fn untried(case: Case, finding: Finding) -> Self {
        Self {
            case,
            finding,
            known: None,
            is_news: false,
            duration: Duration::ZERO,
        }
    }
}

impl Run {
    /// Adds a subject whose turn did not come, because the run was stopped.
    pub fn never_came_to(&mut self, subject: Subject, cases: Vec<Case>, options: &Options) {
        let chosen = options.chosen(cases).into_iter();
        self.subjects.push(SubjectReport {
            subject,
            version: Err("the run was stopped".to_owned()),
            cases: chosen
                .map(|case| CaseReport::untried(case, Finding::not_run()))
                .collect(),
        });
    }

    /// The cases that came out so.
    pub fn count(&self, class: Class) -> usize {
        self.cases()
            .filter(|report| report.finding.class == class)
            .count()
    }

    /// The cases that came out otherwise than anybody knew.
    pub fn news(&self) -> usize {
        self.cases().filter(|report| report.is_news).count()
    }

    fn cases(&self) -> impl Iterator<Item = &CaseReport> {
        self.subjects.iter().flat_map(|subject| &subject.cases)
    }
}
