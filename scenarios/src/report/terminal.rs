//! The report for people: a line a scenario, and everything there is to know about those that failed.

use std::io::{self, Write};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use super::{Reporter, exchange};
use crate::diagnostic;
use crate::event::{Event, Outcome, ScenarioReport, StepReport};
use crate::expectation::Mismatch;
use crate::scenario::{Phase, Scenario};

const PASS: Style = AnsiColor::Green.on_default().bold();
const FAIL: Style = AnsiColor::Red.on_default().bold();
const SKIP: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Writes to a terminal, or anything else that takes text.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    scenario: Option<Arc<Scenario>>,
    /// What is shown of a scenario that fails: the step that differs, else the last that the user saw failing.
    shown: Option<StepReport>,
}

impl<W: Write> Terminal<W> {
    /// Writes to `out`. Colours are written as ANSI sequences: give it a stream that takes them out where they are unwanted.
    pub fn new(out: W) -> Self {
        Self {
            out,
            scenario: None,
            shown: None,
        }
    }

    fn scenario_finished(&mut self, report: &ScenarioReport) -> io::Result<()> {
        let (Some(scenario), step) = (self.scenario.take(), self.shown.take()) else {
            return Ok(());
        };
        let (style, word) = match report.outcome {
            Outcome::Passed => (PASS, "pass"),
            Outcome::Failed(_) | Outcome::Broken(_) => (FAIL, "FAIL"),
            Outcome::Skipped(_) => (SKIP, "skip"),
            // Counted at the end: the user knows why.
            Outcome::Stopped => return Ok(()),
        };
        let name = scenario.name();
        let seconds = report.duration.as_secs_f64();
        writeln!(
            self.out,
            "{style}{word}{style:#} {FAINT}{seconds:6.2}s{FAINT:#}  {name}"
        )?;
        match &report.outcome {
            Outcome::Passed | Outcome::Stopped => {}
            Outcome::Skipped(reason) => writeln!(self.out, "               {reason}")?,
            Outcome::Broken(reason) => writeln!(self.out, "\n{FAIL}error{FAIL:#}: {reason}\n")?,
            Outcome::Failed(mismatches) => {
                writeln!(self.out, "               {}\n", scenario.title)?;
                self.mismatches(mismatches)?;
                if let Some(step) = step {
                    self.step(&scenario, &step)?;
                }
            }
        }
        if let Some(folder) = &report.kept {
            writeln!(
                self.out,
                "               sandbox kept: {}",
                folder.display()
            )?;
        }
        Ok(())
    }

    fn mismatches(&mut self, mismatches: &[Mismatch]) -> io::Result<()> {
        for mismatch in mismatches {
            writeln!(self.out, "{}\n", diagnostic::mismatch(mismatch))?;
        }
        Ok(())
    }

    /// A step that failed: what differs, what the command wrote, what the server saw.
    fn step(&mut self, scenario: &Scenario, step: &StepReport) -> io::Result<()> {
        self.mismatches(&step.mismatches)?;
        writeln!(
            self.out,
            "{} ({}:{}): {}",
            step.name(),
            scenario.document.name(),
            step.line,
            step.summary
        )?;
        if let Some(note) = &step.note {
            self.indented("note", note)?;
        }
        if let Some(output) = &step.output {
            writeln!(self.out, "  status: {}", output.status)?;
            self.indented("stdout", &output.stdout)?;
            self.indented("stderr", &output.stderr)?;
            match &step.exchanges[..] {
                [] => writeln!(self.out, "  requests: none")?,
                exchanges => {
                    writeln!(self.out, "  requests:\n")?;
                    for exchange in exchanges {
                        writeln!(self.out, "{}", exchange::describe(&exchange.into()))?;
                    }
                }
            }
        }
        writeln!(self.out)
    }

    fn indented(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return writeln!(self.out, "  {name}: empty");
        }
        writeln!(self.out, "  {name}:")?;
        for line in text.lines() {
            writeln!(self.out, "   |  {line}")?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                scenarios,
                helper,
                helper_version,
                git_version,
            } => {
                let plural = if *scenarios == 1 { "" } else { "s" };
                writeln!(
                    self.out,
                    "running {scenarios} scenario{plural}: {git_version}, helper {} ({helper_version})",
                    helper.as_str()
                )
            }
            Event::ScenarioStarted(scenario) => {
                self.scenario = Some(Arc::clone(scenario));
                self.shown = None;
                Ok(())
            }
            Event::StepFinished(step) => {
                let fails = step.status().is_some_and(|status| status.code() != Some(0));
                if !step.mismatches.is_empty() || (step.phase == Phase::Symptom && fails) {
                    self.shown = Some((**step).clone());
                }
                Ok(())
            }
            Event::ScenarioFinished(report) => self.scenario_finished(report),
            // Alone on its line and without colours: scripts look for it.
            Event::RunFinished(summary) => {
                if summary.not_run > 0 {
                    writeln!(self.out, "{} not run: stopped", summary.not_run)?;
                }
                writeln!(self.out, "{summary}")
            }
        }
    }
}
