//! A copy of the checkout that may be broken. It stays between runs, so that only what was changed is built again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codecommit_tests::mutation;

#[derive(Debug)]
pub(crate) struct Scratch {
    checkout: PathBuf,
    target: PathBuf,
    /// Held while the copy is in use.
    _lock: File,
}

impl Scratch {
    /// Brings the copy to the state of the checkout.
    pub(crate) fn make() -> io::Result<Self> {
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => mutation::root().join("target"),
        };
        let folder = target.join("mutations");
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        let scratch = Self {
            checkout: folder.join("checkout"),
            target: folder.join("target"),
            _lock: lock,
        };
        let files = tracked()?;
        scratch.remove_others(&files, &scratch.checkout)?;
        for file in files {
            scratch.restore(&file)?;
        }
        Ok(scratch)
    }

    /// Gives a file this text. One that has it already is not touched: cargo would build again.
    pub(crate) fn put(&self, file: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.checkout.join(file);
        if fs::read(&path).is_ok_and(|present| present == text.as_ref()) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)
    }

    /// Makes a file what it is in the checkout.
    pub(crate) fn restore(&self, file: &Path) -> io::Result<()> {
        self.put(file, fs::read(mutation::root().join(file))?)
    }

    /// Builds the program, and says where it is.
    pub(crate) fn build(&self) -> io::Result<PathBuf> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--quiet", "--locked", "-p", "codecommit-lab"])
            .current_dir(&self.checkout)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("build:\n{said}")));
        }
        let name = format!("codecommit-lab{}", std::env::consts::EXE_SUFFIX);
        Ok(self.target.join("debug").join(name))
    }

    fn remove_others(&self, files: &BTreeSet<PathBuf>, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let known = path.strip_prefix(&self.checkout).unwrap_or(&path);
            if path.is_dir() {
                self.remove_others(files, &path)?;
            } else if !files.contains(known) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// The files of the checkout that belong to it, or will.
fn tracked() -> io::Result<BTreeSet<PathBuf>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(mutation::root())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!(
            "list the checkout's files: {said}"
        )));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        // A file that was deleted is still in the index.
        .filter(|name| mutation::root().join(name).is_file())
        .collect())
}
