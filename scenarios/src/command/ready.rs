//! The line of JSON that `serve` prints when it accepts connections.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::environment::HELPER_CLOCK;
use crate::exit::Exit;

/// How long a server on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Its keys are public.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    pub(super) url: String,
    pub(super) port: u16,
    pub(super) ca: String,
    pub(super) data_dir: String,
    pub(super) journal: String,
    pub(super) env: BTreeMap<String, String>,
    /// Where a program in another language drives the server.
    pub(super) control: Option<ControlAccess>,
}

/// The token is a secret of this run: it goes to whoever has started the server, and nowhere else.
#[derive(Serialize, Deserialize)]
pub(super) struct ControlAccess {
    pub(super) url: String,
    pub(super) token: String,
}

impl std::fmt::Debug for ControlAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ControlAccess")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl ControlAccess {
    fn clock(&self) -> Result<ClockAnswer, Failure> {
        let told = |error: &dyn std::fmt::Display| {
            Failure::new(
                Exit::Setup,
                format!("ask the server at {} for its clock: {error}", self.url),
                Some(
                    "the file tells of a server that is gone, or of another: start `codecommit-lab serve` anew"
                        .to_owned(),
                ),
            )
        };
        // Straight there, whatever proxy the caller's variables name.
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let mut answer = agent
            .get(format!("{}/clock", self.url))
            .header("Authorization", format!("Bearer {}", self.token))
            .call()
            .map_err(|error| told(&error))?;
        let text = answer.body_mut().read_to_string();
        let text = text.map_err(|error| told(&error))?;
        serde_json::from_str(&text).map_err(|error| told(&error))
    }
}

/// The journal in a data folder.
pub(super) fn journal_in(data_dir: &Path) -> PathBuf {
    data_dir.join("journal.jsonl")
}

/// The commands in a data folder.
pub(super) fn commands_in(data_dir: &Path) -> PathBuf {
    data_dir.join("bin")
}

/// What is asked of a running server's clock.
#[derive(Deserialize)]
struct ClockAnswer {
    helper_clock: Option<String>,
}

impl Ready {
    /// The environment as it is now: the clock may have been moved since the file was written.
    pub(super) fn env_now(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut env = self.env.clone();
        let Some(control) = &self.control else {
            return Ok(env);
        };
        match control.clock()?.helper_clock {
            Some(clock) => env.insert(HELPER_CLOCK.to_owned(), clock),
            None => env.remove(HELPER_CLOCK),
        };
        Ok(env)
    }

    /// Reads the file that `serve --ready-file` has written.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("read {name}: {error}"),
                Some(format!(
                    "the file is there while `codecommit-lab serve --ready-file {name}` runs"
                )),
            )
        })?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("read {name}: {error}"),
                Some(
                    "name the file that `codecommit-lab serve --ready-file` has written".to_owned(),
                ),
            )
        })
    }
}
