//! What to try in the place of a mistake.

mod json;

use std::ops::Range;

use codecommit_mock::document::DocumentError;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::{Correction, Draft, missing_key};

/// Values of every form: one of them will do where nothing better is known.
const STAND_INS: [&str; 9] = [
    "\"x\"",
    "\"111122223333\"",
    "1",
    "503",
    "true",
    "[]",
    "{}",
    "\"+1s\"",
    "[\"linux\"]",
];

/// A value of the document, or a key and its value.
struct Spot {
    key: Option<(Range<usize>, String)>,
    value: Range<usize>,
}

/// What may get the reader over an error, the likeliest first: what its advice says; nothing at all; something of another
/// form; the whole of what it stands in away.
pub(super) fn corrections(draft: &Draft, error: &DocumentError) -> Vec<Correction> {
    let Ok(table) = DeTable::parse(draft.text()) else {
        return Vec::new();
    };
    let mut trail = Vec::new();
    find(table.get_ref(), &error.span, &mut trail);
    let mut corrections = Vec::new();
    if let Some(key) = missing_key(error) {
        let values = STAND_INS.iter().map(|value| (*value).to_owned());
        corrections.extend(values.map(|value| insertion(draft.text(), &error.span, key, &value)));
    } else if let Some(spot) = trail.pop() {
        corrections.extend(in_place(draft, error, &spot));
    }
    for spot in trail.iter().rev() {
        corrections.extend(removal(draft.text(), spot));
    }
    let sections = sections(table.get_ref(), draft.text(), &error.span);
    corrections.extend(sections.map(|place| Correction::Removal(place, None)));
    corrections
}

/// What may stand where one value does.
fn in_place(draft: &Draft, error: &DocumentError, spot: &Spot) -> Vec<Correction> {
    let text = draft.text();
    let mut corrections = Vec::new();
    // Some say it with the error.
    let question = error.message.find("did you mean ");
    let asked = question.map(|at| &error.message[at..]);
    let words = error.help.as_deref().or(asked).map(meant);
    let words = words.unwrap_or_default();
    let mut removal = removal(text, spot);
    match &spot.key {
        _ if json::holds(text, &spot.value, &error.span) => {
            corrections.extend(json::corrections(text, &error.span, words));
        }
        Some((place, _)) if *place == error.span => {
            let advice = error.help.as_deref().unwrap_or_default();
            if let Some(word) = words.first().filter(|_| advice.starts_with("did you mean")) {
                corrections.push(Correction::Meant(place.clone(), word.clone()));
                if let Some(Correction::Removal(_, key)) = &mut removal {
                    // That is what will be missed.
                    *key = Some(word.clone());
                }
            } else if let Some(Correction::Removal(place, _)) = &removal {
                removal = Some(Correction::Unknown(place.clone()));
            }
        }
        key => {
            for word in words {
                let header = text.get(spot.value.clone()).unwrap_or_default();
                if !header.is_empty() && word == format!("[{header}]") {
                    corrections.push(Correction::Meant(spot.value.clone(), word));
                    continue;
                }
                let value = match (word.split_once(" = "), key) {
                    (Some((named, value)), Some((_, key))) if named == key => value.to_owned(),
                    (Some(_), _) => continue,
                    (None, _) => format!("{word:?}"),
                };
                corrections.push(Correction::Meant(spot.value.clone(), value));
            }
        }
    }
    corrections.extend(removal);
    let quoted = text
        .get(spot.value.clone())
        .filter(|value| value.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .map(|value| format!("\"{value}\""));
    let values = quoted.into_iter().chain(STAND_INS.map(str::to_owned));
    corrections.extend(values.map(|value| Correction::StandIn(spot.value.clone(), value)));
    corrections
}

/// The words that an advice says to write.
fn meant(help: &str) -> Vec<String> {
    if let Some(known) = help.strip_prefix("known here: ") {
        return known.split(", ").map(str::to_owned).take(1).collect();
    }
    let is_question = help.starts_with("did you mean");
    let quoted = help.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| is_question || word.contains(" = ") || word.starts_with("[["))
        .map(str::to_owned)
        .collect()
}

/// A key in the table that has this place: its header, its braces, or the start of the document.
fn insertion(text: &str, table: &Range<usize>, key: &str, value: &str) -> Correction {
    let shown = text.get(table.clone()).unwrap_or_default();
    let (at, text) = match shown.chars().next() {
        Some('{') => {
            let comma = if shown[1..].trim() == "}" { "" } else { "," };
            (table.start + 1, format!(" {key} = {value}{comma}"))
        }
        Some('[') => (table.end, format!("\n{key} = {value}\n")),
        _ => (0, format!("{key} = {value}\n")),
    };
    Correction::StandIn(at..at, text)
}

/// That of a key with its value, or of an element of a list, with the comma behind it; not of a table that has a header.
fn removal(text: &str, spot: &Spot) -> Option<Correction> {
    if is_header(text, &spot.value) {
        return None;
    }
    let start = spot
        .key
        .as_ref()
        .map_or(spot.value.start, |(place, _)| place.start);
    // `gitconfig.` of `gitconfig.globl`.
    let before = &text[..start];
    let start = match spot.key {
        Some(_) => before
            .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "_-.".contains(c))
            .len(),
        None => start,
    };
    let rest = text.get(spot.value.end..)?;
    let behind = rest.trim_start_matches([' ', '\t', '\n']);
    let comma = match behind.starts_with(',') {
        true => rest.len() - behind.len() + 1,
        false => 0,
    };
    let key = spot.key.as_ref().map(|(_, key)| key.clone());
    (start < spot.value.end).then(|| Correction::Removal(start..spot.value.end + comma, key))
}

/// What a place lies in, from the outside in.
fn find(table: &DeTable<'_>, place: &Range<usize>, trail: &mut Vec<Spot>) {
    for (key, value) in table {
        let length = trail.len();
        trail.push(Spot {
            key: Some((key.span(), key.get_ref().to_string())),
            value: value.span(),
        });
        // The header of a table has its key in it.
        if key.span() == *place || find_in(value, place, trail) {
            return;
        }
        trail.truncate(length);
    }
}

fn find_in(value: &Spanned<DeValue<'_>>, place: &Range<usize>, trail: &mut Vec<Spot>) -> bool {
    let length = trail.len();
    match value.get_ref() {
        DeValue::Table(table) => find(table, place, trail),
        DeValue::Array(list) => {
            for element in list {
                trail.push(Spot {
                    key: None,
                    value: element.span(),
                });
                if find_in(element, place, trail) {
                    break;
                }
                trail.pop();
            }
        }
        _ => {}
    }
    let span = value.span();
    trail.len() > length || (span.start <= place.start && place.end <= span.end && !span.is_empty())
}

fn is_header(text: &str, place: &Range<usize>) -> bool {
    let line = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    text[line..place.start].trim().is_empty()
        && text
            .get(place.clone())
            .is_some_and(|text| text.starts_with('['))
}

/// The tables with a header that a place lies in, from the inside out, each to its end.
fn sections(
    table: &DeTable<'_>,
    text: &str,
    place: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let mut headers = Vec::new();
    headers_of(table, text, &mut Vec::new(), &mut headers);
    headers.sort_by_key(|(start, _)| *start);
    let mut sections = Vec::new();
    for (at, (start, path)) in headers.iter().enumerate() {
        let end = headers[at + 1..]
            .iter()
            .find(|(_, other)| other.len() <= path.len() || !other.starts_with(path))
            .map_or(text.len(), |(end, _)| *end);
        if *start <= place.start && place.end <= end {
            sections.push(*start..end);
        }
    }
    sections.into_iter().rev()
}

type Header = (usize, Vec<String>);

fn headers_of(table: &DeTable<'_>, text: &str, path: &mut Vec<String>, headers: &mut Vec<Header>) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        let single = std::slice::from_ref(value);
        let values: Vec<_> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => single.iter().collect(),
        };
        for value in values {
            if let DeValue::Table(table) = value.get_ref() {
                if is_header(text, &value.span()) {
                    headers.push((value.span().start, path.clone()));
                }
                headers_of(table, text, path, headers);
            }
        }
        path.pop();
    }
}
