//! The report for browsers: one file that needs nothing else, with the matrix on top and a transcript behind each cell.

mod prose;

use std::collections::BTreeSet;
use std::io::{self, Write};

use askama::Template;

use super::Reporter;
use super::gathered::Gathered;
use crate::event::Event;
use crate::record::{CaseRecord, Class, Excerpt, RunRecord, StepRecord, Summary};
use crate::scenario::Phase;

/// Writes one page when the run is over.
#[derive(Debug)]
pub struct Html<W> {
    out: W,
    gathered: Gathered,
}

impl<W: Write> Html<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            gathered: Gathered::default(),
        }
    }
}

impl<W: Write> Reporter for Html<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        let Some(summary) = self.gathered.note(event) else {
            return Ok(());
        };
        let page = Page::new(&self.gathered.run, &self.gathered.cases, summary);
        page.write_into(&mut self.out).map_err(io::Error::other)?;
        self.out.flush()
    }
}

/// Everything is escaped but the two files that come with the program.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    run: &'a RunRecord,
    summary: Summary,
    /// Whether there are several subjects.
    many: bool,
    counts: Vec<(Class, usize)>,
    areas: Vec<Area<'a>>,
    style: &'static str,
    script: &'static str,
}

struct Area<'a> {
    name: &'a str,
    rows: Vec<Row<'a>>,
}

/// A scenario, with a cell a subject.
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    /// What the filter looks in.
    text: String,
    cells: Vec<Option<Cell<'a>>>,
}

struct Cell<'a> {
    anchor: String,
    subject: &'a str,
    case: &'a CaseRecord,
    /// What the filter looks in.
    text: String,
}

/// A part of a transcript.
struct Part<'a> {
    heading: &'static str,
    is_symptom: bool,
    steps: Vec<&'a StepRecord>,
}

impl<'a> Page<'a> {
    fn new(run: &'a RunRecord, cases: &'a [CaseRecord], summary: Summary) -> Self {
        let counted = Class::ALL.map(|class| {
            let of_class = |case: &&CaseRecord| case.class == class;
            (class, cases.iter().filter(of_class).count())
        });
        let mut areas: Vec<Area<'a>> = Vec::new();
        for (at, case) in cases.iter().enumerate() {
            let place = areas.iter().position(|area| area.name == case.area);
            let place = place.unwrap_or_else(|| {
                areas.push(Area {
                    name: &case.area,
                    rows: Vec::new(),
                });
                areas.len() - 1
            });
            areas[place].take(at, case, run);
        }
        Self {
            run,
            summary,
            many: run.subjects.len() > 1,
            counts: counted
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect(),
            areas,
            style: include_str!("../../templates/report.css"),
            script: include_str!("../../templates/report.js"),
        }
    }
}

impl<'a> Area<'a> {
    fn take(&mut self, at: usize, case: &'a CaseRecord, run: &'a RunRecord) {
        // Two files may have the same area and id: they are two scenarios.
        let same = |row: &&mut Row<'a>| row.id == case.id && row.is_of(&case.file);
        let text = searched(case);
        let cell = Cell {
            anchor: format!("case-{}", at + 1),
            subject: run
                .subjects
                .get(case.subject)
                .map_or("", |subject| &*subject.name),
            case,
            text: text.clone(),
        };
        let row = match self.rows.iter_mut().find(same) {
            Some(row) => {
                row.text.push_str(&text);
                row
            }
            None => {
                self.rows.push(Row {
                    id: &case.id,
                    title: &case.title,
                    text,
                    cells: run.subjects.iter().map(|_| None).collect(),
                });
                let last = self.rows.len() - 1;
                &mut self.rows[last]
            }
        };
        if let Some(place) = row.cells.get_mut(case.subject) {
            *place = Some(cell);
        }
    }
}

/// What the filter looks in, a line a case: what the scenario says of itself, and the ids of what the server said. Git asks for
/// everything without credentials first: that challenge counts only where nothing came after it.
fn searched(case: &CaseRecord) -> String {
    let mut ids = BTreeSet::new();
    if let Some(cause) = &case.cause {
        ids.insert(cause.verdict.as_ref().unwrap_or(&cause.summary).as_str());
    }
    for step in &case.steps {
        for (at, exchange) in step.exchanges.iter().enumerate() {
            let is_last = at + 1 == step.exchanges.len();
            let verdict = exchange.verdict.as_ref();
            let told = verdict.filter(|verdict| is_last || !verdict.is_challenge());
            ids.extend(told.map(|verdict| &*verdict.id));
            ids.extend(exchange.refusals.iter().map(|refusal| &*refusal.id));
        }
    }
    let ids: Vec<&str> = ids.into_iter().collect();
    let text = format!(
        "{} {} {} {} {}\n",
        case.name(),
        case.title,
        case.source,
        case.evidence.as_str(),
        ids.join(" ")
    );
    text.to_lowercase()
}

impl Row<'_> {
    fn is_of(&self, file: &str) -> bool {
        self.cells
            .iter()
            .flatten()
            .all(|cell| cell.case.file == file)
    }

    /// The classes of its cells, for the filter.
    fn classes(&self) -> String {
        let classes = self.cells.iter().flatten();
        let words: Vec<&str> = classes.map(|cell| cell.case.class.as_str()).collect();
        words.join(" ")
    }
}

impl Cell<'_> {
    fn seconds(&self) -> String {
        format!("{:.2}", self.case.milliseconds / 1e3)
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut phase = None;
        for step in &self.case.steps {
            if phase != Some(step.phase) {
                phase = Some(step.phase);
                parts.push(Part {
                    heading: step.phase.heading(),
                    is_symptom: step.phase == Phase::Symptom,
                    steps: Vec::new(),
                });
            }
            if let Some(part) = parts.last_mut() {
                part.steps.push(step);
            }
        }
        parts
    }
}

impl Excerpt {
    /// The text before what is meant, that, and the text behind it.
    fn parts(&self) -> (&str, &str, &str) {
        let (start, end) = (self.start, self.end);
        match (
            self.text.get(..start),
            self.text.get(start..end),
            self.text.get(end..),
        ) {
            (Some(before), Some(meant), Some(behind)) => (before, meant, behind),
            // One that was read from a file may say anything.
            _ => (&self.text, "", ""),
        }
    }
}
