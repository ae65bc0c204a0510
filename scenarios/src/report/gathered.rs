//! A run as a whole, for reports that are written when it is over.

use crate::event::Event;
use crate::record::{CaseRecord, RunRecord, Summary};

/// What was heard of a run.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) run: RunRecord,
    pub(super) cases: Vec<CaseRecord>,
}

impl Gathered {
    /// Takes note of an event; the summary where it is the last.
    pub(super) fn note(&mut self, event: &Event) -> Option<Summary> {
        match event {
            Event::RunStarted { run, .. } => self.run = run.clone(),
            Event::Progress(_) => {}
            Event::CaseFinished(case) => self.cases.push((**case).clone()),
            Event::RunFinished(summary) => return Some(*summary),
        }
        None
    }
}
