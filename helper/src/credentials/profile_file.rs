//! The INI files of AWS, read as botocore reads them: with the rules of Python's `configparser`.
//!
//! `aws-runtime` has a parser too, but it rejects profile names with spaces (`[profile "Code Commit"]`), which the AWS
//! CLI takes and CodeCommit's users have. This one also keeps line numbers, so that errors can point.

use crate::secret::Secret;

/// A file, as sections in their order.
#[derive(Clone, Debug, Default)]
pub struct ProfileFile {
    sections: Vec<Section>,
}

/// `[name]` and what stands below it.
#[derive(Clone, Debug)]
pub struct Section {
    /// What stands between the brackets, raw.
    pub name: String,
    /// The line of the header, from 1.
    pub line: usize,
    entries: Vec<Entry>,
}

/// `key = value`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In lower case, as `configparser` makes it.
    pub key: String,
    /// The value. A value over several lines is joined by line feeds.
    pub value: Secret,
    /// The line of the key, from 1.
    pub line: usize,
}

/// The text breaks a rule of the format. The line itself is not shown: it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {fault}")]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// The rule.
    pub fault: Fault,
}

/// A rule of the format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something stands before the first `[section]`.
    #[error("stands before the first [section]")]
    NoSection,
    /// A line is neither `[section]` nor `key = value`.
    #[error("is neither `[section]` nor `key = value`")]
    NoKey,
    /// The same section twice in a file.
    #[error("opens the section [{name}] again, which line {first} did")]
    SectionAgain {
        /// The name of the section.
        name: String,
        /// The line of its first header.
        first: usize,
    },
    /// The same key twice in a section.
    #[error("sets `{key}` again, which line {first} did")]
    KeyAgain {
        /// The key.
        key: String,
        /// The line that set it first.
        first: usize,
    },
}

impl ProfileFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`SyntaxError`] for the first line that `configparser` refuses.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        // Notepad begins a file with a byte order mark. Python takes it for a part of the first line and refuses the
        // file, which helps nobody.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser::default();
        for (index, line) in lines(text).enumerate() {
            parser.line(index + 1, line).map_err(|fault| SyntaxError {
                line: index + 1,
                fault,
            })?;
        }
        Ok(parser.finish())
    }

    /// The sections, in the order of the file. `[DEFAULT]` is not one of them: its entries are in all the others.
    pub fn sections(&self) -> impl DoubleEndedIterator<Item = &Section> {
        self.sections.iter()
    }
}

impl Section {
    /// The entry with this key, which is in lower case.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// A key inside the value of another: `endpoint_url` below `sts =`, indented.
    pub fn nested(&self, key: &str, inner: &str) -> Option<String> {
        let lines = self.entry(key)?.value.expose().lines();
        lines
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim() == inner)
            .map(|(_, value)| value.trim().to_owned())
    }
}

/// `configparser`'s name for the section whose entries all others inherit.
const DEFAULT_SECTION: &str = "DEFAULT";

#[derive(Default)]
struct Parser {
    sections: Vec<Section>,
    defaults: Option<Section>,
    /// Where the next `key = value` goes.
    current: Option<Place>,
    /// Whether the current section has an entry that a line may continue.
    continues: bool,
    /// The indentation of the last header or key: what is indented deeper continues its value.
    indent: usize,
}

#[derive(Clone, Copy)]
enum Place {
    Section(usize),
    Defaults,
}

impl Parser {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Fault> {
        let text = trim(line);
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            // An empty line is a part of a value that goes on after it.
            self.extend("");
            return Ok(());
        }
        let indent = line.chars().take_while(|&c| is_space(c)).count();
        if self.continues && indent > self.indent {
            self.extend(text);
            return Ok(());
        }
        self.indent = indent;
        if let Some(name) = header(text) {
            return self.open(number, name);
        }
        let fault = match &self.current {
            None => Fault::NoSection,
            Some(_) => match key_and_value(text) {
                Some((key, value)) => return self.set(number, key, value),
                None => Fault::NoKey,
            },
        };
        Err(fault)
    }

    fn open(&mut self, line: usize, name: &str) -> Result<(), Fault> {
        self.continues = false;
        let new = Section {
            name: name.to_owned(),
            line,
            entries: Vec::new(),
        };
        if name == DEFAULT_SECTION {
            self.defaults.get_or_insert(new);
            self.current = Some(Place::Defaults);
        } else if let Some(first) = self.sections.iter().find(|section| section.name == name) {
            return Err(Fault::SectionAgain {
                name: new.name,
                first: first.line,
            });
        } else {
            self.current = Some(Place::Section(self.sections.len()));
            self.sections.push(new);
        }
        Ok(())
    }

    fn set(&mut self, line: usize, key: String, value: &str) -> Result<(), Fault> {
        let Some(section) = self.current() else {
            return Err(Fault::NoSection);
        };
        if let Some(first) = section.entry(&key) {
            return Err(Fault::KeyAgain {
                key,
                first: first.line,
            });
        }
        section.entries.push(Entry {
            key,
            value: Secret::new(value),
            line,
        });
        self.continues = true;
        Ok(())
    }

    fn extend(&mut self, text: &str) {
        if !self.continues {
            return;
        }
        if let Some(entry) = self.current().and_then(|s| s.entries.last_mut()) {
            entry.value = Secret::new(format!("{}\n{text}", entry.value.expose()));
        }
    }

    fn current(&mut self) -> Option<&mut Section> {
        match self.current? {
            Place::Defaults => self.defaults.as_mut(),
            Place::Section(index) => self.sections.get_mut(index),
        }
    }

    fn finish(mut self) -> ProfileFile {
        let defaults = self
            .defaults
            .map_or_else(Vec::new, |section| section.entries);
        for section in &mut self.sections {
            for entry in &defaults {
                if section.entry(&entry.key).is_none() {
                    section.entries.push(entry.clone());
                }
            }
            for entry in &mut section.entries {
                let value = entry.value.expose();
                let whole = value.trim_end_matches(is_space);
                if whole.len() < value.len() {
                    entry.value = Secret::new(whole);
                }
            }
        }
        ProfileFile {
            sections: self.sections,
        }
    }
}

/// `[name]`: up to the last bracket of the line; what follows it is not looked at.
fn header(text: &str) -> Option<&str> {
    let name = text.strip_prefix('[')?;
    let name = &name[..name.rfind(']')?];
    (!name.is_empty()).then_some(name)
}

/// Split at the first `=` or `:`.
fn key_and_value(text: &str) -> Option<(String, &str)> {
    let (key, value) = text.split_once(['=', ':'])?;
    let key = trim(key).to_lowercase();
    (!key.is_empty()).then_some((key, trim(value)))
}

/// Lines end with LF, CRLF or CR: Python opens text files with universal newlines.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let Some(end) = text.find(['\r', '\n']) else {
            return Some(text);
        };
        let after = &text[end..];
        let after = after.strip_prefix("\r\n").unwrap_or(&after[1..]);
        rest = Some(after);
        Some(&text[..end])
    })
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What Python's `str.isspace` calls white space: Unicode's, and four ASCII separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, Vec<(String, String)>)> {
        ProfileFile::parse(text)
            .unwrap()
            .sections()
            .map(|section| {
                let entries = section.entries.iter();
                let pairs = entries.map(|e| (e.key.clone(), e.value.expose().to_owned()));
                (section.name.clone(), pairs.collect())
            })
            .collect()
    }

    fn one(name: &str, pairs: &[(&str, &str)]) -> Vec<(String, Vec<(String, String)>)> {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        vec![(name.to_owned(), pairs.collect())]
    }

    // Compared with `configparser.RawConfigParser` of Python 3.11 on 200 000 random files, without a difference. The byte
    // order mark is the one thing that is read here and refused there.

    #[test]
    fn keys_values_and_comments() {
        let text = "# comment\n[profile \"Code Commit\"] ; trailing\nAWS_Access_Key_Id = AKIA # not a comment\n\
                    ; comment\nregion: eu-west-1\nurl=https://x=y\nempty=\n";
        assert_eq!(
            shown(text),
            one(
                "profile \"Code Commit\"",
                &[
                    ("aws_access_key_id", "AKIA # not a comment"),
                    ("region", "eu-west-1"),
                    ("url", "https://x=y"),
                    ("empty", ""),
                ]
            )
        );
    }

    #[test]
    fn a_header_ends_at_its_last_bracket() {
        assert_eq!(shown("[a]b] x\n"), one("a]b", &[]));
    }

    #[test]
    fn any_line_ending_and_a_byte_order_mark_will_do() {
        let expected = one("a", &[("k", "v"), ("l", "w")]);
        for text in [
            "[a]\r\nk=v\r\nl=w\r\n",
            "[a]\rk=v\rl=w",
            "\u{feff}[a]\nk=v\nl=w",
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn deeper_lines_continue_a_value_even_if_they_look_like_headers() {
        assert_eq!(
            shown("[a]\ns3 =\n  x = 1\n\n  # comment\n  [b]\nk = v\n"),
            one("a", &[("s3", "\nx = 1\n\n[b]"), ("k", "v")])
        );
    }

    #[test]
    fn indented_keys_continue_nothing() {
        assert_eq!(
            shown("  [a]\n    k = v\n    l = w\n"),
            one("a", &[("k", "v"), ("l", "w")])
        );
    }

    #[test]
    fn blank_lines_at_the_end_of_a_value_are_dropped() {
        assert_eq!(shown("[a]\nk = v\n\n\n"), one("a", &[("k", "v")]));
    }

    #[test]
    fn every_section_inherits_from_default_in_capitals() {
        assert_eq!(
            shown("[DEFAULT]\nregion = x\nk = d\n[a]\nk = v\n[DEFAULT]\nlate = y\n"),
            one("a", &[("k", "v"), ("region", "x"), ("late", "y")])
        );
    }

    #[test]
    fn lines_are_counted_from_one() {
        let file = ProfileFile::parse("\n[a]\n\nk = v\n").unwrap();
        let section = file.sections().next().unwrap();
        assert_eq!((section.line, section.entry("k").unwrap().line), (2, 4));
    }

    #[test]
    fn faults_name_their_line() {
        for (text, line, fault) in [
            ("k = v\n", 1, Fault::NoSection),
            ("[a]\nnonsense\n", 2, Fault::NoKey),
            ("[a]\n= v\n", 2, Fault::NoKey),
            ("[a]\n[]\n", 2, Fault::NoKey),
            ("[]\n", 1, Fault::NoSection),
            (
                "[a]\n[b]\n[a]\n",
                3,
                Fault::SectionAgain {
                    name: "a".to_owned(),
                    first: 1,
                },
            ),
            (
                "[a]\nk = 1\nK = 2\n",
                3,
                Fault::KeyAgain {
                    key: "k".to_owned(),
                    first: 2,
                },
            ),
        ] {
            let error = ProfileFile::parse(text).unwrap_err();
            assert_eq!(error, SyntaxError { line, fault }, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let file = ProfileFile::parse("[a]\naws_secret_access_key = hunter2\n").unwrap();
        assert!(!format!("{file:?}").contains("hunter2"));
    }
}
