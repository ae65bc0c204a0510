//! What is kept of a run: the data that every report is made of, and the shape of the JSON report.
//!
//! No record holds a secret: outputs and exchanges are redacted before they get here.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expectation::Mismatch;
use crate::journal::Entry;
use crate::process::{self, Output};
use crate::scenario::{Evidence, Origin, Phase, Scenario, Told, Why};

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

/// How a step went.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// The part of the scenario.
    pub phase: Phase,
    /// Counted from one in its part.
    pub number: usize,
    /// The line of the document.
    pub line: usize,
    /// What happened: the command, or in one line.
    pub action: String,
    /// The scenario's words on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether all was as the scenario says.
    pub passed: bool,
    /// How long it took.
    pub milliseconds: f64,
    /// How the command ended, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What it wrote to standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// What it wrote to standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// What the server saw of it.
    pub exchanges: Vec<Entry>,
    /// What differs from what the scenario asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<MismatchRecord>,
}

/// How a command ended: its exit status, or in words if it did not end by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Status {
    /// The exit status.
    Code(i32),
    /// `ended by signal 9`, `no end within 60s`.
    Words(String),
}

/// Something came out differently.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MismatchRecord {
    /// The document that asks for it: the scenario's own, or one that it takes steps from.
    #[serde(default)]
    pub file: String,
    /// The line of the document that asks for it, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
    /// What differs.
    pub message: String,
    /// What was asked for.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The lines of the document.
    #[serde(default)]
    pub excerpt: Excerpt,
}

/// Whole lines of a document, and the part of them that is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// The number of the first line.
    pub first_line: usize,
    /// The lines.
    pub text: String,
    /// The first byte that is meant.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
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

impl StepRecord {
    /// What its command wrote, stream by stream; not those it wrote nothing to.
    pub fn outputs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let streams = [("stdout", &self.stdout), ("stderr", &self.stderr)];
        streams
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_deref()?)))
            .filter(|(_, text)| !text.is_empty())
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

impl MismatchRecord {
    /// The document it points at; `scenario` is that of the scenario, for reports that do not say.
    pub fn file_or<'a>(&'a self, scenario: &'a str) -> &'a str {
        match &*self.file {
            "" => scenario,
            file => file,
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

impl StepRecord {
    /// `symptom 2`.
    pub fn name(&self) -> String {
        format!("{} {}", self.phase.as_str(), self.number)
    }

    /// Whether it is a command that did not end with status 0.
    pub fn fails(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| *status != Status::Code(0))
    }

    /// Takes the output of its command.
    pub fn set_output(&mut self, output: Output) {
        self.status = Some(output.status.into());
        self.stdout = Some(output.stdout);
        self.stderr = Some(output.stderr);
    }
}

impl From<process::Status> for Status {
    fn from(status: process::Status) -> Self {
        match status.code() {
            Some(code) => Self::Code(code),
            None => Self::Words(status.to_string()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl From<&Mismatch> for MismatchRecord {
    fn from(mismatch: &Mismatch) -> Self {
        let error = &mismatch.error;
        Self {
            file: error.source_text.name().to_owned(),
            line: error.line(),
            column: error.column(),
            message: error.message.clone(),
            expected: mismatch.expected.clone(),
            actual: mismatch.actual.clone(),
            help: error.help.clone(),
            excerpt: Excerpt::of(error.source_text.text(), error.span.clone()),
        }
    }
}

impl Excerpt {
    fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        let from = text.get(..start).and_then(|before| before.rfind('\n'));
        let from = from.map_or(0, |at| at + 1);
        let rest = text.get(end..).unwrap_or_default();
        let to = end + rest.find('\n').unwrap_or(rest.len());
        Self {
            first_line: text.get(..from).unwrap_or_default().matches('\n').count() + 1,
            text: text.get(from..to).unwrap_or_default().to_owned(),
            start: start - from,
            end: end - from,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_whole_lines() {
        let excerpt = Excerpt::of("a = 1\nb = 2\nc = 3\n", 10..15);
        assert_eq!(excerpt.first_line, 2);
        assert_eq!(excerpt.text, "b = 2\nc = 3");
        assert_eq!(&excerpt.text[excerpt.start..excerpt.end], "2\nc =");
        let nothing = Excerpt::of("", 0..0);
        assert_eq!((nothing.first_line, &*nothing.text), (1, ""));
    }
}
