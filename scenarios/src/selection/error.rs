//! Why nothing could be selected.

use std::io;
use std::path::PathBuf;

use codecommit_mock::document::{DocumentError, UnreadableFile};

use crate::check::Kind;

/// Nothing could be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A document is not a scenario.
    #[error(transparent)]
    Document(#[from] Box<DocumentError>),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// A folder cannot be read.
    #[error("read {}: {cause}", folder.display())]
    UnreadableFolder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A pattern cannot be read.
    #[error("read the pattern `{pattern}`: {cause}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        #[source]
        cause: globset::Error,
    },
    /// A filter fits nothing.
    #[error("find anything that fits `--filter {filter}`")]
    NothingFits {
        /// The filter.
        filter: String,
        /// What exists and looks like its value, likeliest first.
        nearest: Vec<String>,
    },
    /// Every filter fits something, and nothing all of them.
    #[error("find a scenario that fits all filters")]
    NothingFitsAll,
    /// There are more parts than scenarios.
    #[error("find a scenario for part {partition}: only {selected} {} selected", if *.selected == 1 { "is" } else { "are" })]
    EmptyPartition {
        /// The part.
        partition: String,
        /// How many scenarios there are.
        selected: usize,
    },
    /// A folder has no scenario in it.
    #[error("find a scenario in the folder {}", folder.display())]
    EmptyFolder {
        /// The folder.
        folder: PathBuf,
        /// How many files of another kind it has: worlds, client set-ups, groups of steps.
        others: usize,
    },
    /// Two files have a name in common: no report could tell them apart.
    #[error("tell {} from {}: both are called `{name}`", second.display(), first.display())]
    SameName {
        /// The name: that of the folder, and of the file.
        name: String,
        /// The one that was selected first.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A file is something else.
    #[error("find a scenario in {}: it is {}", file.display(), kind.in_words())]
    Elsewhere {
        /// The file.
        file: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// What was asked for is an area of the catalog.
    #[error("find a scenario `{area}`")]
    Area {
        /// The area.
        area: String,
    },
    /// No scenario is called like this.
    #[error("find a scenario `{wanted}`")]
    Nothing {
        /// What was asked for.
        wanted: String,
        /// What exists and looks like it, likeliest first.
        nearest: Vec<String>,
    },
}
