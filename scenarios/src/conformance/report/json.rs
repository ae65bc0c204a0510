//! The report for programs. Its shape is public: `version` changes when a reader has to.

use serde::Serialize;

use crate::conformance::{Run, SubjectReport};
use crate::record::Class;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    kind: &'a str,
    summary: Summary,
    subjects: Vec<SubjectEntry<'a>>,
}

#[derive(Serialize)]
struct Summary {
    pass: usize,
    differs: usize,
    fail: usize,
    skipped: usize,
    not_run: usize,
    not_as_known: usize,
}

#[derive(Serialize)]
struct SubjectEntry<'a> {
    name: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a str>,
    cases: Vec<CaseEntry<'a>>,
}

#[derive(Serialize)]
struct CaseEntry<'a> {
    id: &'a str,
    shows: &'a str,
    source: &'a str,
    verdict: Class,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<KnownEntry<'a>>,
    as_known: bool,
    milliseconds: f64,
}

#[derive(Serialize)]
struct KnownEntry<'a> {
    verdict: Class,
    because: &'a str,
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
