//! The catalog, run by a program that was built, and what came of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Green,
    Red,
    Skipped,
}

#[derive(Deserialize)]
struct Report {
    scenarios: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    outcome: String,
}

/// What came of each scenario, by its id.
pub(crate) fn run(lab: &Path) -> io::Result<BTreeMap<String, Outcome>> {
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("report.json");
    let output = Command::new(lab)
        .args(["run", "--json"])
        .arg(&report)
        // Sandboxes of a broken run are cleared away with this.
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .output()?;
    let text = fs::read_to_string(&report).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        io::Error::other(format!("run the catalog: {error}\n{said}"))
    })?;
    let report: Report = serde_json::from_str(&text)?;
    let scenarios = report.scenarios.into_iter();
    Ok(scenarios
        .map(|entry| {
            let outcome = match &*entry.outcome {
                "passed" => Outcome::Green,
                "skipped" => Outcome::Skipped,
                _ => Outcome::Red,
            };
            (entry.id, outcome)
        })
        .collect())
}
