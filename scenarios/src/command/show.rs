//! `codecommit-lab show`: a scenario for reading.

mod outcome;
mod page;
mod typed;
mod world;

use std::io::Write as _;

use clap::Args;

use self::outcome::outcome;
use self::page::{Format, Page};
use self::typed::{plain, typed};
use codecommit_mock::Fidelity;
use codecommit_mock::fault::{Fault, FaultPlan};
use codecommit_mock::world::World;

use super::Failure;
use crate::exit::Exit;
use crate::redaction::Redactor;
use crate::sandbox::aws_configure;
use crate::scenario::{Action, Cause, Client, Phase, Scenario, Step, Why};
use crate::selection;
use crate::subject::Helper;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// An id (`area/id` or `id`), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
    /// The form of the page
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut out = anstream::stdout();
    for scenario in selection::select(std::slice::from_ref(&arguments.scenario))? {
        let text = tell(&scenario, arguments.format);
        out.write_all(scenario.redactor.redact(&text).as_bytes())
            .map_err(|error| Failure::output(&error))?;
    }
    Ok(Exit::Success)
}

fn tell(scenario: &Scenario, format: Format) -> String {
    let mut page = Page::new(format, &scenario.name(), &scenario.title);
    let mut facts = vec![
        ("source", scenario.origin.to_string()),
        (
            "evidence",
            format!(
                "{}: {}",
                scenario.evidence.as_str(),
                scenario.evidence.meaning()
            ),
        ),
    ];
    let needs = scenario.needs();
    if !needs.is_empty() {
        facts.push(("requires", needs.join(", ")));
    }
    page.facts(&facts);
    if let Some(explanation) = &scenario.explanation {
        page.prose(explanation);
    }
    page.heading("On the server");
    let mut world = String::new();
    // Writing to a String does not fail.
    let _ = world::tell(&mut world, &scenario.world);
    page.lines("", &unindented(&world));
    page.lines(
        "Answered otherwise than usual",
        &switched(scenario.fidelity),
    );
    page.lines("Broken on purpose", &broken(&scenario.faults));
    client(&mut page, &scenario.client, &scenario.world);
    let mut number = 0;
    for (phase, steps) in scenario.phases() {
        page.heading(phase.heading());
        for step in steps {
            number += 1;
            self::step(&mut page, number, step, &scenario.redactor);
        }
        if let (Phase::Symptom, Some(cause)) = (phase, scenario.cause()) {
            self::cause(&mut page, cause);
        }
    }
    shared(&mut page, scenario);
    page.finish()
}

/// The switches that are not where they usually are.
fn switched(fidelity: Fidelity) -> String {
    let usual = Fidelity::new(fidelity.profile);
    let mut lines = String::new();
    if fidelity.profile != Fidelity::default().profile {
        lines += "as a plain Git service does (profile git)\n";
    }
    for switch in Fidelity::SWITCHES {
        let value = fidelity.get(switch.name);
        if let Some(value) = value.filter(|value| usual.get(switch.name).as_ref() != Some(value)) {
            lines += &format!("{} = {value}\n", switch.name);
        }
    }
    lines
}

/// A line each.
fn broken(plan: &FaultPlan) -> String {
    let line = |fault: &Fault| {
        let or_always = match (fault.nth, fault.times) {
            (None, None) => String::new(),
            (None, Some(times)) => format!(", the first {times} times"),
            (Some(nth), None | Some(1)) => format!(", on request {nth} alone"),
            (Some(nth), Some(times)) => format!(", {times} times from request {nth} on"),
        };
        let chance = fault.probability;
        let chance = chance.map_or(String::new(), |chance| {
            format!(", with probability {chance}")
        });
        let or_always = or_always.replace("the first 1 times", "the first time");
        format!("{fault}{or_always}{chance}\n")
    };
    plan.0.iter().map(line).collect()
}

fn cause(page: &mut Page, cause: &Cause) {
    page.heading(match cause.why {
        Why::Verdict(_) => "Why, as the server puts it",
        Why::Told(_) => "Why, though the server refuses no request",
    });
    let or = |why: Option<&Why>, nothing: &str| match why {
        Some(Why::Verdict(reason)) => reason.as_str().to_owned(),
        Some(Why::Told(told)) => told.to_string(),
        None => nothing.to_owned(),
    };
    let mut lines = match &cause.why {
        Why::Told(told) if !told.or.is_empty() => {
            let mut lines = format!("{} says one of\n", told.by.in_words());
            for wording in std::iter::once(&told.what).chain(&told.or) {
                lines += &format!("  {wording:?}\n");
            }
            lines
        }
        why => format!("{why}\n"),
    };
    if let Some(other) = &cause.with_aws_remote_helper {
        let (why, reason) = (or(other.why.as_ref(), "nothing is refused"), &other.reason);
        lines += &format!("  with the remote helper in Python: {why} ({reason})\n");
    }
    for helper in Helper::ALL {
        if let Some(other) = cause.by_helper.get(helper) {
            let why = or(other.why.as_ref(), "nothing goes wrong");
            let (helper, reason) = (in_words(helper), &other.reason);
            lines += &format!("  with {helper}: {why} ({reason})\n");
        }
    }
    page.lines("", &lines);
}

/// Where things come from that stand in other files.
fn shared(page: &mut Page, scenario: &Scenario) {
    if scenario.shared.is_empty() {
        return;
    }
    page.heading("Shared with other scenarios");
    let lines: Vec<String> = scenario
        .shared
        .iter()
        .map(|shared| format!("{}\n  {}\n", shared.document.name(), shared.about()))
        .collect();
    page.lines("", &lines.concat());
}

fn in_words(helper: Helper) -> &'static str {
    match helper {
        Helper::Ours => "our helper",
        Helper::AwsCli => "the AWS CLI's helper",
        Helper::Other => "another helper",
    }
}

fn client(page: &mut Page, client: &Client, world: &World) {
    let usual = aws_configure(world);
    let files = [
        (
            "The system's git configuration",
            &client.gitconfig_system,
            None,
        ),
        ("~/.gitconfig", &client.gitconfig_global, None),
        ("~/.aws/config", &client.aws_config, usual.0),
        ("~/.aws/credentials", &client.aws_credentials, usual.1),
    ];
    for (name, own, usual) in files {
        match own.as_deref().map(str::trim_end) {
            Some("") => page.lines(name, "(empty)"),
            Some(content) => page.lines(name, content),
            None => {
                let name = format!("{name}, as `aws configure` has written it");
                page.lines(&name, usual.as_deref().unwrap_or_default());
            }
        }
    }
    if !client.env.is_empty() {
        let lines: Vec<String> = client
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        page.lines("In the environment", &lines.concat());
    }
}

/// `number` is the one that `run --step` takes.
fn step(page: &mut Page, number: usize, step: &Step, redactor: &Redactor) {
    let (lines, outcome) = match &step.action {
        Action::Faults(plan) if plan.0.is_empty() => {
            (plain(&format!("({})", plan.summary())), Vec::new())
        }
        Action::Faults(plan) => {
            let lines = format!("(broken on purpose from here on)\n{}", broken(plan));
            (plain(&lines), Vec::new())
        }
        Action::Clock(how) => (plain(&format!("({})", how.in_words())), Vec::new()),
        Action::Administrator(done) => {
            let mut lines = format!("(the administrator {})", done.told);
            for line in done.document.iter().flat_map(|text| text.lines()) {
                lines += &format!("\n  {line}");
            }
            (plain(&lines), Vec::new())
        }
        Action::Edit(edit) => {
            // Nothing else could be seen of it.
            let secret = redactor.redact(&edit.find) == redactor.redact(&edit.replace);
            let of_what = if secret {
                "; one secret for another"
            } else {
                ""
            };
            let mut lines = format!("(in {}, with an editor{of_what})\n", edit.file);
            for (sign, text) in [("-", &edit.find), ("+", &edit.replace)] {
                for line in text.lines() {
                    lines += &format!("{sign} {line}\n");
                }
            }
            (plain(&lines), Vec::new())
        }
        Action::Run(run) => (typed(&run.command), outcome(run)),
    };
    page.step(number, step.note.as_deref(), &lines, &outcome);
}

/// Without the spaces that all lines begin with.
fn unindented(lines: &str) -> String {
    lines
        .lines()
        .map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned() + "\n")
        .collect()
}
