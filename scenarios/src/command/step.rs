//! `codecommit-lab run --step`: plays the beginning of a scenario, and opens a shell.

use std::io::{self, IsTerminal, Write};

use super::Failure;
use super::opened::run_in;
use crate::exit::Exit;
use crate::kept::steps;
use crate::play::play_before;
use crate::record::Outcome;
use crate::report::terminal::Terminal;
use crate::runner::Plan;
use crate::stop::Stop;
use crate::toolbox::Toolbox;

/// Stops before this step, counted from one over all parts.
pub(super) fn stop_at(
    step: usize,
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
                "stop at step {step}: {} with {} are selected",
                count(plan.scenarios.len(), "scenario"),
                count(plan.subjects.len(), "subject")
            ),
            "name one scenario, and one subject",
        );
    };
    let all = steps(scenario);
    let Some((phase, number, next)) = step.checked_sub(1).and_then(|at| all.get(at)) else {
        return usage(
            format!("stop at step {step}: {} has {}", scenario.name(), all.len()),
            "steps are counted from one, over all parts of the scenario",
        );
    };
    if !io::stdin().is_terminal() {
        return usage(
            "open a shell: standard input is not a terminal".to_owned(),
            "run it in a terminal, or keep the sandbox and repeat its steps: `codecommit-lab run ID --keep`",
        );
    }
    let (case, sandbox) = play_before(scenario, subject, toolbox, stop, step - 1);
    let mut terminal = Terminal::new(anstream::stdout());
    let told = match (case.outcome, sandbox) {
        (Outcome::Passed, Some(sandbox)) => {
            let command = scenario.redactor.redact(&next.summary());
            let told = writeln!(
                io::stdout(),
                "{}, before {} {number}: `exit` ends it, and removes the sandbox\n\
                 folder   {}\n\
                 server   {}\n\
                 next     {command}\n",
                scenario.name(),
                phase.as_str(),
                sandbox.path().display(),
                sandbox.server().url(),
            );
            told.map_err(|error| Failure::output(&error))?;
            return run_in(sandbox, &[]);
        }
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
