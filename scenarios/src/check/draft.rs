//! A document with corrections, in which every byte knows where it was written.

use std::ops::Range;

use codecommit_mock::document::{DocumentError, Source};
use toml::de::DeTable;

/// What is said only of several things together. Where something of the document is missing, it may be about just that.
const OF_SEVERAL: &[&str] = &[
    "there is no ",
    " has no ",
    " fails",
    "the fix ",
    "no command of ",
    "this runs no ",
    "this scenario ",
    "nothing is different ",
    "no step uses ",
    "a group without ",
    "a scenario ",
    "a failure without ",
    "a cause is ",
    "a source is ",
    "means nothing ",
    "come together",
];

/// A document, corrected so that what comes behind a mistake can be read.
#[derive(Clone)]
pub(super) struct Draft {
    source: Source,
    text: String,
    /// Of each byte of the text, where it was written; none of one that a correction brought.
    origins: Vec<Option<usize>>,
    /// Where corrections took something away or put something up, in the document as it was written.
    holes: Vec<usize>,
    /// The keys that corrections took away.
    removed: Vec<String>,
    /// What the last correction put there, in this text.
    latest: Range<usize>,
}

/// A change of a draft.
pub(super) enum Correction {
    /// The word that was meant: nothing follows from it.
    Meant(Range<usize>, String),
    /// Something of the right form, for want of what was meant.
    StandIn(Range<usize>, String),
    /// Nothing in its place; of a key and its value, the key.
    Removal(Range<usize>, Option<String>),
}

impl Draft {
    pub(super) fn of(source: &Source) -> Self {
        Self {
            source: source.clone(),
            text: source.text().to_owned(),
            origins: (0..source.text().len()).map(Some).collect(),
            holes: Vec::new(),
            removed: Vec::new(),
            latest: 0..0,
        }
    }

    pub(super) fn source(&self) -> Source {
        Source::new(self.source.name(), &self.text)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// This one with a correction; none, if it is no TOML any more.
    pub(super) fn with(&self, correction: &Correction) -> Option<Self> {
        let mut next = self.clone();
        let (place, text) = match correction {
            Correction::Meant(place, text) | Correction::StandIn(place, text) => {
                (place.clone(), text.as_str())
            }
            Correction::Removal(place, key) => {
                next.removed.extend(key.clone());
                (place.clone(), "")
            }
        };
        if !matches!(correction, Correction::Meant(..)) {
            next.holes.push(self.written(&place).start);
        }
        next.text.get(place.clone())?;
        next.latest = place.start..place.start + text.len();
        next.text.replace_range(place.clone(), text);
        next.origins
            .splice(place, std::iter::repeat_n(None, text.len()));
        DeTable::parse(&next.text).is_ok().then_some(next)
    }

    /// Where bytes of the draft were written; for those that a correction brought, where it stands.
    pub(super) fn written(&self, place: &Range<usize>) -> Range<usize> {
        let of = |range: Range<usize>| {
            let end = range.end.min(self.origins.len());
            &self.origins[range.start.min(end)..end]
        };
        let inside = || of(place.clone()).iter().flatten();
        match (inside().min(), inside().max()) {
            (Some(first), Some(last)) => *first..last + 1,
            _ => {
                let before = of(0..place.start).iter().flatten().max();
                let at = before.map_or(0, |before| before + 1);
                at..at
            }
        }
    }

    /// Whether an error is about what the last correction put there or took away.
    pub(super) fn caused_by_latest(&self, error: &DocumentError) -> bool {
        match missing_key(error) {
            Some(key) => self.removed.last().is_some_and(|removed| removed == key),
            None => error.span.start < self.latest.end && self.latest.start < error.span.end,
        }
    }

    /// Whether an error may come of the corrections alone.
    pub(super) fn caused(&self, error: &DocumentError) -> bool {
        if let Some(key) = missing_key(error) {
            return self.removed.iter().any(|removed| removed == key);
        }
        let bytes = self.origins.get(error.span.clone()).unwrap_or_default();
        let made = bytes.iter().any(Option::is_none);
        let mut written = self.written(&error.span);
        if self.source.text()[written.clone()].starts_with('[') {
            // The header of a table stands for all of it.
            let rest = &self.source.text()[written.end..];
            written.end += rest.find("\n[").unwrap_or(rest.len());
        }
        let emptied = self.holes.iter().any(|hole| written.contains(hole));
        let of_several = || {
            !self.holes.is_empty() && OF_SEVERAL.iter().any(|words| error.message.contains(words))
        };
        made || emptied || of_several()
    }
}

/// The key that an error calls missing.
pub(super) fn missing_key(error: &DocumentError) -> Option<&str> {
    error
        .message
        .strip_prefix("the key `")?
        .strip_suffix("` is missing")
}
