//! One scenario, played in a sandbox of its own.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::{Reason, Verdict};
use codecommit_mock::document::Source;

use crate::event::{Event, Outcome, ScenarioReport, StepReport};
use crate::expectation::Mismatch;
use crate::runner::Options;
use crate::sandbox::{EditError, Sandbox};
use crate::scenario::{Action, Edit, Phase, Platform, Scenario, Step};
use crate::stop::Stop;
use crate::subject::Helper;
use crate::toolbox::{Peer, Toolbox};

/// Plays one scenario: up to its first step that fails, since the later ones build on it.
pub(crate) fn play(scenario: &Arc<Scenario>, toolbox: &Toolbox, options: &Options) -> Vec<Event> {
    let began = Instant::now();
    let mut events = vec![Event::ScenarioStarted(Arc::clone(scenario))];
    let finished = |outcome, kept| {
        Event::ScenarioFinished(ScenarioReport {
            outcome,
            duration: began.elapsed(),
            kept,
        })
    };
    if let Some(reason) = cannot_run(scenario, toolbox) {
        events.push(finished(Outcome::Skipped(reason), None));
        return events;
    }
    let mut sandbox = match Sandbox::new(scenario, toolbox) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            events.push(finished(
                Outcome::Broken(format!("failed to {error}")),
                None,
            ));
            return events;
        }
    };
    let mut play = Play {
        scenario,
        helper: toolbox.helper,
        stop: &options.stop,
        sandbox: &mut sandbox,
        events: &mut events,
    };
    let outcome = play.phases();
    let kept = options.keep.then(|| sandbox.keep());
    events.push(finished(outcome, kept));
    events
}

/// What is told of a scenario that the run did not come to.
pub(crate) fn left_out(scenario: &Arc<Scenario>) -> Vec<Event> {
    let report = ScenarioReport {
        outcome: Outcome::Stopped,
        duration: Duration::ZERO,
        kept: None,
    };
    vec![
        Event::ScenarioStarted(Arc::clone(scenario)),
        Event::ScenarioFinished(report),
    ]
}

/// One scenario that is going on.
struct Play<'a> {
    scenario: &'a Scenario,
    helper: Helper,
    stop: &'a Stop,
    sandbox: &'a mut Sandbox,
    events: &'a mut Vec<Event>,
}

impl Play<'_> {
    fn phases(&mut self) -> Outcome {
        for (phase, steps) in self.scenario.phases() {
            let mut endings = Vec::new();
            for (index, step) in steps.iter().enumerate() {
                let report = self.step(phase, index + 1, step);
                if self.stop.is_asked() {
                    return Outcome::Stopped;
                }
                if report
                    .status()
                    .is_some_and(|status| status.code() != Some(0))
                {
                    endings.push((report.name(), last_refusal(&report.exchanges)));
                }
                let passed = report.mismatches.is_empty();
                self.events.push(Event::StepFinished(Box::new(report)));
                if !passed {
                    return Outcome::Failed(Vec::new());
                }
            }
            if let (Phase::Symptom, Some(cause)) = (phase, self.scenario.cause())
                && let (Some(verdict), span) = cause.verdict(self.helper)
                && !endings.iter().any(|(_, ending)| *ending == Some(verdict))
            {
                let document = &self.scenario.document;
                return Outcome::Failed(vec![another_cause(document, verdict, span, &endings)]);
            }
        }
        Outcome::Passed
    }

    fn step(&mut self, phase: Phase, number: usize, step: &Step) -> StepReport {
        let began = Instant::now();
        let document = &self.scenario.document;
        let mut report = StepReport {
            phase,
            number,
            summary: self.scenario.redactor.redact(&step.summary()),
            note: step.note.clone(),
            line: document.position(step.span.start).0,
            output: None,
            exchanges: Vec::new(),
            mismatches: Vec::new(),
            duration: Duration::ZERO,
        };
        match &step.action {
            Action::Clock(by) => self.sandbox.advance_clock(*by),
            Action::Edit(edit) => {
                if let Err(error) = self.sandbox.edit(edit) {
                    report
                        .mismatches
                        .push(not_edited(document, step, edit, &error));
                }
            }
            Action::Run(run) => match self.sandbox.run(run, self.stop) {
                Ok((output, exchanges)) => {
                    report.mismatches = run.expectation(self.helper).judge(
                        document,
                        step.span.clone(),
                        &output,
                        &exchanges,
                    );
                    if run.mends {
                        let mended = not_mended(step, document, &exchanges);
                        report.mismatches.extend(mended);
                    }
                    report.output = Some(output);
                    report.exchanges = exchanges;
                }
                Err(error) => report.mismatches.push(Mismatch {
                    error: document.error_at(step.span.clone(), "the command does not start", None),
                    expected: "a command that starts".to_owned(),
                    actual: error.to_string(),
                }),
            },
        }
        for mismatch in &mut report.mismatches {
            mismatch.expected = self.scenario.redactor.redact(&mismatch.expected);
        }
        report.duration = began.elapsed();
        report
    }
}

/// Why a scenario cannot run on this machine with this helper.
fn cannot_run(scenario: &Scenario, toolbox: &Toolbox) -> Option<String> {
    if !Platform::here().is_some_and(|here| scenario.platforms.contains(&here)) {
        return Some(format!("it does not happen on {}", std::env::consts::OS));
    }
    for peer in &scenario.requires {
        if let Err(missing) = toolbox.peer(*peer) {
            return Some(missing.to_string());
        }
    }
    if toolbox.helper == Helper::AwsCli
        && let (true, Err(missing)) = (scenario.moves_the_clock(), toolbox.peer(Peer::Faketime))
    {
        return Some(format!("it moves the clock of the AWS CLI: {missing}"));
    }
    None
}

/// Why the server let a command fail: its last refusal. The challenge that every operation starts with is one only where
/// nothing came after it.
fn last_refusal(exchanges: &[Exchange]) -> Option<Reason> {
    let reason = |exchange: &Exchange| match &exchange.verdict {
        Some(Verdict::Refused(refusal)) => Some(refusal.reason),
        _ => None,
    };
    let at = exchanges
        .iter()
        .rposition(|exchange| reason(exchange).is_some())?;
    let last = reason(&exchanges[at])?;
    (last != Reason::CredentialsMissing || at + 1 == exchanges.len()).then_some(last)
}

fn another_cause(
    document: &Source,
    verdict: Reason,
    span: Range<usize>,
    endings: &[(String, Option<Reason>)],
) -> Mismatch {
    let endings: Vec<String> = endings
        .iter()
        .map(|(step, ending)| match ending {
            Some(reason) => format!("{step} fails with {reason}"),
            None => format!("{step} fails, and the server refused nothing in the end"),
        })
        .collect();
    Mismatch {
        error: document.error_at(span, "the symptom has another cause", None),
        expected: format!("a step that fails with the verdict {verdict}"),
        actual: endings.join("\n"),
    }
}

/// A command that succeeds without the server shows nothing.
fn not_mended(step: &Step, document: &Source, exchanges: &[Exchange]) -> Option<Mismatch> {
    let actual = match exchanges.last().and_then(|last| last.verdict.as_ref()) {
        Some(Verdict::Accepted(_)) => return None,
        Some(Verdict::Refused(refusal)) => {
            format!("the last request fails with {}", refusal.reason)
        }
        None => "no request at all".to_owned(),
    };
    Some(Mismatch {
        error: document.error_at(
            step.span.clone(),
            "nothing shows that the failure is mended",
            None,
        ),
        expected: "a last request that the server accepts".to_owned(),
        actual,
    })
}

fn not_edited(document: &Source, step: &Step, edit: &Edit, error: &EditError) -> Mismatch {
    let (span, actual) = match error {
        EditError::File { .. } => (step.span.clone(), error.to_string()),
        EditError::Occurrences { count, content } => (
            edit.find_span.clone(),
            format!("{count} occurrences in {}:\n{content}", edit.file),
        ),
    };
    Mismatch {
        error: document.error_at(span, "the file cannot be edited like this", None),
        expected: format!("one occurrence of {:?} in {}", edit.find, edit.file),
        actual,
    }
}
