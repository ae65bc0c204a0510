//! Whether the reports are those of one run, and of all of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{MergeError, Part};
use crate::record::SubjectRecord;

/// Every subject has every part of the same selection. A run that was not divided is whole by itself.
pub(super) fn check(parts: &[Part]) -> Result<(), MergeError> {
    let divided: Vec<&Part> = parts
        .iter()
        .filter(|part| !part.document.run.partitions.is_empty())
        .collect();
    for pair in divided.windows(2) {
        if let [first, second] = pair {
            of_one_selection(first, second)?;
        }
    }
    let mut of_subjects: Vec<(&SubjectRecord, Divisions)> = Vec::new();
    for part in divided {
        let named = named(part)?;
        for subject in &part.document.run.subjects {
            let known = of_subjects.iter().position(|(known, _)| *known == subject);
            let at = known.unwrap_or_else(|| {
                of_subjects.push((subject, Divisions::new()));
                of_subjects.len() - 1
            });
            if let Some((_, divisions)) = of_subjects.get_mut(at) {
                for (of, number) in &named {
                    divisions.entry(*of).or_default().insert(*number);
                }
            }
        }
    }
    let several = of_subjects.len() > 1;
    for (subject, divisions) in of_subjects {
        for (of, there) in divisions {
            // A report may say anything, also that there are more parts than can be counted.
            let missing = (1..=of).find(|number| !there.contains(number));
            if let Some(number) = missing {
                return Err(MergeError::MissingPart {
                    part: format!("{number}/{of}"),
                    subject: several.then(|| subject.name.clone()),
                });
            }
        }
    }
    Ok(())
}

/// The parts that are there, by how many there should be.
type Divisions = BTreeMap<usize, BTreeSet<usize>>;

fn named(part: &Part) -> Result<Vec<(usize, usize)>, MergeError> {
    let read = |text: &String| {
        let (number, of) = text.split_once('/')?;
        Some((of.parse().ok()?, number.parse().ok()?))
    };
    part.document
        .run
        .partitions
        .iter()
        .map(|text| {
            read(text).ok_or_else(|| MergeError::NotAReport {
                file: part.file.clone(),
                why: format!("`{text}` is not a part of a run"),
            })
        })
        .collect()
}

fn of_one_selection(first: &Part, second: &Part) -> Result<(), MergeError> {
    let only_in = |one: &Part, other: &Part| {
        let selections = [one, other].map(|part| &part.document.run.selection);
        let [here, there] = selections;
        let scenario = here.iter().find(|name| !there.contains(name))?.clone();
        Some(MergeError::OtherSelection {
            scenario,
            with: one.file.clone(),
            without: other.file.clone(),
        })
    };
    let error = only_in(first, second).or_else(|| only_in(second, first));
    error.map_or(Ok(()), Err)
}
