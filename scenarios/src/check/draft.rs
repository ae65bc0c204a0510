//! A document with corrections, in which every byte knows where it was written.

use std::ops::Range;

use codecommit_mock::document::{DocumentError, Source};
use toml::de::DeTable;

/// What is said of one word, whatever stands elsewhere. Everything else may follow from a correction.
const OF_ONE_WORD: &[&str] = &[
    "unknown ",
    "this is ",
    "this number is out of range",
    "the key `",
    "the id differs ",
    " does not say which versions",
    " is not a span of time",
    "an account id has ",
    "a repository name ",
    "CodeCommit has no Region ",
    "a status that ends no exchange",
    " is counted from one",
    "a probability lies ",
    "a bandwidth of nothing",
    "a path that no request has",
    "a host that no request has",
    "a fault that does ",
    " already",
    " is empty",
    " is here twice",
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
    /// Whether a correction took away what may have mistakes of its own.
    covers: bool,
}

/// A change of a draft.
pub(super) enum Correction {
    /// The word that was meant: nothing follows from it.
    Meant(Range<usize>, String),
    /// Something of the right form, for want of what was meant.
    StandIn(Range<usize>, String),
    /// Nothing in its place; of a key and its value, the key.
    Removal(Range<usize>, Option<String>),
    /// Nothing in the place of what nobody knows.
    Unknown(Range<usize>),
}

impl Correction {
    /// Whether what it takes away may have mistakes of its own, or be at odds with what stands beside it.
    fn covers(&self, taken: &str) -> bool {
        let has_parts = taken.contains(['{', '[', '\n']);
        match self {
            Self::Meant(..) => false,
            Self::StandIn(..) | Self::Unknown(_) | Self::Removal(_, None) => has_parts,
            Self::Removal(_, Some(_)) => true,
        }
    }
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
            covers: false,
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
            Correction::Unknown(place) => (place.clone(), ""),
        };
        if !matches!(correction, Correction::Meant(..)) {
            next.holes.push(self.written(&place).start);
        }
        next.covers |= correction.covers(self.text.get(place.clone())?);
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

    /// Whether more may be wrong where corrections took something away.
    pub(super) fn covers(&self) -> bool {
        self.covers
    }

    /// Whether this is no longer what was written.
    pub(super) fn is_corrected(&self) -> bool {
        self.text != self.source.text()
    }

    /// Whether a correction brought the key that a value stands behind: of what form it is to be is only supposed.
    fn is_under_another_key(&self, value: &Range<usize>) -> bool {
        let before = &self.text[..value.start];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        self.origins[line..value.start].contains(&None)
    }

    fn is_of_one_word(&self, error: &DocumentError) -> bool {
        // A table of texts may be what a correction took away.
        let is_own_text =
            error.message.starts_with("unknown text ") && self.source.text().contains("[[text.");
        !is_own_text
            && OF_ONE_WORD
                .iter()
                .any(|words| error.message.contains(words))
    }

    /// Whether an error may come of the corrections alone.
    pub(super) fn caused(&self, error: &DocumentError) -> bool {
        let in_braces = self.text[error.span.start..].starts_with('{');
        if let Some(key) = missing_key(error)
            && (!in_braces || self.removed.iter().any(|removed| removed == key))
        {
            return self.removed.iter().any(|removed| removed == key);
        }
        if error.message.starts_with("this is ") && self.is_under_another_key(&error.span) {
            return true;
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
        made || emptied || (self.is_corrected() && !self.is_of_one_word(error))
    }
}

/// The key that an error calls missing.
pub(super) fn missing_key(error: &DocumentError) -> Option<&str> {
    error
        .message
        .strip_prefix("the key `")?
        .strip_suffix("` is missing")
}
