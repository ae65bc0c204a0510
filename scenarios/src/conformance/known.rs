//! What a subject's file knows to be otherwise.

use codecommit_mock::document::{DocumentError, Source, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

use super::case::{Case, instead_of};
use crate::record::Class;

/// A case in which the subject does not do what is documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The case.
    pub case: &'static str,
    /// What it comes to.
    pub class: Class,
    /// What the subject does, for readers of the table.
    pub because: String,
    /// The evidence: an issue, a line of its source.
    pub source: Option<String>,
}

/// A `[[known]]` table.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownFile {
    /// The case: `codecommit-lab conformance cases` lists them.
    case: Spanned<String>,
    /// What it comes to.
    verdict: Verdict,
    /// What is done instead, for readers of the table.
    because: Spanned<String>,
    /// The evidence: an issue, a line of its source.
    source: Option<String>,
}

/// What there is to know: of what passes, nothing.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// It works otherwise than documented.
    Differs,
    /// It does not work.
    Fail,
    /// It is not tried.
    Skipped,
}

impl From<Verdict> for Class {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Differs => Self::Differs,
            Verdict::Fail => Self::Fail,
            Verdict::Skipped => Self::Skipped,
        }
    }
}

/// Checks the tables against the cases that there are.
pub(super) fn read(
    document: &Source,
    files: Vec<KnownFile>,
    cases: &[Case],
) -> Result<Vec<Known>, DocumentError> {
    let mut known: Vec<Known> = Vec::new();
    for file in files {
        let (word, span) = (file.case.get_ref(), file.case.span());
        let Some(case) = cases.iter().find(|case| case.id == word) else {
            let help = instead_of(word, cases);
            return Err(document.error_at(span, format!("unknown case `{word}`"), Some(help)));
        };
        if known.iter().any(|other| other.case == case.id) {
            return Err(document.error_at(span, format!("the case `{word}` is here twice"), None));
        }
        if file.because.get_ref().trim().is_empty() {
            return Err(document.error_at(file.because.span(), "the reason is empty", None));
        }
        known.push(Known {
            case: case.id,
            class: file.verdict.into(),
            because: file.because.into_inner(),
            source: file.source,
        });
    }
    Ok(known)
}
