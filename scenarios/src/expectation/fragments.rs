//! Texts that an output is searched for.

use codecommit_mock::document::Spanned;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// One text, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragments(Vec<Fragment>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fragment {
    text: String,
    /// None for a text that is not in a list: its place is that of the whole value.
    span: Option<Range<usize>>,
}

impl Fragments {
    /// Whether they are found in any output.
    pub(crate) fn is_vacuous(&self) -> bool {
        self.0.is_empty() || self.0.iter().any(|fragment| fragment.text.is_empty())
    }

    /// The texts, for putting values into them.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        self.0.iter_mut().map(|fragment| &mut fragment.text)
    }

    /// The texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|fragment| &*fragment.text)
    }
}

/// The texts, each with its place in the document.
pub(super) fn spanned(
    fragments: &Option<Spanned<Fragments>>,
) -> impl Iterator<Item = (&str, Range<usize>)> {
    fragments.iter().flat_map(|whole| {
        whole.get_ref().0.iter().map(|fragment| {
            let span = fragment.span.clone().unwrap_or_else(|| whole.span());
            (&*fragment.text, span)
        })
    })
}

impl JsonSchema for Fragments {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Fragments".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({ "type": "string", "minLength": 1 });
        json_schema!({ "anyOf": [text, { "type": "array", "items": text, "minItems": 1 }] })
    }
}

// By hand: a derived untagged enum would lose the places of the list's texts.
impl<'de> Deserialize<'de> for Fragments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Fragments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Fragments, E> {
                Ok(Fragments(vec![Fragment {
                    text: text.to_owned(),
                    span: None,
                }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Fragments, A::Error> {
                let mut fragments = Vec::new();
                while let Some(text) = list.next_element::<Spanned<String>>()? {
                    fragments.push(Fragment {
                        span: Some(text.span()),
                        text: text.into_inner(),
                    });
                }
                Ok(Fragments(fragments))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}
