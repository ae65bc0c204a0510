//! `docs/fidelity.md` and the switches that it names.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use codecommit_mock::Fidelity;

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
