//! The report for programs. Its shape is public: `version` changes when a reader has to.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Reporter;
use super::gathered::Gathered;
use crate::event::Event;
use crate::record::{CaseRecord, RunRecord, Summary};

/// The version of the report's shape.
pub const VERSION: u32 = 1;

/// The whole report. Readers ignore what they do not know: fields may be added without a new version.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "A report of codecommit-lab")]
pub struct Document {
    /// The version of this shape.
    pub version: u32,
    /// The helper of the first subject.
    pub helper: String,
    /// What it says of itself.
    pub helper_version: String,
    /// What the git of the first subject says of itself.
    pub git_version: String,
    /// What was run.
    #[serde(flatten)]
    pub run: RunRecord,
    /// How many cases went which way.
    pub summary: Summary,
    /// The cases: a scenario, played with a subject.
    pub scenarios: Vec<CaseRecord>,
}

/// Writes one JSON document when the run is over.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    gathered: Gathered,
}

impl<W: Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            gathered: Gathered::default(),
        }
    }

    fn write(&mut self, summary: Summary) -> io::Result<()> {
        let Gathered { run, cases } = std::mem::take(&mut self.gathered);
        let first = run.subjects.first().cloned().unwrap_or_default();
        let document = Document {
            version: VERSION,
            helper: first.helper,
            helper_version: first.helper_version,
            git_version: first.git_version,
            run,
            summary,
            scenarios: cases,
        };
        serde_json::to_writer_pretty(&mut self.out, &document)?;
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for Json<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match self.gathered.note(event) {
            Some(summary) => self.write(summary),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_is_checked_in_is_that_of_the_types() {
        crate::schema::assert_checked_in::<Document>("report.schema.json");
    }
}
