//! A case, and what it comes to.

use codecommit_mock::document;

use crate::record::Class;

/// One thing that a subject has to get right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its stable name.
    pub id: &'static str,
    /// What it shows, in a sentence.
    pub shows: &'static str,
    /// Where it stands that this is right.
    pub source: &'static str,
}

/// What to ask for in the place of a case that does not exist.
pub fn instead_of(word: &str, cases: &[Case]) -> String {
    document::did_you_mean(word, cases.iter().map(|case| case.id))
        .unwrap_or_else(|| "`codecommit-lab conformance cases` shows what there is".to_owned())
}

/// What a case came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In one word.
    pub class: Class,
    /// How; always said but for a pass, of which there is not always more to say.
    pub how: Option<String>,
}

/// A case ends early where there is nothing more to see.
pub(in crate::conformance) type Judged = Result<Finding, Finding>;

impl Finding {
    /// As documented.
    pub fn pass() -> Self {
        Self {
            class: Class::Pass,
            how: None,
        }
    }

    /// It works, otherwise than documented.
    pub fn differs(how: impl Into<String>) -> Self {
        Self::new(Class::Differs, how)
    }

    /// It does not work.
    pub fn fail(how: impl Into<String>) -> Self {
        Self::new(Class::Fail, how)
    }

    /// It was not tried.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::new(Class::Skipped, why)
    }

    /// The run was stopped before.
    pub fn not_run() -> Self {
        Self::new(Class::NotRun, "the run was stopped")
    }

    fn new(class: Class, how: impl Into<String>) -> Self {
        Self {
            class,
            how: Some(how.into()),
        }
    }
}
