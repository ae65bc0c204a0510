//! The report for programs. Its shape is public: `version` changes when a reader has to.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use codecommit_mock::Exchange;
use serde::Serialize;

use super::Reporter;
use crate::event::{Event, Outcome, ScenarioReport, StepReport, Summary};
use crate::expectation::Mismatch;
use crate::process::Status;
use crate::scenario::{Evidence, Origin, Scenario};
use crate::subject::Helper;

/// The version of the report's shape.
pub const VERSION: u32 = 1;

/// Writes one JSON document when the run is over.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    subject: Subject,
    scenario: Option<Arc<Scenario>>,
    steps: Vec<StepEntry>,
    scenarios: Vec<ScenarioEntry>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(flatten)]
    subject: &'a Subject,
    summary: SummaryEntry,
    scenarios: &'a [ScenarioEntry],
}

#[derive(Debug, Default, Serialize)]
struct Subject {
    helper: Helper,
    helper_version: String,
    git_version: String,
}

#[derive(Serialize)]
struct SummaryEntry {
    passed: usize,
    failed: usize,
    skipped: usize,
    not_run: usize,
}

#[derive(Debug, Serialize)]
struct ScenarioEntry {
    id: String,
    area: String,
    title: String,
    file: String,
    source: Origin,
    evidence: Evidence,
    outcome: &'static str,
    /// Why it was skipped, or had no sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    milliseconds: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mismatches: Vec<MismatchEntry>,
    steps: Vec<StepEntry>,
}

#[derive(Debug, Serialize)]
struct StepEntry {
    phase: &'static str,
    number: usize,
    line: usize,
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    passed: bool,
    milliseconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<String>,
    exchanges: Vec<Exchange>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mismatches: Vec<MismatchEntry>,
}

#[derive(Debug, Serialize)]
struct MismatchEntry {
    line: usize,
    column: usize,
    message: String,
    expected: String,
    actual: String,
}

impl<W: Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            subject: Subject::default(),
            scenario: None,
            steps: Vec::new(),
            scenarios: Vec::new(),
        }
    }

    fn scenario_finished(&mut self, report: &ScenarioReport) {
        let Some(scenario) = self.scenario.take() else {
            return;
        };
        let (reason, mismatches) = match &report.outcome {
            Outcome::Passed | Outcome::Stopped => (None, &[][..]),
            Outcome::Skipped(reason) | Outcome::Broken(reason) => (Some(reason.clone()), &[][..]),
            Outcome::Failed(mismatches) => (None, &mismatches[..]),
        };
        self.scenarios.push(ScenarioEntry {
            id: scenario.id.clone(),
            area: scenario.area.clone(),
            title: scenario.title.clone(),
            file: scenario.document.name().to_owned(),
            source: scenario.origin.clone(),
            evidence: scenario.evidence,
            outcome: report.outcome.as_str(),
            reason,
            milliseconds: milliseconds(report.duration),
            mismatches: mismatches.iter().map(MismatchEntry::from).collect(),
            steps: std::mem::take(&mut self.steps),
        });
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        let document = Document {
            version: VERSION,
            subject: &self.subject,
            summary: SummaryEntry {
                passed: summary.passed,
                failed: summary.failed,
                skipped: summary.skipped,
                not_run: summary.not_run,
            },
            scenarios: &self.scenarios,
        };
        serde_json::to_writer_pretty(&mut self.out, &document)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for Json<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                helper,
                helper_version,
                git_version,
                ..
            } => {
                self.subject = Subject {
                    helper: *helper,
                    helper_version: helper_version.clone(),
                    git_version: git_version.clone(),
                };
            }
            Event::ScenarioStarted(scenario) => {
                self.scenario = Some(Arc::clone(scenario));
                self.steps.clear();
            }
            Event::StepFinished(step) => self.steps.push(StepEntry::from(&**step)),
            Event::ScenarioFinished(report) => self.scenario_finished(report),
            Event::RunFinished(summary) => return self.write(summary),
        }
        Ok(())
    }
}

impl From<&StepReport> for StepEntry {
    fn from(step: &StepReport) -> Self {
        let output = step.output.as_ref();
        Self {
            phase: step.phase.as_str(),
            number: step.number,
            line: step.line,
            action: step.summary.clone(),
            note: step.note.clone(),
            passed: step.mismatches.is_empty(),
            milliseconds: milliseconds(step.duration),
            status: step.status(),
            stdout: output.map(|output| output.stdout.clone()),
            stderr: output.map(|output| output.stderr.clone()),
            exchanges: step.exchanges.clone(),
            mismatches: step.mismatches.iter().map(MismatchEntry::from).collect(),
        }
    }
}

impl From<&Mismatch> for MismatchEntry {
    fn from(mismatch: &Mismatch) -> Self {
        Self {
            line: mismatch.error.line(),
            column: mismatch.error.column(),
            message: mismatch.error.message.clone(),
            expected: mismatch.expected.clone(),
            actual: mismatch.actual.clone(),
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
