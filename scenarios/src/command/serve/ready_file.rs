//! The file that tells others of a server for as long as it runs.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::command::Failure;
use crate::command::ready::Ready;
use crate::exit::Exit;

/// Its place. Nothing is lost there: what is no file of a server's, and not empty, stays as it is.
pub(super) struct ReadyFile<'a> {
    path: &'a Path,
}

impl<'a> ReadyFile<'a> {
    /// Takes the place. The file of a server that was killed goes: who waits for it would take it for ours.
    pub(super) fn claim(path: &'a Path) -> Result<Self, Failure> {
        if let Some(what) = in_the_way(path) {
            let name = path.display();
            return Err(Failure::new(
                Exit::Usage,
                format!("write {name}: {what}"),
                Some("name a file of its own; the line goes to standard output, too".to_owned()),
            ));
        }
        let is_gone =
            |ready: &Ready| TcpStream::connect((Ipv4Addr::LOCALHOST, ready.port)).is_err();
        if Ready::read(path).is_ok_and(|ready| is_gone(&ready)) {
            // If it stays, it is replaced in a moment.
            let _ = fs::remove_file(path);
        }
        Ok(Self { path })
    }

    /// Who waits for the file finds all of it or nothing.
    pub(super) fn write(&self, line: &str) -> Result<(), Failure> {
        self.put(line)
            .map_err(|error| Failure::unwritable(self.path, &error))
    }

    fn put(&self, line: &str) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(line.as_bytes())?;
        file.persist(self.path)?;
        Ok(())
    }

    /// It tells of a server that is no longer there. Somebody may have removed it already, or written another.
    pub(super) fn remove(self, line: &str) {
        if fs::read_to_string(self.path).is_ok_and(|present| present == line) {
            let _ = fs::remove_file(self.path);
        }
    }
}

/// What is there and must not be replaced.
fn in_the_way(path: &Path) -> Option<&'static str> {
    let found = fs::metadata(path).ok()?;
    if found.is_dir() {
        Some("this is a folder")
    } else if !found.is_file() {
        Some("this is no regular file, and would be replaced by one")
    } else if found.len() > 0 && Ready::read(path).is_err() {
        Some("something else is there, and would be lost")
    } else {
        None
    }
}
