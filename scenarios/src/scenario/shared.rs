//! What several scenarios have in common: worlds, set-ups of the user's machine, and groups of steps, each in a file of its own.
//!
//! The built-in ones lie in `scenarios/shared/` and are known by name; a scenario in a file of the user's own can name files
//! beside it, too.

use std::path::Path;

use codecommit_helper::secret::Secret;
use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use codecommit_mock::world::World;
use include_dir::{Dir, include_dir};

use super::text::{Texts, TextsFile};

static SHARED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/shared");

/// What a file gives to scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who and what exists on the server: `[world] extends`.
    World,
    /// What the user's machine has: `[client] extends`.
    Client,
    /// What happens, one thing after the other: `include`.
    Steps,
}

/// A file that a scenario takes something from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// What it gives.
    pub kind: Kind,
    /// As the scenario names it.
    pub name: String,
    /// The file.
    pub document: Source,
}

/// The shared files that a scenario has come upon.
#[derive(Debug)]
pub(super) struct Library {
    used: Vec<Shared>,
    pub(super) texts: Texts,
    /// What exists when the step that is being read is played.
    pub(super) world: World,
    /// The secrets that steps have brought.
    pub(super) secrets: Vec<Secret>,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::World, Self::Client, Self::Steps];

    /// The folder of the built-in ones.
    pub fn folder(self) -> &'static str {
        match self {
            Self::World => "worlds",
            Self::Client => "clients",
            Self::Steps => "steps",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Client => "client set-up",
            Self::Steps => "group of steps",
        }
    }
}

impl Shared {
    /// What the file says of itself: the comment that it begins with.
    pub fn about(&self) -> String {
        let lines = self.document.text().lines();
        let comment: Vec<&str> = lines
            .map_while(|line| line.strip_prefix('#'))
            .map(str::trim)
            .collect();
        comment.join(" ")
    }
}

impl Library {
    /// With the texts of `shared/texts.toml`.
    ///
    /// # Errors
    /// That file is wrong.
    pub(super) fn new() -> Result<Self, DocumentError> {
        let mut texts = Texts::default();
        if let Some(document) = texts_file() {
            texts.add(&document, document::parse::<TextsFile>(&document)?.text)?;
        }
        Ok(Self {
            used: Vec::new(),
            texts,
            world: World::empty(),
            secrets: Vec::new(),
        })
    }

    /// The file that `name` means in the document `asking`: a built-in one, or one beside it.
    pub(super) fn find(
        &mut self,
        kind: Kind,
        name: &Spanned<String>,
        asking: &Source,
    ) -> Result<Source, DocumentError> {
        let word = name.get_ref();
        let found = if is_path(word) {
            let folder = Path::new(asking.name()).parent();
            let path = folder.unwrap_or(Path::new("")).join(word);
            Source::read(&path).map_err(|error| {
                let help = error.hint().map(|_| {
                    "a path begins at the folder of the file that it stands in".to_owned()
                });
                asking.error_at(name.span(), format!("failed to {error}"), help)
            })?
        } else {
            built_in(kind, word).ok_or_else(|| unknown(kind, name, asking))?
        };
        let shared = Shared {
            kind,
            name: word.clone(),
            document: found.clone(),
        };
        if !self.used.contains(&shared) {
            self.used.push(shared);
        }
        Ok(found)
    }

    /// The files that were asked for, in that order.
    pub(super) fn used(self) -> Vec<Shared> {
        self.used
    }
}

/// Refuses that a document extends itself, over others or not. `trail` are the documents that lead to `found`.
pub(super) fn no_circle(
    found: &Source,
    name: &Spanned<String>,
    trail: &[Source],
) -> Result<(), DocumentError> {
    match trail.last() {
        Some(asking) if trail.iter().any(|known| known.name() == found.name()) => {
            Err(asking.error_at(name.span(), "this extends itself", None))
        }
        _ => Ok(()),
    }
}

/// The built-in file of this name.
pub fn built_in(kind: Kind, name: &str) -> Option<Source> {
    let path = format!("{}/{name}.toml", kind.folder());
    let text = SHARED.get_file(&path)?.contents_utf8()?;
    Some(Source::new(format!("shared/{path}"), text))
}

/// The texts that scenarios share.
fn texts_file() -> Option<Source> {
    let text = SHARED.get_file("texts.toml")?.contents_utf8()?;
    Some(Source::new("shared/texts.toml", text))
}

/// The names of the built-in ones.
pub fn names(kind: Kind) -> Vec<&'static str> {
    let folder = SHARED.get_dir(kind.folder());
    let mut names: Vec<&str> = folder
        .iter()
        .flat_map(|folder| folder.files())
        .filter_map(|file| file.path().file_stem()?.to_str())
        .collect();
    names.sort_unstable();
    names
}

fn is_path(word: &str) -> bool {
    word.contains(['/', '\\']) || word.ends_with(".toml")
}

fn unknown(kind: Kind, name: &Spanned<String>, asking: &Source) -> DocumentError {
    let mut known = names(kind);
    if kind == Kind::World {
        known.extend(codecommit_mock::world::World::NAMES);
    }
    let word = name.get_ref();
    let help = document::did_you_mean(word, known.iter().copied()).unwrap_or_else(|| {
        format!(
            "known here: {}; a file beside this one is written `./{word}.toml`",
            known.join(", ")
        )
    });
    asking.error_at(
        name.span(),
        format!("unknown {} `{word}`", kind.noun()),
        Some(help),
    )
}
