//! One scenario, played in a sandbox of its own.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codecommit_mock::Exchange;
use codecommit_mock::authn::verdict::Verdict;
use codecommit_mock::document::Source;

use crate::ending::Ending;
use crate::expectation::Mismatch;
use crate::journal::Entry;
use crate::kept::Kept;
use crate::machine::Machine;
use crate::process::Output;
use crate::record::{CaseRecord, Difference, MismatchRecord, Outcome, StepRecord};
use crate::runner::Options;
use crate::sandbox::{EditError, Sandbox};
use crate::scenario::{Action, Cause, Edit, Phase, Platform, Run, Scenario, Step, Why};
use crate::stop::Stop;
use crate::subject::{CredentialHelper, Helper, RemoteHelper, Subject};
use crate::toolbox::{Peer, Toolbox};

/// Plays one scenario: up to its first step that fails, since the later ones build on it. `subject` comes with its place.
pub(crate) fn play(
    scenario: &Arc<Scenario>,
    (place, subject): (usize, &Subject),
    toolbox: &Toolbox,
    options: &Options,
) -> CaseRecord {
    let (mut case, sandbox) = begin(
        scenario,
        (place, subject),
        toolbox,
        &options.stop,
        usize::MAX,
    );
    if let (Some(sandbox), true) = (sandbox, options.keep) {
        let kept = Kept::new(scenario, subject);
        // Without its scripts it is still there to be looked at.
        let _ = kept.write(
            sandbox.path(),
            scenario,
            subject,
            case.steps.len(),
            &toolbox.lab,
        );
        case.kept = Some(sandbox.keep());
    }
    case
}

/// Plays its first `steps` steps. The sandbox is there if they could be played; they passed if the outcome says so.
pub(crate) fn play_before(
    scenario: &Arc<Scenario>,
    subject: &Subject,
    toolbox: &Toolbox,
    stop: &Stop,
    steps: usize,
) -> (CaseRecord, Option<Sandbox>) {
    begin(scenario, (0, subject), toolbox, stop, steps)
}

fn begin(
    scenario: &Arc<Scenario>,
    (place, subject): (usize, &Subject),
    toolbox: &Toolbox,
    stop: &Stop,
    steps: usize,
) -> (CaseRecord, Option<Sandbox>) {
    let began = Instant::now();
    let mut case = CaseRecord::new(scenario, place);
    if let Some(reason) = cannot_run(scenario, toolbox, subject) {
        case.reason = Some(reason);
        case.end(Outcome::Skipped);
        return (case, None);
    }
    let mut sandbox = match Sandbox::new(scenario, toolbox, subject) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            case.reason = Some(format!("failed to {error}"));
            case.end(Outcome::Broken);
            case.milliseconds = milliseconds(began.elapsed());
            return (case, None);
        }
    };
    let mut play = Play {
        scenario,
        helper: subject.helper.kind(),
        aws_remote_helper: matches!(subject.remote_helper, RemoteHelper::Aws(_)),
        stop,
        steps,
        machine: subject.machine(),
        endings: Vec::new(),
        sandbox: &mut sandbox,
        case: &mut case,
    };
    let outcome = play.phases();
    if outcome == Outcome::Stopped {
        case.reason = Some("stopped".to_owned());
    }
    case.end(outcome);
    case.milliseconds = milliseconds(began.elapsed());
    (case, Some(sandbox))
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// One scenario that is going on.
struct Play<'a> {
    scenario: &'a Scenario,
    helper: Helper,
    /// Whether the remote helper is the program in Python.
    aws_remote_helper: bool,
    stop: &'a Stop,
    /// After so many steps, it ends.
    steps: usize,
    /// What words the texts.
    machine: Machine,
    /// How the commands of the symptom failed.
    endings: Vec<Ending>,
    sandbox: &'a mut Sandbox,
    case: &'a mut CaseRecord,
}

impl Play<'_> {
    fn phases(&mut self) -> Outcome {
        for (phase, steps) in self.scenario.phases() {
            for (index, step) in steps.iter().enumerate() {
                if self.case.steps.len() == self.steps {
                    return Outcome::Passed;
                }
                let (record, ending) = self.step(phase, index + 1, step);
                if self.stop.is_asked() {
                    return Outcome::Stopped;
                }
                if (phase, record.fails()) == (Phase::Symptom, true) {
                    self.endings.extend(ending);
                }
                let passed = record.passed;
                self.case.steps.push(record);
                if !passed {
                    return Outcome::Failed;
                }
            }
            if let (Phase::Symptom, Some(cause)) = (phase, self.scenario.cause())
                && !self.has_cause(cause)
            {
                return Outcome::Failed;
            }
        }
        Outcome::Passed
    }

    /// Whether a command of the symptom ended as the cause says.
    fn has_cause(&mut self, cause: &Cause) -> bool {
        let endings = &self.endings;
        let holds = |why: Option<&Why>| {
            why.is_none_or(|why| endings.iter().any(|ending| ending.is_due_to(why)))
        };
        let with_remote_helper = cause.with_aws_remote_helper.as_ref();
        if let Some(other) = with_remote_helper.filter(|_| self.aws_remote_helper)
            && holds(other.why.as_ref())
        {
            self.case.differences.push(Difference {
                step: "cause".to_owned(),
                reason: other.reason.clone(),
            });
            return true;
        }
        let (why, span) = cause.why(self.helper);
        let document = &self.scenario.document;
        // A helper that no scenario names may behave like one that it does name.
        let like = self
            .helper
            .alike()
            .iter()
            .filter_map(|helper| cause.by_helper.get(*helper))
            .find(|other| !holds(why) && holds(other.why.as_ref()));
        let own = cause.by_helper.get(self.helper);
        if let Some(other) = like.or(own.filter(|_| holds(why))) {
            self.case.differences.push(Difference {
                step: "cause".to_owned(),
                reason: other.reason.clone(),
            });
        }
        if let (false, None, Some(why)) = (holds(why), like, why) {
            let mismatch = another_cause(document, why, span, endings);
            self.case.mismatches.push((&mismatch).into());
            return false;
        }
        true
    }

    /// Plays one; and how its command ended, if it is one.
    fn step(&mut self, phase: Phase, number: usize, step: &Step) -> (StepRecord, Option<Ending>) {
        let began = Instant::now();
        let document = &step.document;
        let mut record = StepRecord {
            phase,
            number,
            line: self.scenario.document.position(step.place().start).0,
            action: self.scenario.redactor.redact(&step.summary()),
            note: step.note.clone(),
            passed: false,
            milliseconds: 0.0,
            status: None,
            stdout: None,
            stderr: None,
            exchanges: Vec::new(),
            mismatches: Vec::new(),
        };
        let mut ending = None;
        let mut mismatches = Vec::new();
        match &step.action {
            Action::Faults(_) | Action::Clock(_) | Action::Administrator(_) => {
                if let Err(error) = self.sandbox.act(&step.action) {
                    mismatches.push(Mismatch {
                        error: document.error_at(
                            step.span.clone(),
                            "the world does not change",
                            None,
                        ),
                        expected: "another world".to_owned(),
                        actual: error.to_string(),
                    });
                }
            }
            Action::Edit(edit) => {
                if let Err(error) = self.sandbox.edit(edit) {
                    mismatches.push(not_edited(document, step, edit, &error));
                }
            }
            Action::Run(run) => match self.sandbox.run(run, self.stop) {
                Ok((output, exchanges)) => {
                    mismatches = self.judge(&record.name(), step, run, &output, &exchanges);
                    if run.mends {
                        let cause = self.scenario.cause();
                        let failed = &self.endings;
                        let missing = not_mended(step, run, document, cause, failed, &exchanges);
                        mismatches.extend(missing);
                    }
                    record.exchanges = exchanges.iter().map(Entry::from).collect();
                    ending = Some(Ending {
                        step: record.name(),
                        command: run.command.clone(),
                        stderr: output.stderr.clone(),
                        exchanges,
                    });
                    record.set_output(output);
                }
                Err(error) => mismatches.push(Mismatch {
                    error: document.error_at(step.span.clone(), "the command does not start", None),
                    expected: "a command that starts".to_owned(),
                    actual: error.to_string(),
                }),
            },
        }
        for mismatch in &mut mismatches {
            mismatch.expected = self.scenario.redactor.redact(&mismatch.expected);
        }
        record.mismatches = mismatches.iter().map(MismatchRecord::from).collect();
        record.passed = mismatches.is_empty();
        record.milliseconds = milliseconds(began.elapsed());
        (record, ending)
    }

    /// What differs from what is asked for. What is asked for with this helper alone, and came, is a difference if the
    /// scenario gives a reason.
    fn judge(
        &mut self,
        name: &str,
        step: &Step,
        run: &Run,
        output: &Output,
        exchanges: &[Exchange],
    ) -> Vec<Mismatch> {
        let document = &step.document;
        let with_remote_helper = run.with_aws_remote_helper.as_ref();
        let with_remote_helper = with_remote_helper.filter(|_| self.aws_remote_helper);
        let judge = |helper: Helper| {
            let expectation = run.expectation(helper);
            let expectation = match with_remote_helper {
                Some(different) => expectation.overridden_by(&different.expectation),
                None => expectation,
            };
            let place = (document, step.span.clone());
            expectation.judge(place, &self.machine, output, exchanges)
        };
        let mismatches = judge(self.helper);
        let reason = if mismatches.is_empty() {
            with_remote_helper
                .or(run.by_helper.get(self.helper))
                .and_then(|difference| difference.reason.clone())
        } else {
            // A helper that no scenario names may behave like one that it does name.
            let like = self.helper.alike().iter().find_map(|helper| {
                let difference = run.by_helper.get(*helper)?;
                judge(*helper).is_empty().then_some((helper, difference))
            });
            let Some((helper, difference)) = like else {
                return mismatches;
            };
            let reason = difference.reason.as_deref();
            Some(match reason {
                Some(reason) => format!("as the helper {}: {reason}", helper.as_str()),
                None => format!("as the helper {}", helper.as_str()),
            })
        };
        self.case
            .differences
            .extend(reason.map(|reason| Difference {
                step: name.to_owned(),
                reason: self.scenario.redactor.redact(&reason),
            }));
        Vec::new()
    }
}

/// Why a scenario cannot run on this machine with this helper.
fn cannot_run(scenario: &Scenario, toolbox: &Toolbox, subject: &Subject) -> Option<String> {
    if !Platform::here().is_some_and(|here| scenario.platforms.contains(&here)) {
        return Some(format!("it does not happen on {}", std::env::consts::OS));
    }
    for requirement in &scenario.requires {
        if let Err(missing) = requirement.met(toolbox, subject) {
            return Some(missing.to_string());
        }
    }
    // Ours read the clock of the sandbox; of the others faketime moves the system's.
    let others = [
        (
            scenario.peers().contains(&Peer::Aws),
            "the helper",
            Peer::Aws.as_str(),
        ),
        (
            subject.helper != CredentialHelper::Ours,
            "the helper",
            subject.helper.name(),
        ),
        (
            subject.remote_helper != RemoteHelper::Ours,
            "the remote helper",
            subject.remote_helper.name(),
        ),
    ];
    if let Some((_, kind, name)) = others.into_iter().find(|(other, ..)| *other)
        && let (true, Err(missing)) = (scenario.moves_the_clock(), toolbox.peer(Peer::Faketime))
    {
        return Some(format!("it moves the clock of {kind} {name}: {missing}"));
    }
    None
}

fn another_cause(document: &Source, why: &Why, span: Range<usize>, endings: &[Ending]) -> Mismatch {
    let endings: Vec<String> = endings.iter().map(Ending::to_string).collect();
    Mismatch {
        error: document.error_at(span, "the symptom has another cause", None),
        expected: match why {
            Why::Verdict(verdict) => format!("a step that fails with the verdict {verdict}"),
            Why::Told(told) => {
                format!("a step that fails without a refused request, in which {told}")
            }
        },
        actual: endings.join("\n"),
    }
}

/// A command that succeeds without the server shows nothing, unless the server had no part in what went wrong: then the same
/// command does, if it did not get as far as the server before.
fn not_mended(
    step: &Step,
    run: &Run,
    document: &Source,
    cause: Option<&Cause>,
    failed: &[Ending],
    exchanges: &[Exchange],
) -> Option<Mismatch> {
    let mut same = failed
        .iter()
        .filter(|ending| ending.command.trim() == run.command.trim())
        .peekable();
    let beside_the_server = cause.is_some_and(Cause::is_beside_the_server)
        && same.peek().is_some()
        && !same.any(Ending::reached_the_server);
    let last = exchanges.iter().rfind(|exchange| exchange.is_request());
    let actual = match last.and_then(|last| last.verdict.as_ref()) {
        Some(Verdict::Accepted(_)) => return None,
        Some(Verdict::Refused(refusal)) => {
            format!("the last request fails with {}", refusal.reason)
        }
        None if beside_the_server => return None,
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
