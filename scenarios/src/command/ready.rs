//! The line of JSON that `serve` prints when it accepts connections.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::exit::Exit;

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

/// The journal in a data folder.
pub(super) fn journal_in(data_dir: &Path) -> PathBuf {
    data_dir.join("journal.jsonl")
}

/// The commands in a data folder.
pub(super) fn commands_in(data_dir: &Path) -> PathBuf {
    data_dir.join("bin")
}

impl Ready {
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
