//! The shell that runs commands and helpers.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::toolbox::SYSTEM_PATH;

/// What `sh` is here: each words its errors in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// Red Hat, macOS, Git for Windows.
    Bash,
    /// Debian, Ubuntu.
    Dash,
    /// Alpine.
    Busybox,
}

impl Shell {
    /// Its word in scenarios.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Dash => "dash",
            Self::Busybox => "busybox",
        }
    }

    /// What the `sh` of this system is a link to; none if that says nothing.
    pub fn here() -> Option<Self> {
        if cfg!(any(target_os = "macos", windows)) {
            return Some(Self::Bash);
        }
        // Git runs helpers with the shell that it was built for.
        let folders = std::iter::once(&"/bin").chain(SYSTEM_PATH);
        let program = folders
            .map(|folder| Path::new(folder).join("sh"))
            .find_map(|path| path.canonicalize().ok())?;
        let name = program.file_name()?.to_str()?;
        [Self::Bash, Self::Dash, Self::Busybox]
            .into_iter()
            .find(|shell| shell.as_str() == name)
    }
}
