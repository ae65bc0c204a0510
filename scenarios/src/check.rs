//! What is wrong with a file, as much of it as can be said at once.

mod draft;
mod kind;
mod mending;

use std::collections::HashSet;
use std::path::Path;

use codecommit_mock::document::{self, DocumentError, Source};
use codecommit_mock::fault::FaultPlan;
use serde::de::IgnoredAny;
use toml::de::DeTable;

use draft::Draft;
pub use kind::Kind;

use crate::scenario::{self, Scenario, check_shared};

/// How many corrections a document gets before the search ends.
const MOST_CORRECTIONS: usize = 100;

/// How many mistakes of writing are told: a file that has more is of another language.
const MOST_SYNTAX_ERRORS: usize = 3;

/// Everything that is found wrong with a document, in its order; nothing, if it is in order. `path` is where it lies: a
/// scenario's id is the name of its file.
///
/// The reader stops at the first error. What it points at is corrected, and the document read again, until nothing is left or
/// no correction helps; what may come of a correction is not told. Broken TOML hides what else is wrong.
pub fn check(source: &Source, kind: Kind, path: &Path) -> Vec<DocumentError> {
    let broken = syntax(source);
    if !broken.is_empty() {
        return broken;
    }
    let mut found = Vec::new();
    let mut draft = Draft::of(source);
    let mut tried = HashSet::new();
    for _ in 0..MOST_CORRECTIONS {
        let Err(error) = read(&draft.source(), kind, path) else {
            break;
        };
        if error.source_text.name() != source.name() {
            // In a file that this one takes something from: nothing here can be taken out to look further.
            found.push(error);
            break;
        }
        let read = |draft: &Draft| read(&draft.source(), kind, path);
        let mended = mended(&draft, &error, &mut tried, read);
        if !draft.caused(&error) {
            // Located in the draft; shown in what was written.
            let place = draft.written(&error.span);
            let here = source.error_at(place, error.message, error.help);
            if !found.contains(&here) {
                found.push(here);
            }
        }
        match mended {
            Some(mended) => draft = mended,
            None => break,
        }
    }
    found.sort_by_key(|error| error.span.start);
    found
}

/// The draft with a correction of an error: at best, one that nothing follows from. What was `tried` is not tried again.
fn mended(
    draft: &Draft,
    error: &DocumentError,
    tried: &mut HashSet<String>,
    read: impl Fn(&Draft) -> Result<(), DocumentError>,
) -> Option<Draft> {
    let mut best: Option<(Likeness, Draft)> = None;
    for correction in mending::corrections(draft, error) {
        let Some(next) = draft.with(&correction) else {
            continue;
        };
        if tried.contains(next.text()) {
            continue;
        }
        let likeness = match read(&next) {
            Ok(()) => return Some(next),
            Err(other) if !next.caused(&other) && !is_same(draft, error, &next, &other) => {
                return Some(next);
            }
            Err(other) if next.caused_by_latest(&other) => Likeness::Poor,
            Err(_) => Likeness::Fair,
        };
        if best.as_ref().is_none_or(|(known, _)| likeness > *known) {
            best = Some((likeness, next));
        }
    }
    let (_, next) = best?;
    tried.insert(next.text().to_owned());
    Some(next)
}

/// How likely a correction that something follows from is the right one.
#[derive(PartialEq, PartialOrd)]
enum Likeness {
    /// What follows is about the correction itself.
    Poor,
    /// It is about an earlier one.
    Fair,
}

fn is_same(draft: &Draft, error: &DocumentError, next: &Draft, other: &DocumentError) -> bool {
    other.message == error.message && next.written(&other.span) == draft.written(&error.span)
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
    if found.len() > MOST_SYNTAX_ERRORS {
        let mut first = found.swap_remove(0);
        first.help =
            Some("much of what follows is no TOML either: is this the right file?".to_owned());
        return vec![first];
    }
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
    fn a_value_of_the_wrong_type_does_not_hide_what_comes_behind_it() {
        let text =
            "[[account]]\nid = 12\n[[account.repository]]\nname = \"x\"\nregoin = \"us-east-2\"\n";
        assert_eq!(
            found(Kind::World, text),
            [
                "x.toml:2:6: this is a number; expected a text",
                "x.toml:5:1: unknown key `regoin`"
            ]
        );
    }

    #[test]
    fn ten_faults_of_ten_kinds_are_told_in_one_go() {
        let text = r#"id = "y"
title = "A title"
source = { page = "a", sektion = "b" }
evidence = "observed"
platforms = ["linux", "solaris"]
requires = ["git >= many"]
[[world.account]]
id = 12
[[world.account.repository]]
region = "us-east-2"
[[setup]]
include = "commit-a-caat"
[[symptom]]
run = "git fetch"
status = 1
timeout = "10 parsecs"
stderr = { text = "no-such-text" }
[cause]
verdict = "acess-denied"
[[fix]]
rnu = "git fetch"
"#;
        assert_eq!(
            found(Kind::Scenario, text),
            [
                "x.toml:1:6: the id differs from the file's name, `x`",
                "x.toml:3:24: unknown key `sektion`",
                "x.toml:5:23: unknown value `solaris`",
                "x.toml:6:13: `>= many` does not say which versions: write `>= 2.46`, `< 2.46`, or `>= 2.40, < 2.46`",
                "x.toml:8:6: this is a number; expected a text",
                "x.toml:9:1: the key `name` is missing",
                "x.toml:12:11: unknown group of steps `commit-a-caat`",
                "x.toml:16:11: `10 parsecs` is not a span of time",
                "x.toml:17:19: unknown text `no-such-text`",
                "x.toml:19:11: unknown verdict `acess-denied`",
                "x.toml:21:1: unknown key `rnu`",
            ]
        );
    }

    #[test]
    fn a_world_and_a_fault_file_are_told_in_one_go_too() {
        let world = r#"[[account]]
id = "11112222"
[[account.repository]]
name = "a b"
region = "us-east-2"
[[account.user]]
name = "alice"
access_key = [{ id = "AKIAIOSFODNN7EXAMPLE", status = 3 }]
managed_policies = ["AWSCodeCommitPowerUsr", 7]
[sso]
"#;
        assert_eq!(
            found(Kind::World, world),
            [
                "x.toml:2:6: an account id has twelve digits",
                "x.toml:4:8: a repository name holds letters, digits, `.`, `_` and `-` only",
                "x.toml:8:15: the key `secret` is missing",
                "x.toml:8:55: this is no text; expected a word",
                "x.toml:9:21: unknown value `AWSCodeCommitPowerUsr`",
                "x.toml:9:46: this is no text; expected a word",
                "x.toml:10:1: this is a table; expected a list",
                "x.toml:10:1: the key `start_url` is missing",
                "x.toml:10:1: the key `region` is missing",
            ]
        );
        assert_eq!(
            found(
                Kind::Faults,
                "[[fault]]\nstatus = 42\ntimes = 0\n[[fault]]\nstauts = 503\n"
            ),
            [
                "x.toml:2:10: a status that ends no exchange",
                "x.toml:3:9: `times` is counted from one",
                "x.toml:5:1: unknown key `stauts`",
            ]
        );
    }

    #[test]
    fn what_a_correction_brings_is_never_told() {
        let text = "id = \"x\"\ntitle = \"x\"\nsource = { page = \"a\" }\nevidence = \"observed\"\nplatforms = \
                    [\"linux\"]\n[[symptom]]\nrun = \"git fetch\"\n[cause]\nverdict = \
                    \"access-denied\"\n[[fix]]\nrun = \"git fetch\"\n";
        let found = found(Kind::Scenario, text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("no command of the symptom fails"));
    }

    #[test]
    fn a_file_of_another_language_is_told_once() {
        let line = "<item name=\"x\">text</item>\n";
        assert_eq!(found(Kind::Scenario, &line.repeat(100)).len(), 1);
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
