//! What to try within a policy: JSON in a text of the document.

use std::ops::Range;

use super::super::draft::Correction;

/// Words for every place of a policy: one of them will do where nothing better is known.
const STAND_INS: [&str; 7] = [
    "Allow",
    "*",
    "codecommit:GitPull",
    "StringEquals",
    "aws:SourceIp",
    "2012-10-17",
    "Resource",
];

/// Whether a place lies within JSON that is written in this value as it is.
pub(super) fn holds(text: &str, value: &Range<usize>, place: &Range<usize>) -> bool {
    let is_inside = value.start < place.start && place.end < value.end;
    let written = text.get(value.clone()).unwrap_or_default();
    is_inside
        && written
            .trim_start_matches(['"', '\''])
            .trim_start()
            .starts_with('{')
}

/// Other words for the one that begins at a place: those that were `meant`, and any that go there.
pub(super) fn corrections(text: &str, place: &Range<usize>, meant: Vec<String>) -> Vec<Correction> {
    let Some(word) = word(text, place.start) else {
        return Vec::new();
    };
    let meant = meant.into_iter();
    let meant = meant.map(|meant| Correction::Meant(word.clone(), format!("{meant:?}")));
    let others = STAND_INS.iter();
    let others = others.map(|other| Correction::StandIn(word.clone(), format!("{other:?}")));
    meant.chain(others).collect()
}

/// The word in quotes that begins there.
fn word(text: &str, start: usize) -> Option<Range<usize>> {
    let mut is_escaped = false;
    let inside = text.get(start..)?.strip_prefix('"')?;
    let end = inside.find(|c| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    Some(start..start + 1 + end + 1)
}
