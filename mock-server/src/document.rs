//! TOML documents whose errors say where and what to type instead.

mod mask;
mod serde_words;
mod spanned;
mod suggestion;

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use serde::de::DeserializeOwned;

pub(crate) use serde_words::about_a_key;
pub use spanned::Spanned;
pub use suggestion::{did_you_mean, nearest, suggestion};

use crate::redaction::REDACTED;

/// A document and the name it goes by in error messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

/// A document cannot be read from disk.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableFile {
    /// It cannot be opened.
    #[error("read {name}: {cause}")]
    Closed {
        /// Its path.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It is not text.
    #[error("read {name}:{line}:{column}: this is not UTF-8")]
    NotUtf8 {
        /// Its path.
        name: String,
        /// The line of the first byte that is not, from one.
        line: usize,
        /// Its column in characters, from one.
        column: usize,
        /// Whether it begins as UTF-16 does.
        utf16: bool,
    },
}

impl UnreadableFile {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotUtf8 { utf16: true, .. } => {
                Some("it looks like UTF-16, which Windows PowerShell writes: save it as UTF-8")
            }
            Self::NotUtf8 { .. } => Some("save it as UTF-8"),
            Self::Closed { cause, .. } => match cause.kind() {
                io::ErrorKind::NotFound => {
                    Some("check the path: it is taken from the folder in which the command runs")
                }
                io::ErrorKind::PermissionDenied => Some("make it readable for you"),
                io::ErrorKind::IsADirectory => Some("name a file in this folder"),
                _ => None,
            },
        }
    }
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DocumentError {
    /// The document, with everything covered that looks like a secret.
    pub source_text: Source,
    /// Bytes of the document that are at fault.
    pub span: Range<usize>,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
}

impl Source {
    /// A document from memory. Line ends are those of Unix from here on, whatever they were: the texts in it go to shells,
    /// and are compared with what they print.
    pub fn new(name: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            name: name.as_ref().into(),
            text: match text.contains("\r\n") {
                true => text.replace("\r\n", "\n").into(),
                false => text.into(),
            },
        }
    }

    /// A document from disk, named after its path.
    ///
    /// # Errors
    /// The file cannot be opened or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, UnreadableFile> {
        let name = path.display().to_string();
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(cause) => return Err(UnreadableFile::Closed { name, cause }),
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let bytes = error.as_bytes();
                let valid = String::from_utf8_lossy(&bytes[..error.utf8_error().valid_up_to()]);
                let before = Self::new("", valid);
                let (line, column) = before.position(before.text.len());
                Err(UnreadableFile::NotUtf8 {
                    name,
                    line,
                    column,
                    utf16: bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff"),
                })
            }
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
        let span = span.start.min(end)..span.end.min(end);
        let masked = mask::masked(&self.text);
        let mut message = message.into();
        if let (Some(text), Some(shown)) = (self.text.get(span.clone()), masked.get(span.clone()))
            && text != shown
        {
            // It may quote what is at fault.
            let text = text.trim_matches(['"', '\'']);
            if !text.is_empty() {
                message = message.replace(text, REDACTED);
            }
        }
        DocumentError {
            source_text: Self {
                name: Arc::clone(&self.name),
                text: masked.into(),
            },
            span,
            message,
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

/// What a device without an end would fill the memory with.
const MOST: u64 = 16 * 1024 * 1024;

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        let kind = io::ErrorKind::FileTooLarge;
        return Err(io::Error::new(kind, "more than 16 MiB"));
    }
    Ok(bytes)
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
        let span = error.span().unwrap_or(0..0);
        let at = source.text().get(span.start..).unwrap_or_default();
        let (message, help) = serde_words::put_plainly(error.message().trim(), at);
        source.error_at(span, message, help)
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
        assert_eq!(
            wrong_type.to_string(),
            "sample.toml:2:10: this is a text; expected a whole number"
        );
    }

    #[test]
    fn a_number_out_of_range_and_a_table_for_a_list_are_told_with_the_way_out() {
        assert_eq!(
            error("status = -1\n").message,
            "this number is out of range; expected a whole number from 0 to 65535"
        );
        #[derive(Debug, Deserialize)]
        struct Several {
            #[serde(rename = "fault")]
            _fault: Vec<Sample>,
        }
        let source = Source::new("x.toml", "[fault]\nstatus = 503\n");
        let error = parse::<Several>(&source).unwrap_err();
        assert_eq!(
            error.help.as_deref(),
            Some("write `[[fault]]`: there may be several")
        );
    }

    #[test]
    fn line_ends_of_windows_are_those_of_unix_and_places_stay() {
        let source = Source::new("x.toml", "\u{feff}a = 1\r\nb = 1\r\n");
        assert!(!source.text().contains('\r'));
        let error = parse::<Sample>(&Source::new("x.toml", "# 1\r\nstauts = 1\r\n")).unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 1));
    }

    #[test]
    fn no_error_holds_a_secret() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        for text in [
            format!("secrt = \"{secret}\""),
            format!("secret = \"{secret}\" more"),
            format!("colour = \"{secret}\""),
            format!("status = \"{secret}\""),
            format!("status = 1\nzzz = {secret}"),
        ] {
            let error = error(&text);
            assert!(!format!("{error} {error:?}").contains("wJalr"), "{error:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_utf8_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            let path = folder.path().join("x.toml");
            std::fs::write(&path, bytes).unwrap();
            let error = Source::read(&path).unwrap_err();
            let place = format!("read {}:", path.display());
            (error.to_string().replace(&place, ""), error.hint())
        };
        assert_eq!(
            read(b"a = 1\r\n\xc3\xa9\xff"),
            (
                "2:2: this is not UTF-8".to_owned(),
                Some("save it as UTF-8")
            )
        );
        assert!(read(b"\xff\xfea\0").1.unwrap().contains("UTF-16"));
        let missing = Source::read(&folder.path().join("none")).unwrap_err();
        assert!(missing.hint().unwrap().contains("check the path"));
    }

    #[test]
    fn broken_toml_is_located() {
        let error = error("status = 1\nstatus == 2\n");
        assert_eq!(error.line(), 2);
    }
}
