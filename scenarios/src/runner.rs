//! Plays scenarios, several at a time, and tells what happens in one orderly stream of events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::Verdict;

use crate::event::{Event, Outcome, ScenarioReport, StepReport, Summary};
use crate::expectation::Mismatch;
use crate::sandbox::{EditError, Sandbox};
use crate::scenario::{Action, Cause, Edit, Phase, Platform, Scenario, Step};
use crate::subject::Helper;
use crate::toolbox::{Peer, Toolbox};

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many scenarios at a time; at least one.
    pub jobs: usize,
    /// Whether to leave the sandboxes' folders for inspection.
    pub keep: bool,
}

/// Plays the scenarios. `listen` is given the events; those of one scenario come together, in the order of the selection.
pub fn run(
    scenarios: &[Arc<Scenario>],
    toolbox: &Toolbox,
    options: Options,
    mut listen: impl FnMut(&Event),
) -> Summary {
    listen(&Event::RunStarted {
        scenarios: scenarios.len(),
        helper: toolbox.helper,
    });
    let mut summary = Summary::default();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, scenarios.len().max(1)) {
            let sender = sender.clone();
            let next = &next;
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(index) else {
                        break;
                    };
                    if sender
                        .send((index, play(scenario, toolbox, options.keep)))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (index, events) in receiver {
            waiting.insert(index, events);
            while let Some(events) = waiting.remove(&due) {
                for event in &events {
                    if let Event::ScenarioFinished(report) = event {
                        summary.count(&report.outcome);
                    }
                    listen(event);
                }
                due += 1;
            }
        }
    });
    listen(&Event::RunFinished(summary));
    summary
}

/// Plays one scenario: up to its first step that fails, since the later ones build on it.
fn play(scenario: &Arc<Scenario>, toolbox: &Toolbox, keep: bool) -> Vec<Event> {
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
    let (world, client) = (&scenario.world, &scenario.client);
    let mut sandbox = match Sandbox::new(world, client, &scenario.requires, toolbox) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            events.push(finished(
                Outcome::Broken(format!("failed to {error}")),
                None,
            ));
            return events;
        }
    };
    let outcome = play_phases(scenario, toolbox.helper, &mut sandbox, &mut events);
    let kept = keep.then(|| sandbox.keep());
    events.push(finished(outcome, kept));
    events
}

fn play_phases(
    scenario: &Scenario,
    helper: Helper,
    sandbox: &mut Sandbox,
    events: &mut Vec<Event>,
) -> Outcome {
    for (phase, steps) in scenario.phases() {
        let mut verdicts = BTreeSet::new();
        for (index, step) in steps.iter().enumerate() {
            let mut report = StepReport {
                phase,
                number: index + 1,
                summary: step.summary(),
                note: step.note.clone(),
                line: scenario.document.position(step.span.start).0,
                output: None,
                exchanges: Vec::new(),
                mismatches: Vec::new(),
                duration: Duration::ZERO,
            };
            let began = Instant::now();
            play_step(scenario, step, helper, sandbox, &mut report);
            report.duration = began.elapsed();
            verdicts.extend(verdict_ids(&report.exchanges));
            let passed = report.mismatches.is_empty();
            events.push(Event::StepFinished(Box::new(report)));
            if !passed {
                return Outcome::Failed(Vec::new());
            }
        }
        if let (Phase::Symptom, Some(cause)) = (phase, scenario.cause())
            && !verdicts.contains(cause.verdict.as_str())
        {
            return Outcome::Failed(vec![another_cause(scenario, cause, &verdicts)]);
        }
    }
    Outcome::Passed
}

fn play_step(
    scenario: &Scenario,
    step: &Step,
    helper: Helper,
    sandbox: &mut Sandbox,
    report: &mut StepReport,
) {
    match &step.action {
        Action::Clock(by) => sandbox.advance_clock(*by),
        Action::Edit(edit) => {
            if let Err(error) = sandbox.edit(edit) {
                report
                    .mismatches
                    .push(not_edited(scenario, step, edit, &error));
            }
        }
        Action::Run(run) => match sandbox.run(run) {
            Ok((output, exchanges)) => {
                report.mismatches = run.expectation(helper).judge(
                    &scenario.document,
                    step.span.clone(),
                    &output,
                    &exchanges,
                );
                report.output = Some(output);
                report.exchanges = exchanges;
            }
            Err(error) => report.mismatches.push(Mismatch {
                error: scenario.document.error_at(
                    step.span.clone(),
                    "the command does not start",
                    None,
                ),
                expected: "a command that starts".to_owned(),
                actual: error.to_string(),
            }),
        },
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
    if toolbox.helper == Helper::AwsCli {
        if let Err(missing) = &toolbox.aws_cli {
            return Some(missing.to_string());
        }
        if let (true, Err(missing)) = (scenario.moves_the_clock(), toolbox.peer(Peer::Faketime)) {
            return Some(format!("it moves the clock of the AWS CLI: {missing}"));
        }
    }
    None
}

fn verdict_ids(exchanges: &[Exchange]) -> impl Iterator<Item = &'static str> {
    exchanges
        .iter()
        .filter_map(|exchange| exchange.verdict.as_ref().map(Verdict::id))
}

fn another_cause(scenario: &Scenario, cause: &Cause, verdicts: &BTreeSet<&str>) -> Mismatch {
    let seen: Vec<&str> = verdicts.iter().copied().collect();
    Mismatch {
        error: scenario.document.error_at(
            cause.span.clone(),
            "the symptom has another cause",
            None,
        ),
        expected: format!("the verdict {} during the symptom", cause.verdict),
        actual: match &seen[..] {
            [] => "no verdict at all".to_owned(),
            seen => format!("only {}", seen.join(", ")),
        },
    }
}

fn not_edited(scenario: &Scenario, step: &Step, edit: &Edit, error: &EditError) -> Mismatch {
    let (span, actual) = match error {
        EditError::File { .. } => (step.span.clone(), error.to_string()),
        EditError::Occurrences { count, content } => (
            edit.find_span.clone(),
            format!("{count} occurrences in {}:\n{content}", edit.file),
        ),
    };
    Mismatch {
        error: scenario
            .document
            .error_at(span, "the file cannot be edited like this", None),
        expected: format!("one occurrence of {:?} in {}", edit.find, edit.file),
        actual,
    }
}
