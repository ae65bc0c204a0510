//! What serde says of a document, in our words and without any value: it may be a secret.

use super::{did_you_mean, suggestion};

/// What is wrong, and what to do about it where that is known. `at` is the document from the place of the error on.
pub(super) fn put_plainly(message: &str, at: &str) -> (String, Option<String>) {
    match unknown_word(message) {
        Some(unknown) => unknown.describe(),
        None => {
            let mut plain = in_plain_words(message);
            // TOML tells its dates as tables.
            if at.starts_with(|start: char| start.is_ascii_digit()) {
                plain = plain.replace("this is a table;", "this is a date;");
            }
            (plain, advice(message, at))
        }
    }
}

/// The same of a key that is unknown, missing or there twice; nothing of everything else.
pub(crate) fn about_a_key(message: &str) -> Option<(String, Option<String>)> {
    if let Some((key, _)) = message
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.split_once('`'))
    {
        return Some((format!("the key `{key}` is there twice"), None));
    }
    if message.starts_with("unknown field `") {
        let unknown = unknown_word(message)?;
        return Some(match &unknown.known[..] {
            [only] => (unknown.named(), Some(format!("the key here is `{only}`"))),
            _ => unknown.describe(),
        });
    }
    message
        .starts_with("missing field `")
        .then(|| (in_plain_words(message), None))
}

fn advice(message: &str, at: &str) -> Option<String> {
    if is_bare_operation(message) {
        let word = at.split(['"', '\'']).nth(1).unwrap_or("NAME");
        return Some(format!(
            "say of what, in a table: `{{ {word} = {{ ... }} }}`"
        ));
    }
    if message == SEVERAL {
        return Some("part them: each into a table of its own".to_owned());
    }
    if !message.ends_with("invalid type: map, expected a sequence") {
        return None;
    }
    let header = at
        .lines()
        .next()
        .and_then(|line| line.trim().strip_prefix('['));
    let name = header.and_then(|header| Some(header.split_once(']')?.0));
    let name = name.filter(|name| !name.is_empty() && !name.contains(['[', '.']));
    Some(match name {
        Some(name) => format!("write `[[{name}]]`: there may be several"),
        None => "this belongs to a table in double brackets that has to be begun above it: write `[[account]]` (in a scenario \
                 `[[world.account]]`) with its id first, or look for one that is misspelt"
            .to_owned(),
    })
}

/// More than one key where the key says of which kind the table is.
const SEVERAL: &str = "wanted exactly 1 element, more than 1 element";

/// A word where a table belongs whose key is that word.
fn is_bare_operation(message: &str) -> bool {
    message.ends_with(", expected newtype variant")
        || message.ends_with(", expected struct variant")
}

fn in_plain_words(message: &str) -> String {
    if is_bare_operation(message) {
        return "this is a word alone; expected a table".to_owned();
    }
    match message {
        SEVERAL => return "these are several; expected one".to_owned(),
        "wanted exactly 1 element, found 0 elements" => {
            return "this table is empty; expected one key in it".to_owned();
        }
        _ => {}
    }
    if let Some(rest) = message.strip_prefix("missing field `")
        && let Some((key, _)) = rest.split_once('`')
    {
        return format!("the key `{key}` is missing");
    }
    if message == "wanted string or table" {
        return "this is no text; expected a word".to_owned();
    }
    let split = |what: &str| message.split_once(what)?.1.rsplit_once(", expected ");
    if let Some((_, expected)) = split("invalid value: integer ")
        && let Some(most) = largest(expected)
    {
        return format!("this number is out of range; expected a whole number from 0 to {most}");
    }
    let Some((found, expected)) = split("invalid type: ") else {
        return message.to_owned();
    };
    let found = match found.split_whitespace().next() {
        Some("string") => "a text",
        Some("integer") => "a number",
        Some("floating") => "a number with a fraction",
        Some("boolean") => "true or false",
        Some("sequence") => "a list",
        Some("map") => "a table",
        Some("datetime") | Some("struct") | None => "something else",
        Some(other) => other,
    };
    let expected = match expected {
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        expected if expected.starts_with("struct ") => "a table",
        expected if expected.starts_with("enum ") || expected == "string or table" => "a word",
        expected => expected,
    };
    format!("this is {found}; expected {expected}")
}

fn largest(unsigned: &str) -> Option<u64> {
    Some(match unsigned {
        "u8" => u64::from(u8::MAX),
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        "u64" | "usize" => u64::MAX,
        _ => return None,
    })
}

struct UnknownWord<'a> {
    kind: &'static str,
    word: &'a str,
    known: Vec<&'a str>,
}

impl UnknownWord<'_> {
    fn named(&self) -> String {
        format!("unknown {} `{}`", self.kind, self.word)
    }

    fn describe(&self) -> (String, Option<String>) {
        let known = || self.known.iter().copied();
        // Who shouts has mostly not misspelt it.
        let help = did_you_mean(&self.word.to_ascii_lowercase(), known())
            .or_else(|| suggestion(self.word, known()));
        (self.named(), help)
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
