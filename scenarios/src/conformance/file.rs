//! Finds the files that describe subjects: those that are built in, and the user's own.

use std::io;
use std::path::Path;

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

/// A document, and whether it comes with this program.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) document: Source,
    pub(super) built_in: bool,
}

impl Found {
    /// One of the user's own.
    pub(super) fn own(document: Source) -> Self {
        Self {
            document,
            built_in: false,
        }
    }
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
pub(super) fn built_in(kind: &'static str, name: &str) -> Option<Found> {
    let file = folder_of(kind).get_file(format!("{name}/{kind}.toml"))?;
    let text = file.contents_utf8().unwrap_or_default();
    Some(Found {
        document: Source::new(format!("{kind}s/{name}/{kind}.toml"), text),
        built_in: true,
    })
}

/// Puts the programs of the clients that are built in on disk, as they stand in the source: some share one. For as long as
/// they are needed.
pub(super) fn programs(name: &str) -> Result<TempDir, SubjectError> {
    let extract = || {
        let extracted = tempfile::Builder::new()
            .prefix("codecommit-lab-")
            .tempdir()?;
        CLIENTS.extract(extracted.path())?;
        Ok(extracted)
    };
    extract().map_err(|cause| SubjectError::Files {
        name: name.to_owned(),
        cause,
    })
}

/// Reads a file of the user's own.
pub(super) fn own(path: &Path) -> Result<Found, SubjectError> {
    Ok(Found::own(Source::read(path)?))
}

/// There is nothing of this name.
pub(super) fn unknown(kind: &'static str, word: &str) -> SubjectError {
    let names = named(kind);
    let help = document::did_you_mean(word, names.iter().copied()).unwrap_or_else(|| {
        format!(
            "built in: {}; or name a file: ./{word}.toml",
            names.join(", ")
        )
    });
    SubjectError::Unknown {
        kind,
        word: word.to_owned(),
        help,
    }
}
