//! The tables in `docs/conformance.md` say what the files of the clients and helpers that are built in know. That these in turn
//! are so, `ci/conformance` finds out by trying them.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::collections::BTreeMap;

use codecommit_lab::conformance::client::Client;
use codecommit_lab::conformance::helper::Helper;
use codecommit_lab::conformance::{Case, Subject, client, helper, named};

const PAGE: &str = include_str!("../../docs/conformance.md");

/// What a column of a table says of each case, by the column's name.
fn columns(kind: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let begin = format!("<!-- {kind} tables -->");
    let end = format!("<!-- end of {kind} tables -->");
    let tables = PAGE.split_once(&begin).unwrap().1;
    let tables = tables.split_once(&end).unwrap().0;
    let mut rows = tables
        .lines()
        .skip_while(|line| !line.starts_with("| case |"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect());
    let names: Vec<&str> = rows.next().unwrap();
    let mut columns = BTreeMap::new();
    for row in rows.skip(1) {
        let row: Vec<&str> = row;
        let case = row[0].split('`').nth(1).unwrap();
        for (name, cell) in names.iter().zip(&row).skip(1) {
            let word = cell.split("[^").next().unwrap().trim_matches('*');
            let column: &mut BTreeMap<_, _> = columns.entry((*name).to_owned()).or_default();
            column.insert(case.to_owned(), word.to_owned());
        }
    }
    columns
}

fn agree(kind: &str, subjects: &[Subject], cases: &[Case]) {
    let mut columns = columns(kind);
    for subject in subjects {
        let column = columns.remove(&subject.name).unwrap();
        assert_eq!(column.len(), cases.len(), "{}", subject.name);
        // It could not be tried when the table was made.
        if column.values().all(String::is_empty) {
            continue;
        }
        for case in cases {
            let known = subject.known.iter().find(|known| known.case == case.id);
            let expected = known.map_or("pass", |known| known.class.as_str());
            assert_eq!(column[case.id], expected, "{}: {}", subject.name, case.id);
        }
    }
    assert!(columns.is_empty(), "columns of nobody: {columns:?}");
}

#[test]
fn the_table_of_clients_says_what_their_files_know() {
    let clients: Vec<Client> = named("client")
        .iter()
        .map(|name| Client::find(name).unwrap())
        .collect();
    let subjects: Vec<Subject> = clients
        .iter()
        .map(|client| client.subject().clone())
        .collect();
    agree("client", &subjects, &client::cases());
}

#[test]
fn the_table_of_helpers_says_what_their_files_know() {
    let helpers: Vec<Helper> = named("helper")
        .iter()
        .map(|name| Helper::find(name).unwrap())
        .collect();
    let subjects: Vec<Subject> = helpers
        .iter()
        .map(|helper| helper.subject().clone())
        .collect();
    agree("helper", &subjects, &helper::cases());
}

#[test]
fn the_name_of_a_built_in_file_is_that_of_its_folder() {
    for name in named("client") {
        assert_eq!(Client::find(name).unwrap().subject().name, name);
    }
    for name in named("helper") {
        assert_eq!(Helper::find(name).unwrap().subject().name, name);
    }
}
