//! The report for TAP consumers (Test Anything Protocol): a test point a case.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::json;

use super::Reporter;
use crate::event::Event;
use crate::record::{CaseRecord, Class, RunRecord, StepRecord, Summary};

/// Writes the points when the run is over: the plan comes first, and a run that is stopped still keeps it.
#[derive(Debug)]
pub struct Tap<W> {
    out: W,
    run: RunRecord,
    points: Vec<String>,
}

impl<W: Write> Tap<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            run: RunRecord::default(),
            points: Vec::new(),
        }
    }

    fn point(&self, case: &CaseRecord) -> String {
        let number = self.points.len() + 1;
        let name = self.run.name_of(case);
        let word = if case.class == Class::Fail {
            "not ok"
        } else {
            "ok"
        };
        let reason = escaped(case.reason.as_deref().unwrap_or_default());
        let directive = match case.class {
            Class::Skipped => format!(" # SKIP {reason}"),
            Class::NotRun => format!(" # SKIP not run: {reason}"),
            Class::Pass | Class::Differs | Class::Fail => String::new(),
        };
        let mut point = format!("{word} {number} - {}{directive}\n", escaped(&name));
        // A value in JSON is one in YAML.
        let mut entries = vec![("duration_ms", json!(case.milliseconds))];
        if let Some(mismatch) = case.first_mismatch() {
            entries.extend([
                ("message", json!(mismatch.message)),
                (
                    "at",
                    json!({"file": mismatch.file_or(&case.file), "line": mismatch.line, "column": mismatch.column}),
                ),
                ("expected", json!(mismatch.expected)),
                ("actual", json!(mismatch.actual)),
            ]);
            // What `actual` may say is shown below.
            let step = case.first_mismatched_step();
            let outputs = step.into_iter().flat_map(StepRecord::outputs);
            entries.extend(outputs.map(|(name, text)| (name, json!(text))));
        } else if case.class == Class::Fail {
            entries.push(("message", json!(case.reason)));
        }
        if !case.differences.is_empty() {
            entries.push(("differs", json!(case.differences)));
        }
        point.push_str("  ---\n");
        for (key, value) in entries {
            // Writing to a String does not fail.
            let _ = writeln!(point, "  {key}: {value}");
        }
        point.push_str("  ...\n");
        point
    }
}

/// Why a run is not whole. To a consumer a point that is skipped is a good one, so these alone would pass it.
fn ended_early(summary: &Summary) -> Option<String> {
    let not_run = match summary.not_run {
        0 => None,
        1 => Some("1 case was not run".to_owned()),
        many => Some(format!("{many} cases were not run")),
    };
    match (summary.stopped_by, not_run) {
        (Some(signal), Some(not_run)) => Some(format!("stopped by signal {signal}: {not_run}")),
        (Some(signal), None) => Some(format!("stopped by signal {signal}")),
        (None, not_run) => not_run,
    }
}

/// On one line, without the signs that mean something in a description.
fn escaped(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ");
    line.replace('\\', "\\\\").replace('#', "\\#")
}

impl<W: Write> Reporter for Tap<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { run, .. } => self.run = run.clone(),
            Event::Progress(_) => {}
            Event::CaseFinished(case) => self.points.push(self.point(case)),
            Event::RunFinished(summary) => {
                // Nothing in it is newer, and a consumer from before 2023, such as most that come with Perl, fails what calls
                // itself 14. Those for 14 take this for theirs.
                writeln!(self.out, "TAP version 13\n1..{}", self.points.len())?;
                for point in &self.points {
                    self.out.write_all(point.as_bytes())?;
                }
                if let Some(why) = ended_early(summary) {
                    writeln!(self.out, "Bail out! {why}")?;
                }
                self.out.flush()?;
            }
        }
        Ok(())
    }
}
