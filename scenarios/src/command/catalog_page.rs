//! The catalog as a page of Markdown: `scenarios/CATALOG.md`, made by `codecommit-lab list --format markdown`.

use std::io::{self, Write};

use crate::scenario::Scenario;

/// What the areas are about, in the order in which somebody meets them. An area that is not here comes behind them.
const AREAS: &[(&str, &str)] = &[
    ("setting-up", "The guide's page, step by step, as it works."),
    (
        "credential-helper",
        "The credential helper of the AWS CLI, or ours in its place: what it is given, and what it answers.",
    ),
    (
        "git-credentials",
        "User names and passwords that IAM makes for HTTPS.",
    ),
    ("addressing", "URLs: host, Region, account, name."),
    (
        "remote-helper",
        "`codecommit://` URLs and `git-remote-codecommit`.",
    ),
    (
        "transport",
        "What passes between git and the service once they talk.",
    ),
    ("authorization", "Who may do what: IAM, KMS, VPC endpoints."),
    (
        "temporary-credentials",
        "Roles, sessions, single sign-on, other accounts.",
    ),
    (
        "client-behaviour",
        "What git and the programs around it do by themselves.",
    ),
];

const HEAD: &str = "\
# The catalog

Every scenario there is, made from the files by `codecommit-lab list --format markdown`. `codecommit-lab show ID` tells one for
reading, `codecommit-lab run ID` plays it. [docs/failure-modes.md](../docs/failure-modes.md) goes the other way: from what is
known to go wrong to the scenario that shows it.

Evidence: *documented* in AWS's guide, *observed* by users or measured, or *inferred* from what is.
";

pub(super) fn write(out: &mut impl Write, scenarios: &[Scenario]) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    writeln!(out, "\n{}.", summary(scenarios))?;
    let mut areas: Vec<(&str, Option<&str>)> = AREAS
        .iter()
        .map(|&(area, about)| (area, Some(about)))
        .collect();
    for scenario in scenarios {
        if !areas.iter().any(|(area, _)| *area == scenario.area) {
            areas.push((&scenario.area, None));
        }
    }
    for (area, about) in areas {
        let mut of_area = scenarios
            .iter()
            .filter(|scenario| scenario.area == area)
            .peekable();
        if of_area.peek().is_none() {
            continue;
        }
        writeln!(out, "\n## {area}\n")?;
        if let Some(about) = about {
            writeln!(out, "{about}\n")?;
        }
        writeln!(out, "| scenario | | evidence | needs |")?;
        writeln!(out, "| --- | --- | --- | --- |")?;
        for scenario in of_area {
            let id = &scenario.id;
            writeln!(
                out,
                "| [`{id}`](catalog/{area}/{id}.toml) | {} | {} | {} |",
                cell(&scenario.title),
                scenario.evidence.as_str(),
                scenario.needs().join(", ")
            )?;
        }
    }
    Ok(())
}

fn summary(scenarios: &[Scenario]) -> String {
    let failures = scenarios
        .iter()
        .filter(|scenario| scenario.cause().is_some())
        .count();
    format!(
        "{} scenarios: {failures} failures with cause and fix, {} walkthroughs",
        scenarios.len(),
        scenarios.len() - failures
    )
}

/// A title as a cell of a table: what stands between angle brackets or bars would be read as something else.
fn cell(title: &str) -> String {
    title
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "\\<")
        .replace('*', "\\*")
        .replace('_', "\\_")
}
