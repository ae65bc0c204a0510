//! Something that came out otherwise, with the lines that ask for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expectation::Mismatch;

/// Something came out differently.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MismatchRecord {
    /// The document that asks for it: the scenario's own, or one that it takes steps from.
    #[serde(default)]
    pub file: String,
    /// The line of the document that asks for it, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
    /// What differs.
    pub message: String,
    /// What was asked for.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The lines of the document.
    #[serde(default)]
    pub excerpt: Excerpt,
}

/// Whole lines of a document, and the part of them that is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// The number of the first line.
    pub first_line: usize,
    /// The lines.
    pub text: String,
    /// The first byte that is meant.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl MismatchRecord {
    /// The document it points at; `scenario` is that of the scenario, for reports that do not say.
    pub fn file_or<'a>(&'a self, scenario: &'a str) -> &'a str {
        match &*self.file {
            "" => scenario,
            file => file,
        }
    }
}

impl From<&Mismatch> for MismatchRecord {
    fn from(mismatch: &Mismatch) -> Self {
        let error = &mismatch.error;
        Self {
            file: error.source_text.name().to_owned(),
            line: error.line(),
            column: error.column(),
            message: error.message.clone(),
            expected: mismatch.expected.clone(),
            actual: mismatch.actual.clone(),
            help: error.help.clone(),
            excerpt: Excerpt::of(error.source_text.text(), error.span.clone()),
        }
    }
}

impl Excerpt {
    fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        let from = text.get(..start).and_then(|before| before.rfind('\n'));
        let from = from.map_or(0, |at| at + 1);
        let rest = text.get(end..).unwrap_or_default();
        let to = end + rest.find('\n').unwrap_or(rest.len());
        Self {
            first_line: text.get(..from).unwrap_or_default().matches('\n').count() + 1,
            text: text.get(from..to).unwrap_or_default().to_owned(),
            start: start - from,
            end: end - from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_whole_lines() {
        let excerpt = Excerpt::of("a = 1\nb = 2\nc = 3\n", 10..15);
        assert_eq!(excerpt.first_line, 2);
        assert_eq!(excerpt.text, "b = 2\nc = 3");
        assert_eq!(&excerpt.text[excerpt.start..excerpt.end], "2\nc =");
        let nothing = Excerpt::of("", 0..0);
        assert_eq!((nothing.first_line, &*nothing.text), (1, ""));
    }
}
