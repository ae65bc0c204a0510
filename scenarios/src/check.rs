//! What is wrong with a file, as much of it as can be said at once.

mod kind;
mod once_more;

use std::path::Path;

use codecommit_mock::document::{self, DocumentError, Source};
use codecommit_mock::fault::FaultPlan;
use serde::de::IgnoredAny;
use toml::de::DeTable;

pub use kind::Kind;

use crate::scenario::{self, Scenario, check_shared};

/// Everything that is found wrong with a document, in its order; nothing, if it is in order. `path` is where it lies: a
/// scenario's id is the name of its file.
///
/// Broken TOML hides what else is wrong, and so does a key that is missing; unknown keys and words do not.
pub fn check(source: &Source, kind: Kind, path: &Path) -> Vec<DocumentError> {
    let broken = syntax(source);
    if !broken.is_empty() {
        return broken;
    }
    let mut found = Vec::new();
    let mut rest = source.clone();
    while let Err(error) = read(&rest, kind, path) {
        if error.source_text.name() != source.name() {
            // In a file that this one takes something from: nothing here can be taken out to look further.
            found.push(error);
            break;
        }
        // Located in what is left; shown in what was written.
        let here = source.error_at(error.span.clone(), error.message, error.help);
        let without = once_more::without(&rest, &here);
        found.push(here);
        match without {
            Some(without) => rest = without,
            None => break,
        }
    }
    once_more::drop_what_follows(&mut found);
    found.sort_by_key(|error| error.span.start);
    found
}

fn read(source: &Source, kind: Kind, path: &Path) -> Result<(), DocumentError> {
    match kind {
        Kind::Scenario => Scenario::in_file(source.clone(), path).map(drop),
        Kind::World => check_shared(source, scenario::Kind::World),
        Kind::Client => check_shared(source, scenario::Kind::Client),
        Kind::Steps => check_shared(source, scenario::Kind::Steps),
        Kind::Texts => scenario::check_texts(source),
        Kind::Faults => FaultPlan::parse(source).map(drop),
    }
}

/// What is not TOML. The parser goes on behind a mistake; what it says of one line is said once.
fn syntax(source: &Source) -> Vec<DocumentError> {
    let (_, errors) = DeTable::parse_recoverable(source.text());
    let mut found: Vec<DocumentError> = errors
        .into_iter()
        .map(|error| source.error_at(error.span().unwrap_or(0..0), error.message().trim(), None))
        .collect();
    found.dedup_by_key(|error| error.line());
    if found.is_empty()
        && let Err(error) = document::parse::<IgnoredAny>(source)
    {
        found.push(error);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_another_file_is_shown_there_and_ends_the_search() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("w.toml"), "acount = 1\n").unwrap();
        let path = folder.path().join("x.toml");
        let source = Source::new(path.to_string_lossy(), "extends = './w.toml'\n");
        let found = check(&source, Kind::World, &path);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .to_string()
                .ends_with("w.toml:1:1: unknown key `acount`")
        );
    }

    fn found(kind: Kind, text: &str) -> Vec<String> {
        let source = Source::new("x.toml", text);
        check(&source, kind, Path::new("area/x.toml"))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn all_unknown_keys_and_words_are_found_at_once() {
        let text = r#"
id = "x"
titel = "A title"
title = "A title"
source = { page = "a", sektion = "b" }
evidence = "guessed"
platforms = ["linux"]
colour = """
red
"""
[[step]]
run = "true"
journal = [{ stauts = 200, verdict = "accepted" }]
"#;
        assert_eq!(
            found(Kind::Scenario, text),
            [
                "x.toml:3:1: unknown key `titel`",
                "x.toml:5:24: unknown key `sektion`",
                "x.toml:6:12: unknown value `guessed`",
                "x.toml:8:1: unknown key `colour`",
                "x.toml:13:14: unknown key `stauts`",
            ]
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_hides_what_comes_behind_it() {
        let text =
            "[[account]]\nid = 12\n[[account.repository]]\nname = \"x\"\nregoin = \"us-east-2\"\n";
        assert_eq!(
            found(Kind::World, text),
            ["x.toml:2:6: this is a number; expected a text",]
        );
    }

    #[test]
    fn a_misspelt_key_that_is_needed_is_told_once() {
        let text = "[[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"x\"\nregoin = \"us-east-2\"\n";
        assert_eq!(
            found(Kind::World, text),
            ["x.toml:5:1: unknown key `regoin`"]
        );
    }

    #[test]
    fn what_follows_from_a_misspelt_key_is_not_told() {
        let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = \
                    [\"linux\"]\n[[symptom]]\nrun = \"false\"\nstauts = 1\n[cause]\nverdict = \
                    \"access-denied\"\n[[fix]]\nrun = \"false\"\n";
        assert_eq!(
            found(Kind::Scenario, text),
            ["x.toml:8:1: unknown key `stauts`"]
        );
    }

    #[test]
    fn every_line_that_is_not_toml_is_told() {
        assert_eq!(found(Kind::World, "a = \nb == 1\nc = 1\n").len(), 2);
    }

    #[test]
    fn a_client_set_up_and_a_group_of_steps_are_checked_too() {
        assert_eq!(
            found(Kind::Client, "gitconfig.globl = \"\"\n"),
            ["x.toml:1:11: unknown key `globl`"]
        );
        assert_eq!(
            found(Kind::Steps, "[[step]]\nrnu = \"true\"\n"),
            ["x.toml:2:1: unknown key `rnu`"]
        );
    }

    #[test]
    fn what_is_in_order_is_not_complained_about() {
        assert!(found(Kind::World, "extends = \"demo\"\n").is_empty());
    }
}
