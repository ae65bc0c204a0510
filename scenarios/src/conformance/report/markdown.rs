//! The table for documents: a row a case, a column a subject, and a footnote for everything that does not pass.

use std::fmt::Write as _;

use crate::conformance::{Case, CaseReport, Run, SubjectReport};
use crate::record::Class;

/// A table as text, and the mark it goes by in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    kind: &'static str,
    /// The names of the columns.
    subjects: Vec<String>,
    text: String,
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

/// A document has no place for tables, or the tables of others in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotItsPlace {
    /// It has text, and no marks.
    #[error("it has no place for {0} tables")]
    NoMarks(&'static str),
    /// What stands there would be lost.
    #[error("its {kind} tables have a column of {subject}, which is not tried now")]
    OfOthers {
        /// `client` or `helper`.
        kind: &'static str,
        /// Whose column it is.
        subject: String,
    },
}

impl NotItsPlace {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::NoMarks(kind) => {
                let (begin, end) = marks(kind);
                format!(
                    "put two lines where they belong, `{begin}` and `{end}`, or name a new file"
                )
            }
            Self::OfOthers { kind, subject } => format!(
                "try it as well (`--{kind} {subject}`; without `--{kind}`, all that are built in), or name another file"
            ),
        }
    }
}

/// What stands before the place of the tables of this kind, in it, and behind it; nothing, if the document is empty.
///
/// # Errors
/// There is no such place, or it has tables with other subjects than these.
pub fn place<'a>(
    document: &'a str,
    kind: &'static str,
    subjects: &[&str],
) -> Result<[&'a str; 3], NotItsPlace> {
    if document.trim().is_empty() {
        return Ok([""; 3]);
    }
    let (begin, end) = marks(kind);
    let (before, rest) = split_at_line(document, &begin).ok_or(NotItsPlace::NoMarks(kind))?;
    let (inside, behind) = split_at_line(rest, &end).ok_or(NotItsPlace::NoMarks(kind))?;
    let heads = inside
        .lines()
        .find_map(|line| line.strip_prefix("| case |"));
    let mut heads = heads.unwrap_or_default().split('|').map(str::trim);
    match heads.find(|head| !head.is_empty() && !subjects.contains(head)) {
        Some(head) => Err(NotItsPlace::OfOthers {
            kind,
            subject: head.to_owned(),
        }),
        None => Ok([before, inside, behind]),
    }
}

/// A text may speak of the marks: those that count have a line of their own.
fn split_at_line<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(mark).find_map(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let behind = rest.strip_prefix(mark)?;
        let begins = before.is_empty() || before.ends_with('\n');
        let ends = behind.is_empty() || behind.starts_with(['\n', '\r']);
        (begins && ends).then_some((before, behind))
    })
}

fn marks(kind: &str) -> (String, String) {
    (
        format!("<!-- {kind} tables -->"),
        format!("<!-- end of {kind} tables -->"),
    )
}

/// Puts the tables into their place in a document; an empty one becomes that place.
///
/// # Errors
/// Those of [`place`].
pub fn insert(document: &str, tables: &Tables) -> Result<String, NotItsPlace> {
    let Tables {
        kind,
        subjects,
        text,
    } = tables;
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let [before, _, behind] = place(document, kind, &subjects)?;
    let behind = if behind.is_empty() { "\n" } else { behind };
    let (begin, end) = marks(kind);
    Ok(format!("{before}{begin}\n\n{text}\n{end}{behind}"))
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

    #[test]
    fn tables_take_the_place_of_the_last_ones_and_of_nothing_else() {
        let tables = |text: &str| Tables {
            kind: "client",
            subjects: vec!["a".to_owned()],
            text: text.to_owned(),
        };
        let new = insert("", &tables("| case | a |")).unwrap();
        let document = format!("# `<!-- client tables -->`\n\n{new}Tail\n");
        assert_eq!(
            insert(&document, &tables("new")).unwrap(),
            "# `<!-- client tables -->`\n\n<!-- client tables -->\n\nnew\n<!-- end of client tables -->\nTail\n"
        );
        let others = document.replace("| a |", "| a | b |");
        assert_eq!(
            insert(&others, &tables("new")).map_err(|error| error.to_string()),
            Err("its client tables have a column of b, which is not tried now".to_owned())
        );
        for text in [
            "# Title\n",
            "<!-- helper tables -->\n",
            "<!-- client tables -->\n",
        ] {
            let refused = insert(text, &tables("new"));
            assert_eq!(refused, Err(NotItsPlace::NoMarks("client")), "{text}");
        }
    }
}
