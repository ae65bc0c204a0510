//! `codecommit-lab list`.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Failure, catalog_page};
use crate::catalog;
use crate::exit::Exit;
use crate::scenario::{Evidence, Origin, Platform, Scenario, Told};
use crate::toolbox::Requirement;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The form of the list
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// As scenarios/CATALOG.md
    Markdown,
}

/// A failure has a cause: a verdict, or what a client is told.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Failure,
    Walkthrough,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    area: &'a str,
    kind: Kind,
    evidence: Evidence,
    source: &'a Origin,
    platforms: &'a [Platform],
    requires: &'a [Requirement],
    /// The verdict that explains the symptom; none for a walkthrough, or if no request is refused.
    cause: Option<&'static str>,
    /// What a client is told, and by whom, where the server refuses no request.
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<&'a Told>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let scenarios = catalog::scenarios()?;
    let mut out = anstream::stdout();
    match arguments.format {
        Format::Text => text(&mut out, &scenarios),
        Format::Json => json(&mut out, &scenarios),
        Format::Markdown => catalog_page::write(&mut out, &scenarios),
    }
    .map_err(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}

fn text(out: &mut impl Write, scenarios: &[Scenario]) -> io::Result<()> {
    let mut area = None;
    for scenario in scenarios {
        if area != Some(&scenario.area) {
            let gap = if area.is_some() { "\n" } else { "" };
            writeln!(out, "{gap}{}", scenario.area)?;
            area = Some(&scenario.area);
        }
        writeln!(out, "  {}\n      {}", scenario.id, scenario.title)?;
    }
    Ok(())
}

fn json(out: &mut impl Write, scenarios: &[Scenario]) -> io::Result<()> {
    let entries: Vec<Entry<'_>> = scenarios
        .iter()
        .map(|scenario| Entry {
            id: &scenario.id,
            title: &scenario.title,
            area: &scenario.area,
            kind: match scenario.cause() {
                Some(_) => Kind::Failure,
                None => Kind::Walkthrough,
            },
            evidence: scenario.evidence,
            source: &scenario.origin,
            platforms: &scenario.platforms,
            requires: &scenario.requires,
            cause: scenario
                .cause()
                .and_then(|cause| Some(cause.why.verdict()?.as_str())),
            told: scenario.cause().and_then(|cause| cause.why.told()),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}
