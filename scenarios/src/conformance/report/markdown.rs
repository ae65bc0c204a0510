//! The tables for documents: a row a case, a column a subject, and a footnote for everything that does not pass.

use std::fmt::Write as _;

use crate::conformance::{Case, CaseReport, Run, SubjectReport};
use crate::record::Class;

/// A table as text, and the mark it goes by in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    pub(super) kind: &'static str,
    /// The names of the columns.
    pub(super) subjects: Vec<String>,
    pub(super) text: String,
}

/// Makes the tables of a run. `command` is the line that made them.
pub fn tables(kind: &'static str, command: &str, cases: &[Case], run: &Run) -> Tables {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_tables(&mut text, kind, command, cases, run);
    let names = run.subjects.iter();
    Tables {
        kind,
        subjects: names.map(|report| report.subject.name.clone()).collect(),
        text,
    }
}

fn write_tables(
    text: &mut String,
    kind: &str,
    command: &str,
    cases: &[Case],
    run: &Run,
) -> std::fmt::Result {
    writeln!(text, "Made by `{command}`, with:\n")?;
    for report in &run.subjects {
        let title = match &report.subject.homepage {
            Some(page) => format!("[{}]({page})", report.subject.title),
            None => report.subject.title.clone(),
        };
        match &report.version {
            Ok(version) => writeln!(
                text,
                "- `{}`: {title}, {}",
                report.subject.name,
                in_a_cell(version)
            )?,
            Err(reason) => writeln!(
                text,
                "- `{}`: {title}, not tested: {}",
                report.subject.name,
                in_a_cell(reason)
            )?,
        }
    }
    writeln!(text)?;
    let names = run.subjects.iter().map(|report| &*report.subject.name);
    writeln!(text, "| case | {} |", names.collect::<Vec<_>>().join(" | "))?;
    writeln!(text, "| --- |{}", " --- |".repeat(run.subjects.len()))?;
    let mut notes = Vec::new();
    for case in cases {
        let cells = run
            .subjects
            .iter()
            .map(|report| cell(kind, case, report, &mut notes));
        let cells: Vec<String> = cells.collect();
        writeln!(
            text,
            "| [`{}`](#{kind}-cases) | {} |",
            case.id,
            cells.join(" | ")
        )?;
    }
    if !notes.is_empty() {
        writeln!(text)?;
    }
    for (mark, note) in &notes {
        writeln!(text, "[^{mark}]: {note}")?;
    }
    writeln!(text, "\n#### {} cases\n", capital(kind))?;
    writeln!(text, "| case | what it shows | source |")?;
    writeln!(text, "| --- | --- | --- |")?;
    for case in cases {
        writeln!(
            text,
            "| `{}` | {} | [{}]({}) |",
            case.id,
            in_a_cell(case.shows),
            site(case.source),
            case.source
        )?;
    }
    Ok(())
}

/// One case of one subject. Cases that come to the same for the same reason share a footnote.
fn cell(
    kind: &str,
    case: &Case,
    subject: &SubjectReport,
    notes: &mut Vec<(String, String)>,
) -> String {
    let report = subject
        .cases
        .iter()
        .find(|report| report.case.id == case.id);
    // Why nothing of it was tried stands above the table, once.
    let (Some(report), Ok(_)) = (report, &subject.version) else {
        return String::new();
    };
    let class = report.finding.class;
    let note = match class {
        Class::Pass => None,
        _ => note(subject, report),
    };
    let Some(note) = note else {
        return class.as_str().to_owned();
    };
    let mark = match notes.iter().find(|(_, known)| *known == note) {
        Some((mark, _)) => mark.clone(),
        None => {
            let mark = format!("{kind}-{}", notes.len() + 1);
            notes.push((mark.clone(), note));
            mark
        }
    };
    match class {
        Class::Differs | Class::Skipped | Class::NotRun => format!("{}[^{mark}]", class.as_str()),
        _ => format!("**{}**[^{mark}]", class.as_str()),
    }
}

fn note(subject: &SubjectReport, report: &CaseReport) -> Option<String> {
    let name = &subject.subject.name;
    let how = report.finding.how.as_deref().map(in_a_cell);
    let Some(known) = &report.known else {
        return Some(format!("`{name}`: {}.", how?.trim_end_matches('.')));
    };
    if known.class == Class::Skipped {
        return Some(known.because.trim().to_owned());
    }
    let mut note = format!("`{name}`: {}", known.because.trim());
    if let Some(how) = how {
        let _ = write!(note, " Seen: {}.", how.trim_end_matches('.'));
    }
    if let Some(source) = &known.source {
        let _ = write!(note, " ({source})");
    }
    Some(note)
}

/// A table's cell ends at a bar and at the end of the line.
fn in_a_cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The part of an address that says whose it is.
fn site(address: &str) -> &str {
    let rest = address.strip_prefix("https://").unwrap_or(address);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conformance::{Finding, Known, Subject};

    const ONE: Case = Case {
        id: "one",
        shows: "It does.",
        source: "https://example.com/one",
    };
    const TWO: Case = Case {
        id: "two",
        shows: "So | so.",
        source: "https://example.com/two",
    };

    fn run() -> Run {
        let report = |case, finding, known| CaseReport {
            case,
            finding,
            known,
            is_news: false,
            duration: Duration::ZERO,
        };
        let known = Known {
            case: "two",
            class: Class::Fail,
            because: "It does not know how.".to_owned(),
            source: Some("https://example.com/issue".to_owned()),
        };
        let subject = |name: &str| Subject {
            name: name.to_owned(),
            title: name.to_uppercase(),
            homepage: None,
            document: None,
            built_in: true,
            known: Vec::new(),
        };
        Run {
            subjects: vec![
                SubjectReport {
                    subject: subject("a"),
                    version: Ok("a 1".to_owned()),
                    cases: vec![
                        report(ONE, Finding::pass(), None),
                        report(TWO, Finding::fail("exit status 1: x | y"), Some(known)),
                    ],
                },
                SubjectReport {
                    subject: subject("b"),
                    version: Err("b is not on PATH".to_owned()),
                    cases: Vec::new(),
                },
            ],
        }
    }

    #[test]
    fn what_does_not_pass_has_a_footnote() {
        let text = tables("client", "make", &[ONE, TWO], &run()).text;
        insta::assert_snapshot!(text, @r"
        Made by `make`, with:

        - `a`: A, a 1
        - `b`: B, not tested: b is not on PATH

        | case | a | b |
        | --- | --- | --- |
        | [`one`](#client-cases) | pass |  |
        | [`two`](#client-cases) | **fail**[^client-1] |  |

        [^client-1]: `a`: It does not know how. Seen: exit status 1: x \| y. (https://example.com/issue)

        #### Client cases

        | case | what it shows | source |
        | --- | --- | --- |
        | `one` | It does. | [example.com](https://example.com/one) |
        | `two` | So \| so. | [example.com](https://example.com/two) |
        ");
    }
}
