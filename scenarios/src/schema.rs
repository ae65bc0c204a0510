//! JSON schemas of the files that people write, for their editors.

use codecommit_mock::fault::FaultPlanFile;
use codecommit_mock::world::WorldFile;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::check::Kind;
use crate::conformance::client::ClientFile as ClientToTry;
use crate::conformance::helper::HelperFile as HelperToTry;
use crate::scenario::{ClientFile, ScenarioFile, StepsFile, TextsFile};

/// The schema of a kind of file, as it is kept in `scenarios/schema/`.
pub fn text(kind: Kind) -> String {
    let schema = match kind {
        Kind::Scenario => schema::<ScenarioFile>("A scenario of codecommit-lab"),
        Kind::World => schema::<WorldFile>("A world of codecommit-lab"),
        Kind::Client => schema::<ClientFile>("A client set-up of codecommit-lab's scenarios"),
        Kind::Texts => schema::<TextsFile>("Texts of codecommit-lab's scenarios"),
        Kind::Faults => schema::<FaultPlanFile>("Faults of codecommit-lab"),
        Kind::Steps => schema::<StepsFile>("A group of steps of codecommit-lab's scenarios"),
        Kind::ConformanceClient => schema::<ClientToTry>("A Git client that codecommit-lab tries"),
        Kind::ConformanceHelper => schema::<HelperToTry>("A helper that codecommit-lab tries"),
    };
    // A schema is made of maps with text keys, and always is JSON.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// The name of the file that holds it.
pub fn file_name(kind: Kind) -> String {
    format!("{}.schema.json", kind.as_str())
}

/// Draft 7: what editors and Taplo know best.
fn schema<T: JsonSchema>(title: &str) -> Schema {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(without_null));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// Whether the schema of a report in `docs/` is that of its type. `UPDATE_SCHEMA=1 cargo test -p codecommit-lab schema` writes
/// it anew.
#[cfg(test)]
pub(crate) fn assert_checked_in<T: JsonSchema>(name: &str) {
    let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap_or_default() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        assert!(
            std::fs::write(&path, &schema).is_ok(),
            "cannot write {path}"
        );
    }
    assert!(
        std::fs::read_to_string(&path).is_ok_and(|text| text == schema),
        "docs/{name} is stale: run this test again with UPDATE_SCHEMA=1"
    );
}

/// TOML has no null: a key that may be absent is absent.
fn without_null(schema: &mut Schema) {
    for word in ["type", "enum"] {
        if let Some(Value::Array(list)) = schema.get_mut(word) {
            list.retain(|value| !value.is_null() && value != "null");
            if let ("type", [one]) = (word, &list[..]) {
                let one = one.clone();
                schema.insert(word.to_owned(), one);
            }
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
        if let [one] = &choices[..] {
            let one = one.clone();
            schema.remove("anyOf");
            schema.insert("allOf".to_owned(), Value::Array(vec![one]));
        }
    }
    schema.remove("default");
}
