//! `codecommit-lab check`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use codecommit_mock::document::Source;

use super::Failure;
use crate::check::{Kind, check};
use crate::exit::Exit;
use crate::{diagnostic, selection};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files that one writes, known by their keys, and folders of them
    #[arg(value_name = "FILE|DIR", required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &arguments.paths {
        match path.is_dir() {
            true => files.extend(selection::files_below(path)?),
            false => files.push(path.clone()),
        }
    }
    let mut wrong = Wrong::default();
    for file in &files {
        one(file, &mut wrong);
    }
    if files.is_empty() {
        let help = "scenarios, worlds, faults and client files end in .toml".to_owned();
        return Err(Failure::new(
            Exit::Nothing,
            "find a file to check",
            Some(help),
        ));
    }
    let mut out = anstream::stdout();
    let checked = counted(files.len(), "file");
    match wrong.errors {
        0 => writeln!(out, "{checked}: all in order"),
        errors => writeln!(
            out,
            "{checked}: {} in {}{}",
            counted(errors, "error"),
            counted(wrong.files, "file"),
            wrong.more()
        ),
    }
    .map_err(|error| Failure::output(&error))?;
    Ok(match wrong.errors {
        0 => Exit::Success,
        _ => Exit::Usage,
    })
}

#[derive(Default)]
struct Wrong {
    files: usize,
    errors: usize,
    /// Whether some may not have been found.
    is_not_all: bool,
}

impl Wrong {
    fn more(&self) -> &'static str {
        match self.is_not_all {
            true => "; more may follow once these are mended",
            false => "",
        }
    }
}

/// Tells what is wrong with one file, as soon as it is known.
fn one(path: &Path, wrong: &mut Wrong) {
    let told: Vec<String> = match Source::read(path) {
        Err(unreadable) => vec![Failure::from(unreadable).to_string()],
        Ok(source) => {
            let found = check(&source, Kind::of(&source), path);
            wrong.is_not_all |= !found.is_all;
            let told = |error| format!("{}\n\n", diagnostic::document_error(error));
            found.errors.iter().map(told).collect()
        }
    };
    wrong.files += usize::from(!told.is_empty());
    wrong.errors += told.len();
    for text in told {
        // Where it cannot be told, the code still tells of it.
        let _ = write!(anstream::stderr(), "{text}");
    }
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
