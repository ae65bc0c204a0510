//! What happens during a run. Every reporter listens to the same events, and to nothing else.
//!
//! No event holds a secret: outputs and exchanges are redacted before they get here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use codecommit_mock::Exchange;

use crate::expectation::Mismatch;
use crate::process::{Output, Status};
use crate::scenario::{Phase, Scenario};
use crate::subject::Helper;

/// Something that happened. Scenarios come in the order in which they were selected, whatever runs at the same time.
#[derive(Clone, Debug)]
pub enum Event {
    /// The first event.
    RunStarted {
        /// How many scenarios were selected.
        scenarios: usize,
        /// The helper under test.
        helper: Helper,
        /// What it says of itself.
        helper_version: String,
        /// What the git under test says of itself.
        git_version: String,
    },
    /// A scenario begins; what follows belongs to it until it ends.
    ScenarioStarted(Arc<Scenario>),
    /// A step of it ended.
    StepFinished(Box<StepReport>),
    /// The scenario ended.
    ScenarioFinished(ScenarioReport),
    /// The last event.
    RunFinished(Summary),
}

/// How a step went.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// The part of the scenario.
    pub phase: Phase,
    /// Counted from one in its part.
    pub number: usize,
    /// What happened, in one line.
    pub summary: String,
    /// The scenario's words on it.
    pub note: Option<String>,
    /// The line of the document.
    pub line: usize,
    /// What came of a command.
    pub output: Option<Output>,
    /// What the server saw of it.
    pub exchanges: Vec<Exchange>,
    /// What differs from what the scenario asks for. None: the step passed.
    pub mismatches: Vec<Mismatch>,
    /// How long it took.
    pub duration: Duration,
}

/// How a scenario went.
#[derive(Clone, Debug)]
pub struct ScenarioReport {
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// The sandbox, if it was kept.
    pub kept: Option<PathBuf>,
}

/// What came of a scenario.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything was as the scenario says.
    Passed,
    /// Something was not: in a step that was reported before, or here.
    Failed(Vec<Mismatch>),
    /// It cannot run here.
    Skipped(String),
    /// Its sandbox could not be set up, so it says nothing.
    Broken(String),
    /// The run was stopped before it ended, or began.
    Stopped,
}

/// How many scenarios went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// As they say.
    pub passed: usize,
    /// Not as they say, or without a sandbox.
    pub failed: usize,
    /// Not here.
    pub skipped: usize,
    /// Those of the failed ones that had no sandbox.
    pub broken: usize,
    /// Those that did not run to their end, because the run was stopped.
    pub not_run: usize,
}

impl Summary {
    /// Counts one more.
    pub fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Broken(_) => {
                self.failed += 1;
                self.broken += 1;
            }
            Outcome::Stopped => self.not_run += 1,
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
            ..
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

impl Outcome {
    /// Its word in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
            Self::Broken(_) => "broken",
            Self::Stopped => "stopped",
        }
    }
}

impl StepReport {
    /// `symptom 2`.
    pub fn name(&self) -> String {
        format!("{} {}", self.phase.as_str(), self.number)
    }

    /// How the command ended, if it was one.
    pub fn status(&self) -> Option<Status> {
        self.output.as_ref().map(|output| output.status)
    }
}
