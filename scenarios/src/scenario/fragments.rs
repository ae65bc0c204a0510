//! What an output is searched for, as it stands in a document.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use codecommit_mock::document::Spanned;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// What an output is searched for: a text, the name of one, or a list of either.
#[derive(Clone)]
pub(crate) struct FragmentsFile(pub(super) Vec<Entry>);

/// As it is written: with its place, if it stands in a list.
#[derive(Clone)]
pub(super) struct Entry {
    /// The text.
    pub(super) text: TextFile,
    /// Its place in a list.
    pub(super) span: Option<Range<usize>>,
}

/// A text, or the name of one.
#[derive(Clone)]
pub(super) enum TextFile {
    /// The text.
    Plain(String),
    /// The name.
    Named(Spanned<String>),
}

/// A text that has a name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NamedText {
    /// Its name: of `[[text.NAME]]` in this file, or in `shared/texts.toml`.
    text: Spanned<String>,
}

impl FragmentsFile {
    /// The texts, for putting values into them.
    pub(super) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.0.iter_mut().map(|entry| match &mut entry.text {
            TextFile::Plain(text) => text,
            TextFile::Named(name) => name.get_mut(),
        })
    }
}

impl JsonSchema for TextFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain = json_schema!({ "type": "string", "minLength": 1 });
        let named = generator.subschema_for::<NamedText>();
        json_schema!({ "anyOf": [plain, named] })
    }
}

impl JsonSchema for FragmentsFile {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Fragments".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain = json_schema!({ "type": "string", "minLength": 1 });
        let named = generator.subschema_for::<NamedText>();
        let one = json_schema!({ "anyOf": [plain, named] });
        json_schema!({ "anyOf": [plain, named, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

struct OneText;

impl<'de> Visitor<'de> for OneText {
    type Value = TextFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or the name of one")
    }

    fn visit_str<E>(self, text: &str) -> Result<TextFile, E> {
        Ok(TextFile::Plain(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextFile, A::Error> {
        let named = NamedText::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TextFile::Named(named.text))
    }
}

impl<'de> Deserialize<'de> for TextFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneText)
    }
}

// By hand: a derived untagged enum would lose the places of the list's texts.
impl<'de> Deserialize<'de> for FragmentsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = FragmentsFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FragmentsFile, E> {
                let text = OneText.visit_str(text)?;
                Ok(FragmentsFile(vec![Entry { text, span: None }]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FragmentsFile, A::Error> {
                let text = OneText.visit_map(map)?;
                Ok(FragmentsFile(vec![Entry { text, span: None }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FragmentsFile, A::Error> {
                let mut entries = Vec::new();
                while let Some(text) = list.next_element::<Spanned<TextFile>>()? {
                    entries.push(Entry {
                        span: Some(text.span()),
                        text: text.into_inner(),
                    });
                }
                Ok(FragmentsFile(entries))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}
