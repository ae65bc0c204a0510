//! `--filter`: which of the selected scenarios and subjects are meant.

use std::str::FromStr;
use std::sync::Arc;

use codecommit_mock::document::did_you_mean;
use globset::{GlobBuilder, GlobMatcher};

use super::{SelectionError, ranked};
use crate::scenario::{Evidence, Origin, Scenario};
use crate::subject::Subject;

/// One `KEY=VALUE`. Of several, those with the same key are alternatives, and every key has to be met.
#[derive(Clone, Debug)]
pub struct Filter {
    key: Key,
    value: String,
    matcher: GlobMatcher,
}

/// A filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It has no key.
    #[error("a filter is KEY=VALUE, with one of the keys {}", words())]
    NoKey,
    /// There is no such key.
    #[error("there is no key `{0}`; the keys are {keys}{near}", keys = words(), near = meant(.0, &Key::ALL.map(Key::as_str)))]
    UnknownKey(String),
    /// There is no such evidence.
    #[error("evidence is one of {}{}", EVIDENCE.map(Evidence::as_str).join(", "), meant(.0, &EVIDENCE.map(Evidence::as_str)))]
    Evidence(String),
    /// The value is not a glob.
    #[error("{0}")]
    Glob(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Id,
    Area,
    Source,
    Evidence,
    Subject,
}

impl Key {
    const ALL: [Self; 5] = [
        Self::Id,
        Self::Area,
        Self::Source,
        Self::Evidence,
        Self::Subject,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Area => "area",
            Self::Source => "source",
            Self::Evidence => "evidence",
            Self::Subject => "subject",
        }
    }
}

const EVIDENCE: [Evidence; 3] = [Evidence::Documented, Evidence::Observed, Evidence::Inferred];

/// The end of a message about a word that is none of those that are known.
fn meant(word: &str, known: &[&'static str]) -> String {
    did_you_mean(word, known.iter().copied())
        .map_or(String::new(), |question| format!("; {question}"))
}

fn words() -> String {
    Key::ALL.map(Key::as_str).join(", ")
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let (word, value) = text.split_once('=').ok_or(FilterError::NoKey)?;
        let key = Key::ALL
            .into_iter()
            .find(|key| key.as_str() == word)
            .ok_or_else(|| FilterError::UnknownKey(word.to_owned()))?;
        if key == Key::Evidence && !EVIDENCE.iter().any(|known| known.as_str() == value) {
            return Err(FilterError::Evidence(value.to_owned()));
        }
        let glob = GlobBuilder::new(value)
            .literal_separator(key == Key::Id)
            .build()
            .map_err(|error| FilterError::Glob(error.to_string()))?;
        Ok(Self {
            key,
            value: value.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }
}

impl Filter {
    fn matches(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.matcher.is_match(name))
    }
}

/// What a scenario is called, under a key.
fn of_scenario(key: Key, scenario: &Scenario) -> Vec<String> {
    match key {
        Key::Id => vec![scenario.id.clone(), scenario.name()],
        Key::Area => vec![scenario.area.clone()],
        Key::Source => match &scenario.origin {
            Origin::Page { page, .. } => vec![page.clone()],
            Origin::Issue { issue } => vec![issue.clone()],
        },
        Key::Evidence => vec![scenario.evidence.as_str().to_owned()],
        Key::Subject => Vec::new(),
    }
}

/// The whole name of a subject, its parts, and the last word of each: `aws-cli` for `helper aws-cli`;
/// and the word of `--transport`.
fn of_subject(subject: &Subject) -> Vec<String> {
    let mut names = vec![subject.name.clone()];
    for part in subject.name.split(", ") {
        names.push(part.to_owned());
        names.extend(part.rsplit(' ').next().map(str::to_owned));
    }
    names.extend(
        subject
            .transport
            .map(|transport| transport.word().to_owned()),
    );
    names
}

/// The scenarios that the filters leave.
///
/// # Errors
/// They leave none.
pub fn scenarios(
    all: Vec<Arc<Scenario>>,
    filters: &[Filter],
) -> Result<Vec<Arc<Scenario>>, SelectionError> {
    keep(all, filters, &Key::ALL[..4], |key, scenario| {
        of_scenario(key, scenario)
    })
}

/// The subjects that the filters leave.
///
/// # Errors
/// They leave none.
pub fn subjects(all: Vec<Subject>, filters: &[Filter]) -> Result<Vec<Subject>, SelectionError> {
    keep(all, filters, &[Key::Subject], |_, subject| {
        of_subject(subject)
    })
}

fn keep<T: Clone>(
    all: Vec<T>,
    filters: &[Filter],
    keys: &[Key],
    names: impl Fn(Key, &T) -> Vec<String>,
) -> Result<Vec<T>, SelectionError> {
    // A value that nothing is called is a slip, even where another value of its key is met.
    for filter in filters.iter().filter(|filter| keys.contains(&filter.key)) {
        let known: Vec<String> = all.iter().flat_map(|one| names(filter.key, one)).collect();
        if !filter.matches(&known) {
            return Err(SelectionError::NothingFits {
                filter: format!("{}={}", filter.key.as_str(), filter.value),
                nearest: ranked(&filter.value, known.iter().map(|name| &**name)),
            });
        }
    }
    let mut kept = all;
    for key in keys {
        let of_key: Vec<&Filter> = filters.iter().filter(|filter| filter.key == *key).collect();
        if !of_key.is_empty() {
            kept.retain(|one| {
                of_key
                    .iter()
                    .any(|filter| filter.matches(&names(*key, one)))
            });
        }
    }
    if kept.is_empty() {
        return Err(SelectionError::NothingFitsAll);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(filters: &[&str]) -> Result<Vec<String>, SelectionError> {
        let filters: Vec<Filter> = filters.iter().map(|text| text.parse().unwrap()).collect();
        let all = super::super::select(&[]).unwrap();
        let kept = scenarios(all, &filters)?;
        Ok(kept.iter().map(|scenario| scenario.name()).collect())
    }

    #[test]
    fn the_same_key_twice_means_either_and_two_keys_mean_both() {
        let transport = names(&["area=transport"]).unwrap();
        let both = names(&["area=transport", "area=addressing"]).unwrap();
        assert!(both.len() > transport.len());
        let documented = names(&["area=transport", "evidence=documented"]).unwrap();
        assert!(documented.iter().all(|name| transport.contains(name)));
        assert!(documented.len() < transport.len());
    }

    #[test]
    fn an_id_is_a_glob_with_or_without_the_area_and_a_source_is_its_page() {
        assert_eq!(
            names(&["id=wrong-region-*"]).unwrap(),
            names(&["id=addressing/wrong-region-*"]).unwrap()
        );
        assert!(!names(&["source=setting-up-https-*"]).unwrap().is_empty());
        assert!(
            !names(&["source=aws/git-remote-codecommit#*"])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_value_that_nothing_has_is_an_error_with_what_is_near() {
        let Err(SelectionError::NothingFits { filter, nearest }) = names(&["area=transprt"]) else {
            panic!("found");
        };
        assert_eq!(filter, "area=transprt");
        assert_eq!(nearest.first().map(|near| &**near), Some("transport"));
        assert!(matches!(
            names(&["id=wrong-region-in-url", "area=transport"]),
            Err(SelectionError::NothingFitsAll)
        ));
    }

    #[test]
    fn what_is_no_filter_says_what_is() {
        let said = |text: &str| text.parse::<Filter>().unwrap_err().to_string();
        assert!(said("evidnce=x").ends_with("; did you mean `evidence`?"));
        assert!(said("evidence=docmented").ends_with("; did you mean `documented`?"));
        assert!(said("evidence=x").ends_with(" inferred"));
        for (text, error) in [
            ("transport", FilterError::NoKey),
            ("aera=x", FilterError::UnknownKey("aera".to_owned())),
            (
                "evidence=rumoured",
                FilterError::Evidence("rumoured".to_owned()),
            ),
        ] {
            assert_eq!(text.parse::<Filter>().unwrap_err(), error);
        }
    }
}
