//! Why a server cannot be started.

use std::io;
use std::path::{Path, PathBuf};

use crate::git_program::GitProgramError;
use crate::limits::LimitError;
use crate::tls::TlsError;
use crate::world::StorageError;

/// The server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("listen on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The data folder or a file in it.
    #[error("write {}: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Another server works in the data folder.
    #[error("use the data folder {}: {} works in it", path.display(), named(*process))]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The number of that server's process, where it can be told.
        process: Option<u32>,
    },
    /// The threads that serve.
    #[error("start a thread: {0}")]
    Thread(#[source] io::Error),
    /// The system has no randomness to make credentials of.
    #[error("gather randomness")]
    Randomness,
    /// A limit with which nobody could be served.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The git program.
    #[error(transparent)]
    Git(#[from] GitProgramError),
    /// The repositories.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl StartError {
    pub(crate) fn write(path: &Path, cause: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            cause,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { cause, .. } if cause.kind() == io::ErrorKind::AddrInUse => Some(
                "another program has this port: end it, choose another port, or 0 for any free one",
            ),
            Self::Listen { cause, .. } if cause.kind() == io::ErrorKind::PermissionDenied => {
                Some("ports below 1024 need privileges: choose another, or 0 for any free one")
            }
            Self::Write { cause, .. }
                if matches!(
                    cause.kind(),
                    io::ErrorKind::NotFound
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                Some(
                    "name a data folder, or set TMPDIR to one, that exists and that you may write to",
                )
            }
            Self::InUse { .. } => {
                Some("stop that server, or give this one a data folder of its own")
            }
            Self::Git(GitProgramError::Missing) => Some("install git, or put it on PATH"),
            _ => None,
        }
    }
}

fn named(process: Option<u32>) -> String {
    process.map_or_else(
        || "another server".to_owned(),
        |process| format!("another server, process {process},"),
    )
}
