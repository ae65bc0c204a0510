//! Finds the files that describe subjects: those that are built in, and the user's own.

use std::io;
use std::path::{Path, PathBuf};

use codecommit_mock::document::{self, DocumentError, Source, UnreadableFile};
use include_dir::{Dir, include_dir};
use tempfile::TempDir;

pub(super) static CLIENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/clients");
pub(super) static HELPERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/helpers");

/// A subject cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// There is none of this name.
    #[error("find a {kind} `{word}`")]
    Unknown {
        /// `client` or `helper`.
        kind: &'static str,
        /// What was asked for.
        word: String,
        /// What to type.
        help: String,
    },
    /// Its file cannot be opened.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// Its file is wrong.
    #[error("{0}")]
    Document(#[from] Box<DocumentError>),
    /// The programs beside a built-in file cannot be put on disk.
    #[error("write the files of the client {name}: {cause}")]
    Files {
        /// Whose.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// A document, and the folder with the programs that it calls.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) document: Source,
    pub(super) folder: PathBuf,
    pub(super) built_in: bool,
    /// Where those of a built-in one were put, for as long as they are needed.
    pub(super) extracted: Option<TempDir>,
}

/// The names of what is built in: first what the others are measured by, git and our helper.
pub fn named(kind: &'static str) -> Vec<&'static str> {
    let mut names: Vec<&str> = folder_of(kind)
        .dirs()
        .filter_map(|folder| folder.path().file_name()?.to_str())
        .collect();
    names.sort_unstable_by_key(|name| (!["git", "ours"].contains(name), *name));
    names
}

fn folder_of(kind: &'static str) -> &'static Dir<'static> {
    if kind == "client" { &CLIENTS } else { &HELPERS }
}

/// Whether a word names a file rather than something that is built in.
pub(super) fn is_path(word: &str) -> bool {
    word.ends_with(".toml") || word.contains(['/', '\\'])
}

/// Finds a file that is built in, by its name.
pub(super) fn built_in(kind: &'static str, name: &str) -> Result<Option<Found>, SubjectError> {
    let Some(folder) = folder_of(kind).get_dir(name) else {
        return Ok(None);
    };
    let text = folder
        .get_file(format!("{name}/{kind}.toml"))
        .and_then(include_dir::File::contents_utf8)
        .unwrap_or_default();
    // With the others beside it, as they stand in the source: some share a program.
    let extract = || {
        let extracted = tempfile::Builder::new()
            .prefix("codecommit-lab-")
            .tempdir()?;
        folder_of(kind).extract(extracted.path())?;
        Ok(extracted)
    };
    let extracted = extract().map_err(|cause| SubjectError::Files {
        name: name.to_owned(),
        cause,
    })?;
    Ok(Some(Found {
        document: Source::new(format!("{kind}s/{name}/{kind}.toml"), text),
        folder: extracted.path().join(name),
        built_in: true,
        extracted: Some(extracted),
    }))
}

/// Reads a file of the user's own.
pub(super) fn own(path: &Path) -> Result<Found, SubjectError> {
    let document = Source::read(path)?;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Found {
        document,
        folder: absolute.parent().unwrap_or(Path::new("/")).to_owned(),
        built_in: false,
        extracted: None,
    })
}

/// There is nothing of this name.
pub(super) fn unknown(kind: &'static str, word: &str) -> SubjectError {
    let names = named(kind);
    let help = match document::nearest(word, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "built in: {}; or name a file: ./{word}.toml",
            names.join(", ")
        ),
    };
    SubjectError::Unknown {
        kind,
        word: word.to_owned(),
        help,
    }
}
