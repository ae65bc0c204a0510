//! The documents below a folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::SelectionError;

/// The documents below a folder, in the order of their names.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, SelectionError> {
    let mut files = Vec::new();
    collect(folder, &mut HashSet::new(), &mut files)?;
    Ok(files)
}

/// Links may lead to where somebody `has_been`.
fn collect(
    folder: &Path,
    has_been: &mut HashSet<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), SelectionError> {
    let unreadable = |cause| SelectionError::UnreadableFolder {
        folder: folder.to_owned(),
        cause,
    };
    if !has_been.insert(folder.canonicalize().map_err(unreadable)?) {
        return Ok(());
    }
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(unreadable)?;
    paths.sort_unstable();
    // As shells and editors do: what begins with a dot is not meant, such as the copy that an editor is writing.
    paths.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        !name.is_some_and(|name| name.starts_with('.'))
    });
    for path in paths {
        if path.is_dir() {
            collect(&path, has_been, files)?;
        } else if path.extension().is_some_and(|end| end == "toml") && !is_endless(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// A pipe or a device: nobody knows when it ends. One that does not exist is told by whoever opens it.
fn is_endless(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_a_link_leads_to_is_found_once_and_what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("a")).unwrap();
        fs::write(path("a/x.toml"), "").unwrap();
        for (link, to) in [("a/again", "."), ("b", "a")] {
            std::os::unix::fs::symlink(to, path(link)).unwrap();
        }
        let _socket = UnixListener::bind(path("socket.toml")).unwrap();
        let found = files_below(folder.path()).unwrap();
        assert_eq!(found, [path("a/x.toml")]);
    }
}
