//! The breakages of `tests/mutations` fit the source as it is. Whether the catalog notices them takes minutes, and is found
//! out by `cargo run -p codecommit-tests --bin mutations`.

use std::collections::BTreeSet;
use std::fs;

use codecommit_tests::mutation;

#[test]
fn each_applies_to_the_source_and_changes_it() {
    for mutation in mutation::read().unwrap() {
        let changed = mutation.changed(mutation::root());
        let changed = changed.unwrap_or_else(|error| panic!("failed to {error}"));
        let source = fs::read_to_string(mutation::root().join(&mutation.file)).unwrap();
        assert_ne!(changed, source, "{}", mutation.name);
    }
}

#[test]
fn a_text_that_stands_there_twice_or_never_is_refused() {
    let known = mutation::read().unwrap().remove(0);
    for (find, times) in [("there is no such text", "0 times"), ("fn ", "times")] {
        let mut stale = known.clone();
        stale.find = find.to_owned();
        let error = stale.changed(mutation::root()).unwrap_err().to_string();
        assert!(
            error.contains(times) && error.contains("the source has changed"),
            "{error}"
        );
    }
}

#[test]
fn each_has_a_name_of_its_own_and_scenarios_that_exist() {
    let catalog = mutation::root().join("scenarios/catalog");
    let scenarios: BTreeSet<String> = fs::read_dir(catalog)
        .unwrap()
        .flat_map(|area| fs::read_dir(area.unwrap().path()).unwrap())
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let mut names = BTreeSet::new();
    for mutation in mutation::read().unwrap() {
        assert!(!mutation.red.is_empty(), "{}", mutation.name);
        for id in &mutation.red {
            assert!(scenarios.contains(id), "{}: {id}", mutation.name);
        }
        assert!(names.insert(mutation.name.clone()), "{}", mutation.name);
    }
    assert!(names.len() >= 10);
}

#[test]
fn their_document_is_what_the_list_says() {
    let document = fs::read_to_string(mutation::root().join("docs/mutations.md")).unwrap();
    assert!(
        document == mutation::document(&mutation::read().unwrap()),
        "docs/mutations.md is stale; renew it with:\n    \
         cargo run -p codecommit-tests --bin mutations -- --document > docs/mutations.md"
    );
}
