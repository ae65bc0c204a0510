//! What happens during a run. Every reporter listens to the same events, and to nothing else.

use crate::record::{CaseRecord, RunRecord, Summary};

/// Something that happened. Cases come in the order of the plan, whatever runs at the same time.
#[derive(Clone, Debug)]
pub enum Event {
    /// The first event.
    RunStarted {
        /// How many scenarios were selected.
        scenarios: usize,
        /// What is known of the run.
        run: RunRecord,
    },
    /// What is going on now: for who watches. It comes between any two others, and no report is made of it.
    Progress(Progress),
    /// A case ended. The subjects of a scenario follow one another.
    CaseFinished(Box<CaseRecord>),
    /// The last event.
    RunFinished(Summary),
}

/// What is going on now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many cases there are.
    pub cases: usize,
    /// How many have ended.
    pub ended: usize,
    /// How many of these failed.
    pub failed: usize,
    /// The names of those that are being played, the oldest first.
    pub playing: Vec<String>,
}
