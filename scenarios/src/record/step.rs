//! A step of a case.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::MismatchRecord;
use crate::journal::Entry;
use crate::process::{self, Output};
use crate::scenario::Phase;

/// How a step went.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// The part of the scenario.
    pub phase: Phase,
    /// Counted from one in its part.
    pub number: usize,
    /// The line of the document.
    pub line: usize,
    /// What happened: the command, or in one line.
    pub action: String,
    /// The scenario's words on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether all was as the scenario says.
    pub passed: bool,
    /// How long it took.
    pub milliseconds: f64,
    /// How the command ended, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What it wrote to standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// What it wrote to standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// What the server saw of it.
    pub exchanges: Vec<Entry>,
    /// What differs from what the scenario asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<MismatchRecord>,
}

/// How a command ended: its exit status, or in words if it did not end by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Status {
    /// The exit status.
    Code(i32),
    /// `ended by signal 9`, `no end within 60s`.
    Words(String),
}

impl StepRecord {
    /// `symptom 2`.
    pub fn name(&self) -> String {
        format!("{} {}", self.phase.as_str(), self.number)
    }

    /// Whether it is a command that did not end with status 0.
    pub fn fails(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| *status != Status::Code(0))
    }

    /// Takes the output of its command.
    pub fn set_output(&mut self, output: Output) {
        self.status = Some(output.status.into());
        self.stdout = Some(output.stdout);
        self.stderr = Some(output.stderr);
    }

    /// What its command wrote, stream by stream; not those it wrote nothing to.
    pub fn outputs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let streams = [("stdout", &self.stdout), ("stderr", &self.stderr)];
        streams
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_deref()?)))
            .filter(|(_, text)| !text.is_empty())
    }
}

impl From<process::Status> for Status {
    fn from(status: process::Status) -> Self {
        match status.code() {
            Some(code) => Self::Code(code),
            None => Self::Words(status.to_string()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Words(words) => f.write_str(words),
        }
    }
}
