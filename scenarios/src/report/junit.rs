//! The report that CI systems read: a suite an area, a test case a scenario. Several subjects have suites of their own.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Reporter;
use super::terminal::Terminal;
use crate::event::Event;
use crate::record::{CaseRecord, Class, Outcome, RunRecord};

/// Writes one XML document when the run is over.
#[derive(Debug)]
pub struct Junit<W> {
    out: W,
    run: RunRecord,
    suites: BTreeMap<(usize, String), TestSuite>,
}

impl<W: Write> Junit<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            run: RunRecord::default(),
            suites: BTreeMap::new(),
        }
    }

    fn finished(&mut self, record: &CaseRecord) -> io::Result<()> {
        let reason = record.reason.as_deref().unwrap_or_default();
        let mut status = match record.outcome {
            Outcome::Passed => TestCaseStatus::success(),
            Outcome::Skipped | Outcome::Stopped => TestCaseStatus::skipped(),
            Outcome::Broken => TestCaseStatus::non_success(NonSuccessKind::Error),
            Outcome::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        match record.outcome {
            Outcome::Passed => {}
            Outcome::Skipped | Outcome::Broken => {
                status.set_message(reason);
            }
            Outcome::Stopped => {
                // JUnit has no word of its own for it; the type keeps it apart from what cannot run here.
                status.set_type(Class::NotRun.as_str());
                status.set_message(format!("not run: {reason}"));
            }
            Outcome::Failed => {
                if let Some(first) = record.first_mismatch() {
                    let (file, line, column) =
                        (first.file_or(&record.file), first.line, first.column);
                    status.set_message(format!("{file}:{line}:{column}: {}", first.message));
                }
                status.set_description(told(record)?);
            }
        }
        let mut case = TestCase::new(&*record.id, status);
        // One that was read from a file may say anything.
        let time = Duration::try_from_secs_f64(record.milliseconds / 1e3);
        case.set_time(time.unwrap_or_default());
        let differences = record.differences.iter();
        for difference in differences {
            let text = format!("{}: {}", difference.step, difference.reason);
            case.add_property(("differs", &*text));
        }
        let area = match &self.run.subjects[..] {
            [] | [_] => record.area.clone(),
            subjects => {
                let subject = subjects.get(record.subject);
                let name = subject.map_or("", |subject| &*subject.name);
                format!("{} ({name})", record.area)
            }
        };
        case.set_classname(&*area);
        self.suites
            .entry((record.subject, area.clone()))
            .or_insert_with(|| TestSuite::new(area))
            .add_test_case(case);
        Ok(())
    }
}

/// A failure in the words of the terminal report.
fn told(case: &CaseRecord) -> io::Result<String> {
    let mut text = Vec::new();
    Terminal::new(anstream::StripStream::new(&mut text)).case(case)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

impl<W: Write> Reporter for Junit<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { run, .. } => self.run = run.clone(),
            Event::Progress(_) => {}
            Event::CaseFinished(case) => self.finished(case)?,
            Event::RunFinished(_) => {
                let name = match &self.run.subjects[..] {
                    [subject] => format!("codecommit-lab, helper: {}", subject.helper),
                    _ => "codecommit-lab".to_owned(),
                };
                let mut report = Report::new(name);
                report.add_test_suites(std::mem::take(&mut self.suites).into_values());
                report.serialize(&mut self.out).map_err(io::Error::other)?;
                self.out.flush()?;
            }
        }
        Ok(())
    }
}
