//! The folder that a server works in: one of its own, or a named one in which no other server works at the same time.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::server::StartError;

/// Is locked for as long as a server works there: the system lets go of it however the server ends. It holds the number of
/// the server's process.
const LOCK: &str = "server.lock";

/// The number of a process has so many digits at most.
const DIGITS: u64 = 20;

#[derive(Debug)]
pub(crate) enum DataDir {
    Temporary(TempDir),
    Named { path: PathBuf, _lock: File },
}

impl DataDir {
    /// Makes the folder if need be; a temporary one if none is named.
    pub(crate) fn open(named: Option<PathBuf>) -> Result<Self, StartError> {
        let Some(path) = named else {
            return tempfile::Builder::new()
                .prefix("codecommit-lab-")
                .tempdir()
                .map(Self::Temporary)
                .map_err(|cause| StartError::write(&std::env::temp_dir(), cause));
        };
        std::fs::create_dir_all(&path).map_err(|cause| StartError::write(&path, cause))?;
        let path = std::path::absolute(&path).map_err(|cause| StartError::write(&path, cause))?;
        let _lock = lock(&path)?;
        Ok(Self::Named { path, _lock })
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Named { path, .. } => path,
        }
    }
}

fn lock(folder: &Path) -> Result<File, StartError> {
    let path = folder.join(LOCK);
    let unwritable = |cause| StartError::write(&path, cause);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut said = String::new();
            // Where a lock keeps readers out, too, there is no number to tell.
            let _ = (&mut file).take(DIGITS).read_to_string(&mut said);
            return Err(StartError::InUse {
                path: folder.to_owned(),
                process: said.trim().parse().ok(),
            });
        }
        // Some network file systems have no locks: then it is as it was without.
        Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(cause)) => return Err(unwritable(cause)),
    }
    file.set_len(0).map_err(unwritable)?;
    writeln!(file, "{}", std::process::id()).map_err(unwritable)?;
    Ok(file)
}
