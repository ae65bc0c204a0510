//! The documents about the catalog agree with it.

use std::collections::BTreeSet;
use std::fs;

use codecommit_lab::catalog;

use super::Lab;

fn document(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_catalog_page_is_what_the_files_say() {
    let made = Lab::new().run(&["list", "--format", "markdown"]).stdout;
    assert!(
        document("CATALOG.md") == made,
        "scenarios/CATALOG.md is stale; renew it with:\n    cargo run -- list --format markdown > scenarios/CATALOG.md"
    );
}

/// How many scenarios a document says that a whole run has.
fn told_to_run(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("running ")?.split_once(" scenarios"))
        .map(|(count, _)| count)
}

#[test]
fn a_whole_run_that_is_shown_has_as_many_scenarios_as_there_are() {
    let there_are = catalog::scenarios().unwrap().len().to_string();
    for path in ["../README.md", "../docs/running.md"] {
        let text = document(path);
        let told: Vec<&str> = told_to_run(&text).collect();
        assert!(!told.is_empty(), "{path} shows no run");
        for told in told {
            assert_eq!(told, there_are, "{path}");
        }
    }
}

/// The lines of what README.md shows of `codecommit-lab show ID`, in the parts between its `...`.
#[test]
fn what_the_readme_shows_of_a_scenario_is_what_is_shown() {
    let readme = document("../README.md");
    let command = "$ codecommit-lab show ";
    let (_, shown) = readme.split_once(command).unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let (id, shown) = shown.split_once('\n').unwrap();
    let page = Lab::new().run(&["show", id]);
    assert_eq!(page.code, Some(0), "{}", page.stderr);
    let mut rest = &*page.stdout;
    let parts: Vec<&str> = shown
        .split("...\n")
        .filter(|part| !part.is_empty())
        .collect();
    assert!(parts.len() > 2, "{shown}");
    for part in parts {
        let Some((_, behind)) = rest.split_once(part) else {
            panic!(
                "README.md shows, in the order of the page:\n{part}\n{command}{id} prints:\n{}",
                page.stdout
            );
        };
        rest = behind;
    }
}

/// The rows of docs/failure-modes.md without their heads: first cell and last.
fn rows() -> Vec<(String, String)> {
    let text = document("../docs/failure-modes.md");
    let rows: Vec<(String, String)> = text
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("| ---"))
        .filter(|line| !line.ends_with("| scenario |"))
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert!(matches!(cells.len(), 3 | 4), "{row}");
            (cells[0].to_owned(), cells[cells.len() - 1].to_owned())
        })
        .collect();
    assert!(rows.len() > 90);
    rows
}

/// The words in backticks that look like the name of a scenario, or of a failure mode: some letters, and a hyphen in all of
/// them but one.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2).filter(|word| {
        (word.contains('-') || *word == "throttled")
            && word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .chars()
                .all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'))
    })
}

#[test]
fn the_failure_modes_and_the_catalog_name_the_same_scenarios() {
    let rows = rows();
    let listed: BTreeSet<&str> = rows.iter().flat_map(|(_, cell)| names(cell)).collect();
    let catalog = catalog::scenarios().unwrap();
    let known: BTreeSet<&str> = catalog.iter().map(|scenario| &*scenario.id).collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "docs/failure-modes.md does not list {missing:?}"
    );
    let unknown: Vec<_> = listed.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "docs/failure-modes.md lists {unknown:?}, and there is no such scenario"
    );
}

#[test]
fn each_failure_mode_has_a_scenario_or_a_reason_why_there_is_none() {
    for (mode, cell) in rows() {
        assert!(
            has_scenario_or_reason(&cell),
            "{mode}: no scenario and no reason: {cell}"
        );
    }
    for cell in ["", "none", "There is none of that kind.", "None", "None:"] {
        assert!(!has_scenario_or_reason(cell), "{cell}");
    }
}

fn has_scenario_or_reason(cell: &str) -> bool {
    let reason = cell.split_once("None").map(|(_, reason)| reason);
    names(cell).next().is_some()
        || reason.is_some_and(|reason| reason.split_whitespace().count() >= 3)
}

#[test]
fn each_failure_mode_stands_there_once() {
    let mut seen = BTreeSet::new();
    for (cell, _) in rows() {
        for mode in names(&cell) {
            assert!(seen.insert(mode.to_owned()), "{mode} stands there twice");
        }
    }
    assert!(seen.len() >= 90, "{}", seen.len());
}
