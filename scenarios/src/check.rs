//! What is wrong with a file, as much of it as can be said at once.

mod draft;
mod kind;
mod mending;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::Path;

use codecommit_mock::document::{self, DocumentError, Source};
use codecommit_mock::fault::FaultPlan;
use serde::de::IgnoredAny;
use toml::de::DeTable;

use draft::Draft;
pub use kind::Kind;

use crate::conformance;
use crate::scenario::{self, Scenario, check_shared};

/// How many corrections a document gets before the search ends.
const MOST_CORRECTIONS: usize = 40;

/// How many mistakes of writing are told: a file that has more is of another language.
const MOST_SYNTAX_ERRORS: usize = 3;

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// In the order of the document; none, if it is in order.
    pub errors: Vec<DocumentError>,
    /// Whether the document was read to its end behind them, and nothing was covered up on the way. If not, more may be wrong
    /// than is told.
    pub is_all: bool,
}

/// Everything that is found wrong with a document. `path` is where it lies: a scenario's id is the name of its file.
///
/// The reader stops at the first error. What it points at is corrected, and the document read again, until nothing is left or
/// no correction helps; what may come of a correction is not told. Broken TOML hides what else is wrong.
pub fn check(source: &Source, kind: Kind, path: &Path) -> Findings {
    let broken = syntax(source);
    if !broken.is_empty() {
        return Findings {
            errors: broken,
            is_all: false,
        };
    }
    let mut found = Vec::new();
    let mut is_all = false;
    let mut is_some_untold = false;
    let mut draft = Draft::of(source);
    let mut tried = HashSet::new();
    for _ in 0..MOST_CORRECTIONS {
        let Err(error) = read(&draft.source(), kind, path) else {
            is_all = !is_some_untold && !draft.covers();
            break;
        };
        if error.source_text.name() != source.name() {
            // In a file that this one takes something from: nothing here can be taken out to look further, and what was
            // taken out may be why.
            if !draft.is_corrected() {
                found.push(error);
            }
            break;
        }
        let read = |draft: &Draft| read(&draft.source(), kind, path);
        let mended = mended(&draft, &error, &mut tried, read);
        if draft.caused(&error) {
            // Or it would be there all the same.
            is_some_untold = true;
        } else {
            // Located in the draft; shown in what was written.
            let place = draft.written(&error.span);
            let here = source.error_at(place, error.message, error.help);
            if !found.contains(&here) {
                found.push(here);
            }
        }
        match mended {
            Some(mended) => draft = mended,
            None => break,
        }
    }
    found.sort_by_key(|error| error.span.start);
    Findings {
        errors: without_followers(found),
        is_all,
    }
}

/// A header that is missing or misspelt makes all keys below it strange, and the tables inside it homeless: told once.
fn without_followers(found: Vec<DocumentError>) -> Vec<DocumentError> {
    let mut told: Vec<DocumentError> = Vec::new();
    let is_misplaced = |error: &DocumentError| {
        let help = error.help.as_deref().unwrap_or_default();
        help.starts_with("this belongs to a table in double brackets")
    };
    let is_strange = |error: &DocumentError| error.message.starts_with("unknown key ");
    let some_strange = found.iter().any(is_strange);
    for error in found {
        // A key that is like none of its table belongs to another; so may those behind it, whatever they are like.
        let in_same_table = |known: &DocumentError| {
            let help = known.help.as_deref().unwrap_or_default();
            let text = error.source_text.text();
            let between = text.get(known.span.end..error.span.start);
            is_strange(known)
                && help.starts_with("known here: ")
                && between.is_some_and(|between| !between.contains("\n["))
        };
        let follows = is_strange(&error) && told.last().is_some_and(in_same_table);
        let is_homeless = some_strange && is_misplaced(&error);
        if !(follows || is_homeless) {
            told.push(error);
        }
    }
    told
}

/// The draft with a correction of an error: at best, one that nothing follows from. What was `tried` is not tried again.
fn mended(
    draft: &Draft,
    error: &DocumentError,
    tried: &mut HashSet<String>,
    read: impl Fn(&Draft) -> Result<(), DocumentError>,
) -> Option<Draft> {
    let mut best: Option<(Likeness, Draft)> = None;
    for correction in mending::corrections(draft, error) {
        let Some(next) = draft.with(&correction) else {
            continue;
        };
        if tried.contains(next.text()) {
            continue;
        }
        let likeness = match read(&next) {
            Ok(()) => return Some(next),
            Err(other) if !next.caused(&other) && !is_same(draft, error, &next, &other) => {
                return Some(next);
            }
            Err(other) if next.caused_by_latest(&other) => Likeness::Poor,
            Err(_) => Likeness::Fair,
        };
        if best.as_ref().is_none_or(|(known, _)| likeness > *known) {
            best = Some((likeness, next));
        }
    }
    let (_, next) = best?;
    tried.insert(next.text().to_owned());
    Some(next)
}

/// How likely a correction that something follows from is the right one.
#[derive(PartialEq, PartialOrd)]
enum Likeness {
    /// What follows is about the correction itself.
    Poor,
    /// It is about an earlier one.
    Fair,
}

fn is_same(draft: &Draft, error: &DocumentError, next: &Draft, other: &DocumentError) -> bool {
    other.message == error.message && next.written(&other.span) == draft.written(&error.span)
}

fn read(source: &Source, kind: Kind, path: &Path) -> Result<(), DocumentError> {
    match kind {
        Kind::Scenario => Scenario::in_file(source.clone(), path).map(drop),
        Kind::World => check_shared(source, scenario::Kind::World),
        Kind::Client => check_shared(source, scenario::Kind::Client),
        Kind::Steps => check_shared(source, scenario::Kind::Steps),
        Kind::Texts => scenario::check_texts(source),
        Kind::Faults => FaultPlan::parse(source).map(drop),
        Kind::ConformanceClient => conformance::client::check(source),
        Kind::ConformanceHelper => conformance::helper::check(source),
    }
}

/// What is not TOML. The parser goes on behind a mistake; what it says of one line is said once.
fn syntax(source: &Source) -> Vec<DocumentError> {
    let (_, errors) = DeTable::parse_recoverable(source.text());
    let mut found: Vec<DocumentError> = errors
        .into_iter()
        .map(|error| source.error_at(error.span().unwrap_or(0..0), error.message().trim(), None))
        .collect();
    // The parser finds some of them before others that stand further up.
    found.sort_by_key(|error| error.span.start);
    found.dedup_by_key(|error| error.line());
    if found.len() > MOST_SYNTAX_ERRORS {
        let mut first = found.swap_remove(0);
        first.help =
            Some("much of what follows is no TOML either: is this the right file?".to_owned());
        return vec![first];
    }
    if found.is_empty()
        && let Err(error) = document::parse::<IgnoredAny>(source)
    {
        found.push(error);
    }
    found
}
