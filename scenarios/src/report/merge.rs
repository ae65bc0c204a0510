//! One run out of the JSON reports of its parts.

mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::json::{Document, VERSION};
use crate::event::Event;
use crate::record::{CaseRecord, Class, RunRecord, SubjectRecord, Summary};

/// Reports cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them is not JSON.
    #[error("read {}: {cause}", file.display())]
    NotJson {
        /// The file.
        file: PathBuf,
        /// Where it ceases to be.
        cause: serde_json::Error,
    },
    /// One of them is JSON, and something else.
    #[error("read {}: this is not a report of codecommit-lab: {why}", file.display())]
    NotAReport {
        /// The file.
        file: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// One of them has another shape than those that this program knows.
    #[error("read {}: it has version {version}, and this program reads version {VERSION}", file.display())]
    Version {
        /// The file.
        file: PathBuf,
        /// Its version.
        version: Value,
    },
    /// Two of them tell of the same.
    #[error("merge {} and {}: both have {case}", first.display(), second.display())]
    Twice {
        /// What both have.
        case: String,
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A part of the run is not there.
    #[error(
        "merge the reports: part {part} of the run{} is not among them",
        with(subject.as_deref())
    )]
    MissingPart {
        /// `2/3`.
        part: String,
        /// The name of the subject that it was not run with, if there are several.
        subject: Option<String>,
    },
    /// Two of them are parts of different runs.
    #[error(
        "merge {} and {}: they are parts of different runs: only the first was to run {scenario}",
        with.display(),
        without.display()
    )]
    OtherSelection {
        /// What one of them had to choose from.
        scenario: String,
        /// That one.
        with: PathBuf,
        /// The other.
        without: PathBuf,
    },
}

impl MergeError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => {
                "it may have been cut short: a report is written when its run is over"
            }
            Self::NotAReport { .. } => "name files that `codecommit-lab run --json` has written",
            Self::Version { .. } => {
                "merge with the version of codecommit-lab that made the reports"
            }
            Self::Twice { .. } => "name the report of each part once",
            Self::MissingPart { subject: None, .. } => {
                "name the reports of all parts; a part without a report did not end"
            }
            Self::MissingPart { .. } => {
                "run every part with the same subjects: the same git, helpers and versions, at the same paths"
            }
            Self::OtherSelection { .. } => {
                "run every part with the same scenarios, filters and version of codecommit-lab"
            }
        }
    }
}

fn with(subject: Option<&str>) -> String {
    subject.map_or(String::new(), |subject| format!(" with {subject}"))
}

/// A report, and the file it was read from.
#[derive(Debug)]
pub struct Part {
    file: PathBuf,
    document: Document,
}

impl Part {
    /// Reads one.
    ///
    /// # Errors
    /// It is not a report, or has another version.
    pub fn read(file: &Path, text: &str) -> Result<Self, MergeError> {
        let file = file.to_owned();
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(cause) => return Err(MergeError::NotJson { file, cause }),
        };
        let Some(version) = value.get("version") else {
            let why = "it has no `version`".to_owned();
            return Err(MergeError::NotAReport { file, why });
        };
        if *version != VERSION {
            let version = version.clone();
            return Err(MergeError::Version { file, version });
        }
        match serde_json::from_value(value) {
            Ok(document) => Ok(Self { file, document }),
            Err(error) => {
                let why = error.to_string();
                Err(MergeError::NotAReport { file, why })
            }
        }
    }
}

/// The events of the whole run. Scenarios come in the order in which they were selected.
///
/// # Errors
/// They are not of one run, or a part is missing, or there twice.
pub fn merge(parts: Vec<Part>) -> Result<(Vec<Event>, Summary), MergeError> {
    whole::check(&parts)?;
    let mut subjects: Vec<SubjectRecord> = Vec::new();
    let order = order(&parts);
    let mut cases: BTreeMap<Place, Told> = BTreeMap::new();
    let seeds: BTreeSet<Option<u64>> = parts.iter().map(|part| part.document.run.seed).collect();
    let stopped_by = parts
        .iter()
        .find_map(|part| part.document.summary.stopped_by);
    for Part { file, document } in parts {
        let was_stopped = document.summary.stopped_by.is_some();
        let places: Vec<usize> = document
            .run
            .subjects
            .iter()
            .map(|subject| place(&mut subjects, subject))
            .collect();
        for mut case in document.scenarios {
            let Some(subject) = places.get(case.subject) else {
                let why = format!("{} has a subject that it does not list", case.name());
                return Err(MergeError::NotAReport { file, why });
            };
            case.subject = *subject;
            let key = (
                order.get(&case.name()).copied(),
                case.area.clone(),
                case.id.clone(),
                case.file.clone(),
                case.subject,
            );
            let told = Told {
                file: file.clone(),
                was_stopped,
                case,
            };
            match cases.get(&key) {
                Some(known) if known.is_whole() && told.is_whole() => {
                    return Err(MergeError::Twice {
                        case: told.case.name(),
                        first: known.file.clone(),
                        second: file,
                    });
                }
                Some(known) if known.weight() >= told.weight() => {}
                _ => {
                    cases.insert(key, told);
                }
            }
        }
    }
    let scenarios: BTreeSet<_> = cases
        .keys()
        .map(|(_, area, id, file, _)| (area, id, file))
        .collect();
    let run = RunRecord {
        subjects,
        seed: seeds.into_iter().next().flatten(),
        partitions: Vec::new(),
        selection: Vec::new(),
    };
    let scenarios = scenarios.len();
    let mut events = vec![Event::RunStarted { scenarios, run }];
    let cases = cases.into_values().map(|told| told.case);
    events.extend(cases.map(|case| Event::CaseFinished(Box::new(case))));
    let mut summary = Summary::of(events.iter().filter_map(|event| match event {
        Event::CaseFinished(case) => Some(&**case),
        _ => None,
    }));
    // Another report may have what the one that was stopped has not.
    summary.stopped_by = stopped_by.filter(|_| summary.not_run > 0);
    events.push(Event::RunFinished(summary));
    Ok((events, summary))
}

/// Where a case stands in the whole: by its place in the order, its area, id and file, and its subject.
type Place = (Option<usize>, String, String, String, usize);

/// The places of scenarios, by their names: as they were selected, or, of a run that was not divided, as they are told.
fn order(parts: &[Part]) -> BTreeMap<String, usize> {
    let names = parts.iter().flat_map(|part| {
        let told = part.document.scenarios.iter().map(CaseRecord::name);
        part.document.run.selection.iter().cloned().chain(told)
    });
    let mut order = BTreeMap::new();
    for name in names {
        let next = order.len();
        order.entry(name).or_insert(next);
    }
    order
}

/// A case, and the report that tells of it.
struct Told {
    file: PathBuf,
    was_stopped: bool,
    case: CaseRecord,
}

impl Told {
    /// No other attempt can have it, too.
    fn is_whole(&self) -> bool {
        !self.was_stopped && self.case.class != Class::NotRun
    }

    /// Which of two attempts counts: the one that ran, and of two that did, the worse.
    fn weight(&self) -> u8 {
        match self.case.class {
            Class::NotRun => 0,
            Class::Skipped => 1,
            Class::Pass => 2,
            Class::Differs => 3,
            Class::Fail => 4,
        }
    }
}

/// The place of a subject among those that are known already.
fn place(subjects: &mut Vec<SubjectRecord>, subject: &SubjectRecord) -> usize {
    if let Some(place) = subjects.iter().position(|known| known == subject) {
        return place;
    }
    subjects.push(subject.clone());
    subjects.len() - 1
}
