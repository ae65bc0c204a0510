//! The report that CI systems read: a suite an area, a test case a scenario.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Reporter;
use super::terminal::Terminal;
use crate::event::{Event, Outcome, ScenarioReport};
use crate::scenario::Scenario;

/// Writes one XML document when the run is over.
#[derive(Debug)]
pub struct Junit<W> {
    out: W,
    name: String,
    scenario: Option<Arc<Scenario>>,
    /// The events of the scenario that is going on: its failure is told in the words of the terminal report.
    events: Vec<Event>,
    suites: BTreeMap<String, TestSuite>,
}

impl<W: Write> Junit<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            name: "codecommit-lab".to_owned(),
            scenario: None,
            events: Vec::new(),
            suites: BTreeMap::new(),
        }
    }

    fn scenario_finished(&mut self, report: &ScenarioReport) -> io::Result<()> {
        let Some(scenario) = self.scenario.take() else {
            return Ok(());
        };
        let status = match &report.outcome {
            Outcome::Passed => TestCaseStatus::success(),
            Outcome::Skipped(reason) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(&**reason);
                status
            }
            Outcome::Stopped => {
                let mut status = TestCaseStatus::skipped();
                status.set_message("not run: stopped");
                status
            }
            Outcome::Broken(reason) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(&**reason);
                status
            }
            Outcome::Failed(mismatches) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                if let Some(first) = mismatches.first().or(self.first_mismatch()) {
                    status.set_message(first.error.to_string());
                }
                status.set_description(self.told()?);
                status
            }
        };
        let mut case = TestCase::new(&*scenario.id, status);
        case.set_classname(&*scenario.area);
        case.set_time(report.duration);
        self.suites
            .entry(scenario.area.clone())
            .or_insert_with(|| TestSuite::new(&*scenario.area))
            .add_test_case(case);
        Ok(())
    }

    fn first_mismatch(&self) -> Option<&crate::expectation::Mismatch> {
        self.events.iter().find_map(|event| match event {
            Event::StepFinished(step) => step.mismatches.first(),
            _ => None,
        })
    }

    fn told(&self) -> io::Result<String> {
        let mut text = Vec::new();
        let mut terminal = Terminal::new(anstream::StripStream::new(&mut text));
        for event in &self.events {
            terminal.note(event)?;
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

impl<W: Write> Reporter for Junit<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { helper, .. } => {
                self.name = format!("codecommit-lab, helper: {}", helper.as_str());
            }
            Event::ScenarioStarted(scenario) => {
                self.scenario = Some(Arc::clone(scenario));
                self.events = vec![event.clone()];
            }
            Event::StepFinished(_) => self.events.push(event.clone()),
            Event::ScenarioFinished(report) => {
                self.events.push(event.clone());
                self.scenario_finished(report)?;
            }
            Event::RunFinished(_) => {
                let mut report = Report::new(&*self.name);
                report.add_test_suites(std::mem::take(&mut self.suites).into_values());
                report.serialize(&mut self.out).map_err(io::Error::other)?;
                self.out.flush()?;
            }
        }
        Ok(())
    }
}
