//! `codecommit-lab show`: a scenario for reading.

mod world;

use std::fmt::{self, Write as _};
use std::io::Write as _;

use clap::Args;
use codecommit_mock::authn::verdict::Reason;

use super::Failure;
use crate::exit::Exit;
use crate::expectation::{Expectation, Fragments};
use crate::scenario::{Action, Client, Phase, Run, Scenario, Step};
use crate::selection;
use crate::subject::Helper;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// An id (`area/id` or `id`), or a file
    #[arg(value_name = "ID")]
    scenario: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut out = anstream::stdout();
    for scenario in selection::select(std::slice::from_ref(&arguments.scenario))? {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = tell(&mut text, &scenario);
        out.write_all(scenario.redactor.redact(&text).as_bytes())
            .map_err(|error| Failure::output(&error))?;
    }
    Ok(Exit::Success)
}

fn tell(text: &mut String, scenario: &Scenario) -> fmt::Result {
    writeln!(text, "{}\n{}\n", scenario.name(), scenario.title)?;
    writeln!(text, "source:    {}", scenario.origin)?;
    writeln!(text, "evidence:  {}", scenario.evidence.as_str())?;
    if !scenario.requires.is_empty() {
        let requires: Vec<&str> = scenario.requires.iter().map(|peer| peer.as_str()).collect();
        writeln!(text, "requires:  {}", requires.join(", "))?;
    }
    if let Some(explanation) = &scenario.explanation {
        writeln!(text, "\n{}", explanation.trim())?;
    }
    writeln!(text, "\nOn the server\n")?;
    world::tell(text, &scenario.world)?;
    client(text, &scenario.client)?;
    for (phase, steps) in scenario.phases() {
        writeln!(text, "\n{}", heading(phase))?;
        for step in steps {
            self::step(text, step)?;
        }
        if let (Phase::Symptom, Some(cause)) = (phase, scenario.cause()) {
            writeln!(
                text,
                "\nThe cause, as the server puts it\n\n  {}: {}",
                cause.verdict,
                cause.verdict.summary()
            )?;
            for helper in Helper::ALL {
                if let Some(other) = cause.by_helper.get(helper) {
                    let verdict = other.verdict.map_or("nothing goes wrong", Reason::as_str);
                    let (helper, reason) = (helper.as_str(), &other.reason);
                    writeln!(text, "    with the helper {helper} ({reason}): {verdict}")?;
                }
            }
        }
    }
    shared(text, scenario)
}

/// Where things come from that stand in other files.
fn shared(text: &mut String, scenario: &Scenario) -> fmt::Result {
    if scenario.shared.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nShared with other scenarios\n")?;
    for shared in &scenario.shared {
        writeln!(text, "  {}\n    {}", shared.document.name(), shared.about())?;
    }
    Ok(())
}

fn heading(phase: Phase) -> &'static str {
    match phase {
        Phase::Setup => "Before",
        Phase::Step => "What happens",
        Phase::Symptom => "What goes wrong",
        Phase::Fix => "What mends it",
    }
}

fn client(text: &mut String, client: &Client) -> fmt::Result {
    let files = [
        ("the system's git configuration", &client.gitconfig_system),
        ("~/.gitconfig", &client.gitconfig_global),
        ("~/.aws/config", &client.aws_config),
        ("~/.aws/credentials", &client.aws_credentials),
    ];
    for (name, content) in files {
        if let Some(content) = content {
            writeln!(text, "\n{name}:")?;
            indented(text, content)?;
        }
    }
    for (name, value) in &client.env {
        writeln!(text, "\n{name}={value}")?;
    }
    Ok(())
}

fn step(text: &mut String, step: &Step) -> fmt::Result {
    writeln!(text)?;
    if let Some(note) = &step.note {
        writeln!(text, "  # {}", note.trim().replace('\n', "\n  # "))?;
    }
    match &step.action {
        Action::Faults(plan) => writeln!(text, "  ({})", plan.summary()),
        Action::Clock(how) => writeln!(text, "  ({})", how.in_words()),
        Action::Edit(edit) => {
            writeln!(text, "  (in {}:)", edit.file)?;
            for (sign, lines) in [("-", &edit.find), ("+", &edit.replace)] {
                for line in lines.lines() {
                    writeln!(text, "  {sign} {line}")?;
                }
            }
            Ok(())
        }
        Action::Run(run) => self::run_step(text, run),
    }
}

fn run_step(text: &mut String, run: &Run) -> fmt::Result {
    writeln!(text, "  $ {}", run.command.trim().replace('\n', "\n    "))?;
    if let Some(command) = &run.stands_for {
        writeln!(text, "    stands for: {}", command.get_ref().trim())?;
    }
    expectation(text, "    ", &run.expectation)?;
    for helper in Helper::ALL {
        if let Some(difference) = run.by_helper.get(helper) {
            let reason = difference
                .reason
                .as_ref()
                .map_or(String::new(), |reason| format!(" ({reason})"));
            writeln!(text, "    with the helper {}{reason}:", helper.as_str())?;
            expectation(text, "      ", &difference.expectation)?;
        }
    }
    Ok(())
}

fn expectation(text: &mut String, indent: &str, expectation: &Expectation) -> fmt::Result {
    if let Some(status) = &expectation.status {
        writeln!(text, "{indent}exit status {}", status.get_ref())?;
    }
    let streams = [
        ("stdout has", &expectation.stdout),
        ("stdout lacks", &expectation.stdout_lacks),
        ("stderr has", &expectation.stderr),
        ("stderr lacks", &expectation.stderr_lacks),
    ];
    for (name, fragments) in streams {
        let fragments = fragments
            .iter()
            .flat_map(|spanned| Fragments::iter(spanned.get_ref()));
        for fragment in fragments {
            writeln!(text, "{indent}{name}: {fragment}")?;
        }
    }
    for pattern in expectation.journal.iter().flat_map(|list| list.get_ref()) {
        writeln!(text, "{indent}the server sees {}", pattern.get_ref())?;
    }
    Ok(())
}

fn indented(text: &mut String, content: &str) -> fmt::Result {
    for line in content.lines() {
        writeln!(text, "  {line}")?;
    }
    Ok(())
}
