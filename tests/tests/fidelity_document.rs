//! `docs/fidelity.md` and the switches that it names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use codecommit_mock::Fidelity;
use codecommit_tests::wire::{Wire, basic};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH};

/// "`name` = `value`" of every row's last column.
fn documented() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fidelity.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut switches = BTreeMap::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let Some(cell) = cells.get(3).filter(|cell| cell.contains(" = ")) else {
            continue;
        };
        for assignment in cell.split(", ") {
            let (name, value) = assignment.split_once(" = ").unwrap();
            let known = switches.insert(
                name.trim_matches('`').to_owned(),
                value.trim_matches('`').to_owned(),
            );
            assert_eq!(known, None, "{name} stands in two rows");
        }
    }
    switches
}

#[test]
fn each_switch_has_a_row_with_its_default_and_each_row_a_switch() {
    let fidelity = Fidelity::default();
    let built: BTreeMap<String, String> = Fidelity::SWITCHES
        .iter()
        .map(|switch| (switch.name.to_owned(), fidelity.get(switch.name).unwrap()))
        .collect();
    assert_eq!(documented(), built);
}

#[test]
fn each_assumption_about_a_choice_has_a_switch_or_a_reason() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fidelity.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    for row in rows.filter(|row| !row.starts_with("| behaviour")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(!cells[1].is_empty() && !cells[2].is_empty(), "{row}");
    }
}

/// What goes over the wire for the demo repository, to the byte: the capabilities are the observed ones, in the observed
/// form, for either version that a client asks for.
#[test]
fn the_advertisements_have_the_observed_bytes() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    // The sample's commits are the same in every run.
    let id = "d5afa1d";
    let head = lab.head();
    assert!(head.starts_with(id), "{head}");
    for (service, expected) in [
        (
            "git-upload-pack",
            format!(
                "001e# service=git-upload-pack\n00000099{head} HEAD\0multi_ack_detailed shallow side-band-64k thin-pack \
                 allow-tip-sha1-in-want allow-reachable-sha1-in-want\n003d{head} refs/heads/main\n0000"
            ),
        ),
        (
            "git-receive-pack",
            format!(
                "001f# service=git-receive-pack\n0000006f{head} refs/heads/main\0report-status delete-refs side-band-64k \
                 thin-pack\n0000"
            ),
        ),
    ] {
        for version in ["version=0", "version=2"] {
            let mut wire = Wire::connect(&lab, HOST);
            wire.head(
                &format!("GET {PATH}/info/refs?service={service}"),
                &[("Authorization", &authorization), ("Git-Protocol", version)],
            );
            let answer = wire.answer();
            assert_eq!(answer.text(), expected, "{service} {version}");
            let kind = format!("content-type: application/x-{service}-advertisement");
            assert!(answer.headers.contains(&kind), "{}", answer.headers);
        }
    }
}
