//! A scenario, played with a subject.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MismatchRecord, StepRecord};
use crate::scenario::{Evidence, Origin, Scenario, Told, Why};

/// A scenario, played with a subject.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaseRecord {
    /// The scenario's id.
    pub id: String,
    /// The folder it lies in.
    pub area: String,
    /// What happens in it, in one line.
    pub title: String,
    /// Its file.
    pub file: String,
    /// Where it comes from.
    pub source: Origin,
    /// How well it is known.
    pub evidence: Evidence,
    /// Why it happens, in prose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Why it goes wrong; none for a walkthrough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseRecord>,
    /// The subject: its place in the list of subjects.
    #[serde(default)]
    pub subject: usize,
    /// What came of it.
    pub outcome: Outcome,
    /// The same as the matrix shows it.
    pub class: Class,
    /// Why it was skipped, did not run or had no sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In what the subject works otherwise than documented, as the scenario expects of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// How long it took.
    pub milliseconds: f64,
    /// The sandbox, if it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<PathBuf>,
    /// What differs from what the scenario asks for, beside what differs in its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<MismatchRecord>,
    /// The steps, up to the first that failed.
    pub steps: Vec<StepRecord>,
}

/// Why it goes wrong: a verdict of the server, or what is told where it refuses no request.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CauseRecord {
    /// The id of the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What is told, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// The same in words.
    pub summary: String,
}

/// Something that is otherwise than documented, and expected to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The step that shows it: `symptom 2`; or `cause`.
    pub step: String,
    /// How, in the scenario's words.
    pub reason: String,
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Everything was as the scenario says.
    Passed,
    /// Something was not.
    Failed,
    /// It cannot run here.
    Skipped,
    /// Its sandbox could not be set up, so it says nothing.
    Broken,
    /// The run ended before it did, or began.
    Stopped,
}

/// What the matrix shows of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It works as documented.
    Pass,
    /// It works otherwise than documented, and just as the scenario expects of this subject, with a reason.
    Differs,
    /// It came out otherwise than the scenario says, or had no sandbox.
    Fail,
    /// It cannot run here.
    Skipped,
    /// The run ended before.
    NotRun,
}

impl CaseRecord {
    /// A case that has not begun.
    pub fn new(scenario: &Scenario, subject: usize) -> Self {
        let redact = |text: &String| scenario.redactor.redact(text);
        Self {
            id: scenario.id.clone(),
            area: scenario.area.clone(),
            title: scenario.title.clone(),
            file: scenario.document.name().to_owned(),
            source: scenario.origin.clone(),
            evidence: scenario.evidence,
            explanation: scenario.explanation.as_ref().map(redact),
            cause: scenario.cause().map(|cause| CauseRecord::of(&cause.why)),
            subject,
            outcome: Outcome::Stopped,
            class: Class::NotRun,
            reason: None,
            differences: Vec::new(),
            milliseconds: 0.0,
            kept: None,
            mismatches: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// `credential-helper/profile-name-with-spaces`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.area, self.id)
    }

    /// Sets the outcome, and the class that goes with it.
    pub fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.class = match outcome {
            Outcome::Passed if self.differences.is_empty() => Class::Pass,
            Outcome::Passed => Class::Differs,
            Outcome::Failed | Outcome::Broken => Class::Fail,
            Outcome::Skipped => Class::Skipped,
            Outcome::Stopped => Class::NotRun,
        };
    }

    /// The first thing that came out differently.
    pub fn first_mismatch(&self) -> Option<&MismatchRecord> {
        let in_steps = self.steps.iter().flat_map(|step| &step.mismatches);
        self.mismatches.iter().chain(in_steps).next()
    }

    /// The step that [`CaseRecord::first_mismatch`] is about, if it is about one.
    pub fn first_mismatched_step(&self) -> Option<&StepRecord> {
        let mut steps = self.steps.iter();
        let step = steps.find(|step| !step.mismatches.is_empty());
        step.filter(|_| self.mismatches.is_empty())
    }
}

impl CauseRecord {
    fn of(why: &Why) -> Self {
        Self {
            verdict: why.verdict().map(|reason| reason.as_str().to_owned()),
            told: why.told().cloned(),
            summary: match why {
                Why::Verdict(reason) => reason.summary().to_owned(),
                Why::Told(told) => told.to_string(),
            },
        }
    }
}

impl Class {
    /// Every one, best first.
    pub const ALL: [Self; 5] = [
        Self::Pass,
        Self::Differs,
        Self::Fail,
        Self::Skipped,
        Self::NotRun,
    ];

    /// Its word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Differs => "differs",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
            Self::NotRun => "not-run",
        }
    }
}
