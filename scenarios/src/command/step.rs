//! `codecommit-lab run --step`: plays the beginning of a scenario, and opens a shell.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::str::FromStr;

use super::Failure;
use super::opened::run_in;
use crate::exit::Exit;
use crate::kept::{Kept, steps};
use crate::play::play_before;
use crate::record::Outcome;
use crate::report::terminal::Terminal;
use crate::runner::Plan;
use crate::stop::Stop;
use crate::toolbox::Toolbox;

/// Where a scenario stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopBefore {
    /// Before this step, counted from one over all parts.
    Step(usize),
    /// Behind the last.
    End,
}

impl FromStr for StopBefore {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "end" => Ok(Self::End),
            number => number
                .parse()
                .map(Self::Step)
                .map_err(|_| "write the number of a step, or `end`"),
        }
    }
}

impl fmt::Display for StopBefore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(number) => write!(f, "step {number}"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Stops there.
pub(super) fn stop_at(
    step: StopBefore,
    plan: &Plan,
    toolbox: &Toolbox,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let usage = |message: String, help: &str| {
        Err(Failure::new(Exit::Usage, message, Some(help.to_owned())))
    };
    let ([scenario], [subject]) = (&plan.scenarios[..], &plan.subjects[..]) else {
        return usage(
            format!(
                "stop at {step}: {} with {} are selected",
                count(plan.scenarios.len(), "scenario"),
                count(plan.subjects.len(), "subject")
            ),
            "name one scenario, and one subject",
        );
    };
    let all = steps(scenario);
    let before = match step {
        StopBefore::Step(step) => step.checked_sub(1).filter(|before| *before < all.len()),
        StopBefore::End => Some(all.len()),
    };
    let Some(before) = before else {
        return usage(
            format!("stop at {step}: {} has {}", scenario.name(), all.len()),
            "`codecommit-lab show ID` numbers the steps; `--step end` stops behind the last",
        );
    };
    if !io::stdin().is_terminal() {
        let kept = Kept::new(scenario, subject).command("--keep", subject);
        return usage(
            "open a shell: standard input is not a terminal".to_owned(),
            &format!("run it in a terminal, or keep the sandbox and repeat its steps: {kept}"),
        );
    }
    let (case, sandbox) = play_before(scenario, subject, toolbox, stop, before);
    let mut terminal = Terminal::new(anstream::stdout());
    let told = match (case.outcome, sandbox) {
        (Outcome::Passed, Some(sandbox)) => {
            let (place, next) = match all.get(before) {
                Some((phase, number, next)) => (
                    format!("before {} {number}", phase.as_str()),
                    scenario.redactor.redact(&next.summary()),
                ),
                None => (
                    "at its end".to_owned(),
                    "nothing: it has been played".to_owned(),
                ),
            };
            let told = writeln!(
                io::stdout(),
                "{}, {place}: `exit` ends it, and removes the sandbox\n\
                 folder   {}\n\
                 server   {}\n\
                 next     {next}\n",
                scenario.name(),
                sandbox.path().display(),
                sandbox.server().url(),
            );
            told.map_err(|error| Failure::output(&error))?;
            return run_in(sandbox, &[], stop);
        }
        (Outcome::Stopped, _) => writeln!(
            io::stdout(),
            "{} was stopped before {step}: its sandbox is removed",
            scenario.name()
        ),
        _ => terminal.case(&case),
    };
    told.map_err(|error| Failure::output(&error))?;
    Ok(match (stop.signal(), case.outcome) {
        (Some(signal), _) => Exit::Other(128 + signal),
        (None, Outcome::Skipped) => Exit::Nothing,
        (None, Outcome::Broken) => Exit::Setup,
        _ => Exit::Failed,
    })
}

fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
