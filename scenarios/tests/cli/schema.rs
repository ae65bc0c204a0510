//! The JSON schemas for editors: they are those of the program, and say of files what `check` says.

use std::fs;
use std::path::{Path, PathBuf};

use codecommit_lab::check::Kind;
use codecommit_lab::schema;
use codecommit_mock::document::Source;
use serde_json::Value;

use super::Lab;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn validator(kind: Kind) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&schema::text(kind)).unwrap();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn value(text: &str) -> Value {
    toml::from_str(text).unwrap()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|end| end == "toml") {
            found.push(path);
        }
    }
    found
}

#[test]
fn those_that_are_kept_are_those_of_the_program() {
    for kind in Kind::ALL {
        let name = kind.as_str();
        let made = Lab::new().run(&["schema", name]).stdout;
        let kept = fs::read_to_string(format!("{HERE}/schema/{}", schema::file_name(kind)));
        assert!(
            kept.is_ok_and(|kept| kept == made),
            "scenarios/schema/{name}.schema.json is stale; renew it with:\n    \
             cargo run -- schema {name} > scenarios/schema/{name}.schema.json"
        );
    }
}

#[test]
fn every_file_of_the_catalog_is_valid() {
    let mut seen = 0;
    let validators = Kind::ALL.map(|kind| (kind, validator(kind)));
    for folder in ["catalog", "shared", "src/templates", "clients", "helpers"] {
        for path in files_below(&Path::new(HERE).join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let kind = Kind::of(&Source::new("x", &text));
            let (_, validator) = validators.iter().find(|(its, _)| *its == kind).unwrap();
            if let Err(error) = validator.validate(&value(&text)) {
                panic!("{}: {error} at {}", path.display(), error.instance_path());
            }
            seen += 1;
        }
    }
    assert!(seen > 140, "{seen}");
}

#[test]
fn what_check_refuses_is_not_valid() {
    let scenario = fs::read_to_string(format!(
        "{HERE}/catalog/addressing/wrong-region-in-url.toml"
    ))
    .unwrap();
    let client = validator(Kind::ConformanceClient);
    let git = fs::read_to_string(format!("{HERE}/clients/git/client.toml")).unwrap();
    assert!(!client.is_valid(&value(&git.replacen("title ", "titel ", 1))));
    let [scenarios, worlds] = [Kind::Scenario, Kind::World].map(validator);
    for (good, bad) in [
        ("title ", "titel "),
        ("\"observed\"", "\"obsrved\""),
        ("\"linux\"", "\"lynux\""),
        ("status  = 128", "status  = 1280"),
        ("\"repository-not-found\"\n", "\"repository-missing\"\n"),
        ("[cause]", "[because]"),
    ] {
        let broken = scenario.replacen(good, bad, 1);
        assert_ne!(broken, scenario, "{good} is not there");
        assert!(!scenarios.is_valid(&value(&broken)), "{bad}");
    }
    for bad in [
        "[[acount]]\n",
        "[[account]]\nid = 12\n",
        "[[account]]\nid = \"1\"\n[[account.user]]\nname = \"x\"\nmanaged_policies = [\"AWSCodeCommitReadonly\"]\n",
        "[[account]]\nid = \"1\"\n[[account.repository]]\nname = \"x\"\n",
    ] {
        assert!(!worlds.is_valid(&value(bad)), "{bad}");
    }
}
