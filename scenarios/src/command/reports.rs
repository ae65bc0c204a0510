//! The options that say which reports are written, and the files they go to.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::event::Event;
use crate::exit::Exit;
use crate::report::Reporter;
use crate::report::github::{Annotations, Checkout, StepSummary};
use crate::report::html::Html;
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::tap::Tap;

/// Which reports are written, beside that on the terminal.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(super) struct Reports {
    /// Write a JSON report: everything, for programs and for `merge`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a TAP report (version 13)
    #[arg(long, value_name = "FILE")]
    tap: Option<PathBuf>,
    /// Write a page for browsers: the matrix, and a transcript behind each cell
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print annotations for GitHub Actions, and add to the step's summary; by itself where GITHUB_ACTIONS is `true`
    #[arg(long)]
    github: bool,
}

/// Reports that are being written.
pub(super) struct Open {
    reporters: Vec<(PathBuf, Box<dyn Reporter>)>,
    /// On standard output, between the lines for people.
    annotations: Option<Box<dyn Reporter>>,
}

impl Reports {
    /// Makes the files, before anything runs: a report that cannot be written should not cost a whole run. `read` are files
    /// that are still needed, with what they are.
    pub(super) fn open(&self, read: &[(&str, PathBuf)]) -> Result<Open, Failure> {
        let named = [
            ("--json", self.json.as_deref()),
            ("--junit", self.junit.as_deref()),
            ("--tap", self.tap.as_deref()),
            ("--html", self.html.as_deref()),
        ];
        let read = read.iter().map(|(what, path)| (*what, Some(&**path)));
        distinct(read.chain(named))?;
        let mut reporters: Vec<(PathBuf, Box<dyn Reporter>)> = Vec::new();
        let mut annotations: Option<Box<dyn Reporter>> = None;
        if let Some(path) = &self.json {
            reporters.push((path.clone(), Box::new(Json::new(create(path)?))));
        }
        if let Some(path) = &self.junit {
            reporters.push((path.clone(), Box::new(Junit::new(create(path)?))));
        }
        if let Some(path) = &self.tap {
            reporters.push((path.clone(), Box::new(Tap::new(create(path)?))));
        }
        if let Some(path) = &self.html {
            reporters.push((path.clone(), Box::new(Html::new(create(path)?))));
        }
        if self.github || std::env::var_os("GITHUB_ACTIONS").as_deref() == Some(OsStr::new("true"))
        {
            if let Some((path, file)) = step_summary()? {
                reporters.push((path, Box::new(StepSummary::new(file))));
            }
            let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
            let checkout = Checkout::of_workflow(workspace);
            annotations = Some(Box::new(Annotations::new(io::stdout(), checkout)));
        }
        Ok(Open {
            reporters,
            annotations,
        })
    }
}

impl Open {
    /// Whether there is no report but what goes to standard output.
    pub(super) fn is_empty(&self) -> bool {
        self.reporters.is_empty()
    }

    /// Passes an event on. A report that cannot be written does not keep the others from being written.
    pub(super) fn note(&mut self, event: &Event) -> Result<(), Failure> {
        let mut result = Ok(());
        for (path, reporter) in &mut self.reporters {
            if let (Err(error), Ok(())) = (reporter.note(event), &result) {
                result = Err(Failure::unwritable(path, &error));
            }
        }
        if let Some(Err(error)) = self.annotations.as_mut().map(|to| to.note(event))
            // The report for people goes the same way, and knows what to do without a reader.
            && error.kind() != io::ErrorKind::BrokenPipe
            && result.is_ok()
        {
            result = Err(Failure::output(&error));
        }
        result
    }
}

/// No two of these are the same file. Each has the option that names it; a file that is read comes first.
pub(super) fn distinct<'a>(
    named: impl IntoIterator<Item = (&'a str, Option<&'a Path>)>,
) -> Result<(), Failure> {
    let mut known: Vec<(&str, Identity)> = Vec::new();
    for (option, path) in named {
        let Some(path) = path else { continue };
        if path == Path::new("-") {
            return Err(Failure::new(
                Exit::Usage,
                format!("write {option} to standard output: the report for people goes there"),
                Some("name a file; `./-` is one of this name".to_owned()),
            ));
        }
        let identity = Identity::of(path);
        let other = known
            .iter()
            // A file that is read may be named twice.
            .find(|(other, known)| *known == identity && *other != option && !is_device(path));
        if let Some((other, _)) = other {
            return Err(Failure::new(
                Exit::Usage,
                format!("write {}: it is both {other} and {option}", path.display()),
                Some("give every report a file of its own".to_owned()),
            ));
        }
        known.push((option, identity));
    }
    Ok(())
}

/// The file that GitHub Actions shows below a step.
fn step_summary() -> Result<Option<(PathBuf, File)>, Failure> {
    let path = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    let Some(path) = path.map(PathBuf::from) else {
        return Ok(None);
    };
    // The steps of a job share it.
    match OpenOptions::new().append(true).create(true).open(&path) {
        Ok(file) => Ok(Some((path, file))),
        Err(error) => Err(Failure::unwritable(&path, &error)),
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    File::create(path)
        .map(BufWriter::new)
        .map_err(|error| Failure::unwritable(path, &error))
}

/// Many can write to one.
fn is_device(path: &Path) -> bool {
    path.exists() && !path.is_file() && !path.is_dir()
}

/// The same for two paths that lead to the same file.
#[derive(PartialEq, Eq)]
enum Identity {
    /// What the system knows it by: names of one file may be links of any kind.
    #[cfg(unix)]
    Number { device: u64, file: u64 },
    /// Of one that does not exist yet, or has no number.
    Path(PathBuf),
}

impl Identity {
    fn of(path: &Path) -> Self {
        #[cfg(unix)]
        if let Ok(known) = path.metadata() {
            use std::os::unix::fs::MetadataExt as _;

            return Self::Number {
                device: known.dev(),
                file: known.ino(),
            };
        }
        Self::Path(path.canonicalize().unwrap_or_else(|_| {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            match (
                absolute.parent().map(Path::canonicalize),
                absolute.file_name(),
            ) {
                (Some(Ok(folder)), Some(name)) => folder.join(name),
                _ => absolute,
            }
        }))
    }
}
