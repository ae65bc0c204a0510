use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Fidelity, Profile, SwitchError};
use crate::document::{DocumentError, Source, Spanned};

/// Switches as they stand in a table of a document: `profile = "git"`, `expired-password-status = 401`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct FidelityFile(BTreeMap<Spanned<String>, Spanned<Position>>);

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a switch takes a word or a number")]
enum Position {
    Number(u64),
    Word(String),
}

impl FidelityFile {
    /// Sets the switches, on top of the profile `codecommit` if the table names no other.
    ///
    /// # Errors
    /// The first name or value that does not exist, with its place in `source` and what is close to it.
    pub fn resolve(&self, source: &Source) -> Result<Fidelity, DocumentError> {
        let mut fidelity = Fidelity::default();
        for (name, position) in &self.0 {
            let value = match position.get_ref() {
                Position::Number(number) => number.to_string(),
                Position::Word(word) => word.clone(),
            };
            if name.get_ref() == "profile" {
                fidelity.profile = match &*value {
                    "codecommit" => Profile::CodeCommit,
                    "git" => Profile::Git,
                    _ => {
                        let message = format!("unknown profile `{value}`");
                        let help = "the profiles are `codecommit` and `git`".to_owned();
                        return Err(source.error_at(position.span(), message, Some(help)));
                    }
                };
                continue;
            }
            fidelity
                .set(name.get_ref(), &value)
                .map_err(|error| match &error {
                    SwitchError::Unknown { name: word, .. } => source.error_at(
                        name.span(),
                        format!("unknown switch `{word}`"),
                        error.hint(),
                    ),
                    SwitchError::Value { .. } => {
                        let message = format!("this switch cannot be `{value}`");
                        source.error_at(position.span(), message, error.hint())
                    }
                })?;
        }
        Ok(fidelity)
    }
}

/// The switches by their names, each with the values that it takes.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for FidelityFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fidelity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let profile = serde_json::json!({
            "description": "How much is shown: what CodeCommit shows, or all that the local git can do",
            "enum": ["codecommit", "git"],
        });
        let switches = Fidelity::SWITCHES.iter().map(|switch| {
            let words: Vec<&str> = switch.values.split('`').skip(1).step_by(2).collect();
            let mut schema = match words.is_empty() {
                true => serde_json::json!({ "type": ["integer", "string"] }),
                false => serde_json::json!({ "enum": words }),
            };
            schema["description"] = switch.summary.into();
            (switch.name.to_owned(), schema)
        });
        let profile = std::iter::once(("profile".to_owned(), profile));
        let properties: serde_json::Map<_, _> = profile.chain(switches).collect();
        schemars::json_schema!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;

    fn resolve(text: &str) -> Result<Fidelity, DocumentError> {
        let source = Source::new("x.toml", text);
        parse::<FidelityFile>(&source)?.resolve(&source)
    }

    #[test]
    fn a_table_sets_profile_and_switches() {
        let fidelity =
            resolve("profile = \"git\"\nexpired-password-status = 401\nexplain = \"yes\"\n")
                .unwrap();
        assert_eq!(fidelity.profile, Profile::Git);
        assert_eq!(fidelity.expired_password_status.0, 401);
        assert_eq!(fidelity.get("explain").as_deref(), Some("yes"));
    }

    #[test]
    fn what_does_not_exist_is_located() {
        for (text, error, help) in [
            (
                "explian = \"yes\"",
                "x.toml:1:1: unknown switch `explian`",
                "did you mean `explain`?",
            ),
            (
                "\nexplain = \"oui\"",
                "x.toml:2:11: this switch cannot be `oui`",
                "it takes `yes` `no`",
            ),
            (
                "profile = \"svn\"",
                "x.toml:1:11: unknown profile `svn`",
                "the profiles are `codecommit` and `git`",
            ),
            (
                "explain = true",
                "x.toml:1:11: a switch takes a word or a number",
                "",
            ),
        ] {
            let found = resolve(text).unwrap_err();
            assert_eq!(
                (
                    &*found.to_string(),
                    found.help.as_deref().unwrap_or_default()
                ),
                (error, help)
            );
        }
    }
}
