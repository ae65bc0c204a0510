use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value of a JSON text that knows where it stands in it, and whose objects keep order and repeated keys:
/// [`serde_json::Value`] does neither.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    raw: &'a str,
    offset: usize,
}

/// A key of an object, and its value.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    pub(super) key: String,
    /// Where the key begins.
    pub(super) offset: usize,
    pub(super) value: Node<'a>,
}

/// The text is not JSON.
#[derive(Clone, Debug)]
pub(super) struct NotJson {
    pub(super) message: String,
    pub(super) offset: usize,
}

impl<'a> Node<'a> {
    /// The whole text.
    pub(super) fn document(text: &'a str) -> Result<Self, NotJson> {
        let document = Node {
            raw: text,
            offset: 0,
        };
        // The whole syntax is checked at once; what can still fail later is half a surrogate pair in a string.
        document.read::<IgnoredAny>()?;
        let raw = document.read::<&RawValue>()?;
        Ok(document.part(raw))
    }

    /// Where it begins in the document, in bytes.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// What it is, for an error message.
    pub(super) fn kind(&self) -> &'static str {
        match self.raw.bytes().next() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a Boolean",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    /// The members, if it is an object.
    pub(super) fn members(&self) -> Result<Option<Vec<Member<'a>>>, NotJson> {
        if !self.raw.starts_with('{') {
            return Ok(None);
        }
        let RawMembers(raw) = self.read()?;
        raw.into_iter()
            .map(|(key, value)| {
                let key = self.part(key);
                Ok(Member {
                    key: key.read()?,
                    offset: key.offset,
                    value: self.part(value),
                })
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The items, if it is a list.
    pub(super) fn items(&self) -> Result<Option<Vec<Self>>, NotJson> {
        if !self.raw.starts_with('[') {
            return Ok(None);
        }
        let raw: Vec<&'a RawValue> = self.read()?;
        Ok(Some(raw.into_iter().map(|raw| self.part(raw)).collect()))
    }

    /// The text, if it is a string.
    pub(super) fn string(&self) -> Result<Option<String>, NotJson> {
        if !self.raw.starts_with('"') {
            return Ok(None);
        }
        self.read().map(Some)
    }

    /// The text of a string, a number or a Boolean: "Quotation marks are optional for numeric and Boolean values"
    /// ("The policy language and JSON").
    pub(super) fn scalar(&self) -> Result<Option<String>, NotJson> {
        match self.kind() {
            "a string" => self.string(),
            "a number" | "a Boolean" => Ok(Some(self.raw.to_owned())),
            _ => Ok(None),
        }
    }

    fn read<T: Deserialize<'a>>(&self) -> Result<T, NotJson> {
        serde_json::from_str(self.raw).map_err(|error| {
            let text = error.to_string();
            let message = match text.rsplit_once(" at line ") {
                Some((message, _)) => message.to_owned(),
                None => text,
            };
            NotJson {
                message,
                offset: self.offset + byte_of(self.raw, error.line(), error.column()),
            }
        })
    }

    /// A part of this value's text, which serde borrows from it.
    fn part(&self, raw: &'a RawValue) -> Node<'a> {
        let raw = raw.get();
        let distance = (raw.as_ptr() as usize).saturating_sub(self.raw.as_ptr() as usize);
        Node {
            raw,
            offset: self.offset + distance,
        }
    }
}

/// The byte at serde_json's line, from one, and column, in bytes, zero before the first.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (before + column.saturating_sub(1)).min(text.len())
}

struct RawMembers<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawMembers(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_where_they_stand_and_repeated_keys_are_kept() {
        let text = "\n { \"a\": [1, \"é\\n\"],\n\"a\" : {} }";
        let members = Node::document(text).unwrap().members().unwrap().unwrap();
        assert_eq!(members.len(), 2);
        assert_eq!(&text[members[0].offset..][..3], "\"a\"");
        let items = members[0].value.items().unwrap().unwrap();
        assert_eq!(&text[items[1].offset()..][..1], "\"");
        assert_eq!(items[1].string().unwrap().as_deref(), Some("é\n"));
        assert_eq!(items[0].scalar().unwrap().as_deref(), Some("1"));
        assert_eq!(&text[members[1].value.offset()..], "{} }");
    }

    #[test]
    fn a_syntax_error_is_located() {
        let text = "{\n  \"a\": 1\n  \"b\": 2\n}";
        let error = Node::document(text).unwrap_err();
        assert_eq!(&text[error.offset..][..3], "\"b\"");
        assert_eq!(error.message, "expected `,` or `}`");
    }
}
