//! The report for programs. Its shape is public: `version` changes when a reader has to.

use schemars::JsonSchema;
use serde::Serialize;

use crate::conformance::{Run, SubjectReport};
use crate::record::Class;

const VERSION: u32 = 1;

/// The whole report. Readers ignore what they do not know: fields may be added without a new version.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "A conformance report of codecommit-lab")]
struct Document<'a> {
    /// The version of this shape.
    version: u32,
    /// `client` or `helper`.
    kind: &'a str,
    /// How many cases came to what, over all subjects.
    summary: Summary,
    /// What was tried.
    subjects: Vec<SubjectEntry<'a>>,
}

/// How many cases came to what.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// As documented.
    pass: usize,
    /// They work, otherwise than documented.
    differs: usize,
    /// They do not work.
    fail: usize,
    /// They were not tried: the subject is not there, cannot do it, or is known not to.
    skipped: usize,
    /// The run was stopped before.
    not_run: usize,
    /// Those that came out otherwise than anybody knew.
    not_as_known: usize,
}

/// A client or a helper.
#[derive(Serialize, JsonSchema)]
struct SubjectEntry<'a> {
    /// Its short name.
    name: &'a str,
    /// What people call it.
    title: &'a str,
    /// What it says of its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// Why it could not be tried; then it has no version.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a str>,
    /// Its cases.
    cases: Vec<CaseEntry<'a>>,
}

/// What came of a case.
#[derive(Serialize, JsonSchema)]
struct CaseEntry<'a> {
    /// Its stable name.
    id: &'a str,
    /// What it shows, in a sentence.
    shows: &'a str,
    /// Where it stands that this is right.
    source: &'a str,
    /// What it came to.
    verdict: Class,
    /// How; not said of every pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'a str>,
    /// What the subject's file knows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<KnownEntry<'a>>,
    /// Whether it came out as known. If not, the run ends with 100.
    as_known: bool,
    /// How long it took.
    milliseconds: f64,
}

/// A `[[known]]` table.
#[derive(Serialize, JsonSchema)]
struct KnownEntry<'a> {
    /// What it is to come to.
    verdict: Class,
    /// What the subject does, for readers of the table.
    because: &'a str,
    /// The evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// One document.
///
/// # Errors
/// None that is known: everything in it is text and numbers.
pub fn json(kind: &str, run: &Run) -> serde_json::Result<String> {
    let document = Document {
        version: VERSION,
        kind,
        summary: Summary {
            pass: run.count(Class::Pass),
            differs: run.count(Class::Differs),
            fail: run.count(Class::Fail),
            skipped: run.count(Class::Skipped),
            not_run: run.count(Class::NotRun),
            not_as_known: run.news(),
        },
        subjects: run.subjects.iter().map(subject).collect(),
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

fn subject(report: &SubjectReport) -> SubjectEntry<'_> {
    let cases = report.cases.iter().map(|report| CaseEntry {
        id: report.case.id,
        shows: report.case.shows,
        source: report.case.source,
        verdict: report.finding.class,
        how: report.finding.how.as_deref(),
        known: report.known.as_ref().map(|known| KnownEntry {
            verdict: known.class,
            because: &known.because,
            source: known.source.as_deref(),
        }),
        as_known: !report.is_news,
        milliseconds: report.duration.as_secs_f64() * 1000.0,
    });
    SubjectEntry {
        name: &report.subject.name,
        title: &report.subject.title,
        version: report.version.as_deref().ok(),
        skipped: report.version.as_ref().err().map(String::as_str),
        cases: cases.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_is_checked_in_is_that_of_the_types() {
        crate::schema::assert_checked_in::<Document<'_>>("conformance.schema.json");
    }
}
