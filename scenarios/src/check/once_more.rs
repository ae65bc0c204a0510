//! A document without a mistake that was found, so that the next one can be.

use std::ops::Range;

use codecommit_mock::document::{DocumentError, Source};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The document with spaces in the place of the key and value that an error points at; everything else keeps its place.
/// None where that is no mistake of one key alone.
pub(super) fn without(source: &Source, error: &DocumentError) -> Option<Source> {
    if !of_one_key(error) {
        return None;
    }
    let text = source.text();
    let table = DeTable::parse(text).ok()?;
    let entry = entry(table.get_ref(), &error.span)?;
    // Of a table, the header alone would go, and its keys would be another's.
    let is_header = text[..entry.start].ends_with(['[', '.'])
        && text[..entry.start]
            .rfind('\n')
            .map_or(text, |at| &text[at + 1..])
            .starts_with('[');
    if is_header || entry.is_empty() {
        return None;
    }
    let rest = &text[entry.end..];
    let behind = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let comma = usize::from(rest[behind..].starts_with(','));
    let end = entry.end + if comma == 1 { behind + 1 } else { 0 };
    let blank: String = text[entry.start..end]
        .chars()
        .flat_map(|letter| match letter {
            '\n' => vec!['\n'],
            other => vec![' '; other.len_utf8()],
        })
        .collect();
    let rest = format!("{}{blank}{}", &text[..entry.start], &text[end..]);
    DeTable::parse(&rest)
        .is_ok()
        .then(|| Source::new(source.name(), rest))
}

/// What is said of a document from which something was taken out may be about just that: a key that is now missing, a command
/// of which no failure is expected any more. Unknown words and values of a wrong type are wrong all the same.
pub(super) fn drop_what_follows(found: &mut Vec<DocumentError>) {
    let stands = |last: &DocumentError| of_one_key(last) || last.message.starts_with("this is ");
    if found.len() > 1 && found.last().is_some_and(|last| !stands(last)) {
        found.pop();
    }
}

fn of_one_key(error: &DocumentError) -> bool {
    ["unknown key `", "unknown value `", "unknown switch `"]
        .iter()
        .any(|kind| error.message.starts_with(kind))
}

/// From the key to the end of its value, where either has this place or holds it.
fn entry(table: &DeTable<'_>, place: &Range<usize>) -> Option<Range<usize>> {
    for (key, value) in table {
        if let Some(inner) = within(value, place) {
            return Some(inner);
        }
        let (key, value) = (key.span(), value.span());
        let in_value = value.start <= place.start && place.end <= value.end;
        if (key == *place || in_value) && key.start < value.end {
            return Some(key.start..value.end);
        }
    }
    None
}

fn within(value: &Spanned<DeValue<'_>>, place: &Range<usize>) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => entry(table, place),
        DeValue::Array(list) => list.iter().find_map(|value| within(value, place)),
        _ => None,
    }
}
