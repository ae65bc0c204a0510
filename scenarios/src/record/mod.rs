//! What is kept of a run: the data that every report is made of, and the shape of the JSON report.
//!
//! No record holds a secret: outputs and exchanges are redacted before they get here.

mod case;
mod mismatch;
mod step;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use case::{CaseRecord, CauseRecord, Class, Difference, Outcome};
pub use mismatch::{Excerpt, MismatchRecord};
pub use step::{Status, StepRecord};

/// What is known of a run before it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// What the scenarios are played with. Cases name a subject by its place in this list, counted from zero.
    pub subjects: Vec<SubjectRecord>,
    /// The seed of a shuffled order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The parts of a run that was divided: `2/3` is the second of three. Several after a merge; none, if it is whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<String>,
    /// The names of all scenarios of a run that was divided, whichever part they are in. None, if it is whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<String>,
}

/// A subject: see [`Subject`](crate::subject::Subject).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectRecord {
    /// Its name, which no other has.
    pub name: String,
    /// The path of its git.
    pub git: String,
    /// What git says of itself.
    pub git_version: String,
    /// `ours`, `aws-cli` or a command.
    pub helper: String,
    /// What the helper says of itself.
    pub helper_version: String,
    /// `ours`, `aws` or a command.
    pub remote_helper: String,
    /// What the remote helper says of itself.
    pub remote_helper_version: String,
    /// `HTTP/1.1` or `HTTP/2`, if git was told to speak one of them.
    pub transport: Option<String>,
}

/// How many cases went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// As the scenarios say, those that differ from the documentation among them.
    pub passed: usize,
    /// Those of the passed ones that work otherwise than documented.
    #[serde(default)]
    pub differs: usize,
    /// Not as they say, or without a sandbox.
    pub failed: usize,
    /// Not here.
    pub skipped: usize,
    /// Those of the failed ones that had no sandbox.
    #[serde(default, skip_serializing)]
    #[schemars(skip)]
    pub broken: usize,
    /// Those that did not run to their end, because the run ended before.
    pub not_run: usize,
    /// The signal that ended the run before its end: 2 is Ctrl-C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<u8>,
}

impl RunRecord {
    /// What a case is called where its subject is not named beside it: with its subject, if there are several.
    pub fn name_of(&self, case: &CaseRecord) -> String {
        match self.subjects.get(case.subject) {
            Some(subject) if self.subjects.len() > 1 => {
                format!("{} ({})", case.name(), subject.name)
            }
            _ => case.name(),
        }
    }
}

impl Summary {
    /// Of these cases.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a CaseRecord>) -> Self {
        let mut summary = Self::default();
        for case in cases {
            summary.count(case);
        }
        summary
    }

    /// Counts one more.
    pub fn count(&mut self, case: &CaseRecord) {
        match case.outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Broken => {
                self.failed += 1;
                self.broken += 1;
            }
            Outcome::Stopped => self.not_run += 1,
        }
        self.differs += usize::from(case.class == Class::Differs);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
            ..
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}
