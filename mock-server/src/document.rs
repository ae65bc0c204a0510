//! TOML documents whose errors say where and what to type instead.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use serde::de::DeserializeOwned;

/// A document and the name it goes by in error messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

/// A document cannot be read from disk.
#[derive(Debug, thiserror::Error)]
#[error("read {name}: {cause}")]
pub struct UnreadableFile {
    name: String,
    #[source]
    cause: io::Error,
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DocumentError {
    /// The document.
    pub source_text: Source,
    /// Bytes of the document that are at fault.
    pub span: Range<usize>,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
}

impl Source {
    /// A document from memory.
    pub fn new(name: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        Self {
            name: name.as_ref().into(),
            text: text.as_ref().into(),
        }
    }

    /// A document from disk, named after its path.
    ///
    /// # Errors
    /// The file cannot be opened or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, UnreadableFile> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(cause) => Err(UnreadableFile { name, cause }),
        }
    }

    /// The name it goes by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// An error at some bytes of this document.
    pub fn error_at(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> DocumentError {
        let end = self.text.len();
        DocumentError {
            source_text: self.clone(),
            span: span.start.min(end)..span.end.min(end),
            message: message.into(),
            help,
        }
    }

    /// Line and column of a byte, both counted from one; the column in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

impl DocumentError {
    /// Line, from one.
    pub fn line(&self) -> usize {
        self.source_text.position(self.span.start).0
    }

    /// Column in characters, from one.
    pub fn column(&self) -> usize {
        self.source_text.position(self.span.start).1
    }
}

/// `world.toml:3:5: unknown key ...`.
impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source_text.position(self.span.start);
        write!(
            f,
            "{}:{line}:{column}: {}",
            self.source_text.name, self.message
        )
    }
}

/// Reads a document into `T`.
///
/// # Errors
/// The text is not TOML, a key is unknown, or a value has the wrong type: each with its place, and for a misspelt key or
/// value the nearest one that exists.
pub fn parse<T: DeserializeOwned>(source: &Source) -> Result<T, DocumentError> {
    toml::from_str(source.text()).map_err(|error| {
        let message = error.message().trim();
        let (message, help) = match unknown_word(message) {
            Some(unknown) => unknown.describe(),
            None => (message.to_owned(), advice(message)),
        };
        source.error_at(error.span().unwrap_or(0..0), message, help)
    })
}

/// The candidate that was probably meant, if one is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// What is meant by serde's words, where they are hard to understand.
fn advice(message: &str) -> Option<String> {
    message
        .ends_with("invalid type: map, expected a sequence")
        .then(|| {
            "a table of which there can be several is begun with its name in double brackets, such as `[[account]]`; is \
             one above this misspelt?"
                .to_owned()
        })
}

struct UnknownWord<'a> {
    kind: &'static str,
    word: &'a str,
    known: Vec<&'a str>,
}

impl UnknownWord<'_> {
    fn describe(&self) -> (String, Option<String>) {
        let help = match (
            nearest(self.word, self.known.iter().copied()),
            &self.known[..],
        ) {
            (Some(near), _) => Some(format!("did you mean `{near}`?")),
            (None, []) => None,
            (None, known) => Some(format!("known here: {}", known.join(", "))),
        };
        (format!("unknown {} `{}`", self.kind, self.word), help)
    }
}

/// Takes apart serde's "unknown field `x`, expected one of `a`, `b`", which has no other form than its text.
fn unknown_word(message: &str) -> Option<UnknownWord<'_>> {
    let (kind, rest) = if let Some(rest) = message.strip_prefix("unknown field `") {
        ("key", rest)
    } else {
        ("value", message.strip_prefix("unknown variant `")?)
    };
    let (word, rest) = rest.split_once('`')?;
    Some(UnknownWord {
        kind,
        word,
        known: rest.split('`').skip(1).step_by(2).collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Sample {
        status: Option<u16>,
        colour: Option<Colour>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Colour {
        Red,
        DarkBlue,
    }

    fn error(text: &str) -> DocumentError {
        parse::<Sample>(&Source::new("sample.toml", text)).unwrap_err()
    }

    #[test]
    fn an_unknown_key_is_located_and_the_near_one_suggested() {
        let error = error("# é\n  stauts = 3\n");
        assert_eq!(error.to_string(), "sample.toml:2:3: unknown key `stauts`");
        assert_eq!(error.help.as_deref(), Some("did you mean `status`?"));
    }

    #[test]
    fn a_key_like_no_other_lists_what_there_is() {
        assert_eq!(
            error("zzz = 1\n").help.as_deref(),
            Some("known here: status, colour")
        );
    }

    #[test]
    fn a_wrong_value_and_a_wrong_type_are_located() {
        let wrong_value = error("colour = \"drak-blue\"\n");
        assert_eq!(
            wrong_value.to_string(),
            "sample.toml:1:10: unknown value `drak-blue`"
        );
        assert_eq!(
            wrong_value.help.as_deref(),
            Some("did you mean `dark-blue`?")
        );
        let wrong_type = error("\nstatus = \"x\"\n");
        assert_eq!((wrong_type.line(), wrong_type.column()), (2, 10));
    }

    #[test]
    fn broken_toml_is_located() {
        let error = error("status = 1\nstatus == 2\n");
        assert_eq!(error.line(), 2);
    }
}
