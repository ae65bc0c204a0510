//! Looks for programs, and tries whether they run in a sandbox.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Missing, Program};
use crate::process::{self, Leftovers};
use crate::stop::Stop;

/// The PATH of sandboxes, behind their own folder.
pub(crate) const SYSTEM_PATH: &[&str] = if cfg!(target_os = "macos") {
    &["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin"]
} else {
    &["/usr/local/bin", "/usr/bin", "/bin"]
};

/// The first program of this name, as a shell would find it; links to this program itself do not count.
pub(crate) fn find(name: &str, path: &OsStr, lab: &Path) -> Option<PathBuf> {
    all(name, path, lab).next()
}

/// All programs of this name, as a shell would find one if those before it were not there.
fn all(name: &str, path: &OsStr, lab: &Path) -> impl Iterator<Item = PathBuf> {
    let lab = lab.canonicalize().ok();
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(move |folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .filter(move |candidate| is_executable(candidate) && candidate.canonicalize().ok() != lab)
}

/// Whether there is a program at this path.
///
/// # Errors
/// There is none, or the user may not run it.
pub(crate) fn runnable(path: &Path) -> Result<(), Missing> {
    let what = match path.metadata() {
        Err(_) => "no such program",
        Ok(_) if !is_executable(path) => "it is not a program that may be run",
        Ok(_) => return Ok(()),
    };
    Err(Missing(format!("{}: {what}", path.display())))
}

/// The first program of this name that starts and says what it is.
pub(super) fn usable(
    name: &str,
    argument: &str,
    path: &OsStr,
    lab: &Path,
) -> Result<Program, Missing> {
    let found = find(name, path, lab).ok_or_else(|| Missing::not_installed(name))?;
    with_version(found, argument)
}

/// The program, with what it says of itself.
pub(super) fn with_version(path: PathBuf, argument: &str) -> Result<Program, Missing> {
    match first_line(&probe(&path, argument)?) {
        version if version.is_empty() => Err(Missing(format!(
            "`{} {argument}` says nothing",
            path.display()
        ))),
        version => Ok(Program { path, version }),
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether a program starts in an environment as bare as a sandbox's: one that was found on a developer's PATH may need
/// variables that a sandbox does not have. Gives what it printed.
fn probe(program: &Path, argument: &str) -> Result<String, Missing> {
    let path = std::env::join_paths(SYSTEM_PATH).unwrap_or_default();
    answer(program, argument, &path).map_err(|why| match why {
        NoAnswer::Fails(last_words) => Missing(format!(
            "`{} {argument}` fails in an empty environment: {last_words}",
            program.display()
        )),
        NoAnswer::DoesNotStart(error) => {
            Missing(format!("{} does not start: {error}", program.display()))
        }
    })
}

/// Whether a program starts that finds no other on PATH.
///
/// # Errors
/// It does not: it is a shim, or a script for an interpreter that it looks for.
pub(super) fn starts_alone(program: &Path, argument: &str) -> Result<(), Missing> {
    // No folder: an empty PATH means the current one to some shells.
    answer(program, argument, OsStr::new("/nonexistent")).map(drop).map_err(|why| {
        let why = match why {
            NoAnswer::Fails(last_words) => last_words,
            NoAnswer::DoesNotStart(error) => error.to_string(),
        };
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        Missing(format!(
            "{} needs other programs on PATH, as a shim of pyenv or asdf does ({why}): put the folder of the program itself first \
             on PATH; `pyenv which {name}` tells where it is",
            program.display()
        ))
    })
}

/// Why a program says nothing.
enum NoAnswer {
    Fails(String),
    DoesNotStart(std::io::Error),
}

/// What a program prints that finds others on `path`, and has no other variables.
fn answer(program: &Path, argument: &str, path: &OsStr) -> Result<String, NoAnswer> {
    let output = tempfile::tempdir().and_then(|home| {
        let mut command = Command::new(program);
        command
            .arg(argument)
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", path)
            .env("LC_ALL", "C");
        let limit = Duration::from_secs(20);
        process::run(
            command,
            home.path(),
            limit,
            &Stop::default(),
            &mut Leftovers::default(),
        )
    });
    match output {
        Ok(output) if output.status.code() == Some(0) => Ok(output.stdout),
        Ok(output) => {
            let last_words = output
                .stderr
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty());
            Err(NoAnswer::Fails(last_words.map_or_else(
                || format!("it says nothing, and its exit status is {}", output.status),
                |line| line.trim().to_owned(),
            )))
        }
        Err(error) => Err(NoAnswer::DoesNotStart(error)),
    }
}

/// The Python program knows no options: it answers anything but two arguments with this sentence. Ours has a version, and
/// may come before it on PATH.
pub(super) fn python_remote_helper(path: &OsStr, lab: &Path) -> Result<PathBuf, Missing> {
    let name = "git-remote-codecommit";
    let mut first = None;
    for found in all(name, path, lab) {
        let why = match probe(&found, "--version") {
            Err(Missing(reason)) if reason.contains("Too few arguments.") => return Ok(found),
            Err(missing) => missing,
            Ok(_) => Missing(format!(
                "{} is not the git-remote-codecommit in Python",
                found.display()
            )),
        };
        first.get_or_insert(why);
    }
    Err(first.unwrap_or_else(|| Missing::not_installed(name)))
}

/// The first line that says something: faketime 0.9.10 begins with an empty one.
pub(crate) fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    lines
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}
