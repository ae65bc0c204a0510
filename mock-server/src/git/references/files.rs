//! The files that hold references, and their stamps.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::{Head, Reference};

/// What was found, and the stamps of all that was looked at.
pub(super) struct Files {
    pub(super) stamps: Vec<(PathBuf, Stamp)>,
    /// None if there is something in it that this reader does not know.
    pub(super) content: Option<Content>,
}

/// The references of a repository.
pub(super) struct Content {
    pub(super) head: Head,
    pub(super) references: Vec<Reference>,
}

/// What tells one state of a file from another; see the module's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// There is none, or it cannot be looked at.
    Absent,
    /// Device, inode, size, time of modification, time of change.
    Present([i64; 7]),
}

impl Stamp {
    /// Whether stamps can be trusted at all: elsewhere there is no time of change that programs cannot set.
    pub(super) const ARE_EXACT: bool = cfg!(unix);

    pub(super) fn of(path: &Path) -> Self {
        fs::symlink_metadata(path).map_or(Self::Absent, |metadata| Self::from(&metadata))
    }

    #[cfg(unix)]
    fn from(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::Present([
            metadata.dev().cast_signed(),
            metadata.ino().cast_signed(),
            metadata.size().cast_signed(),
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
        ])
    }

    #[cfg(not(unix))]
    fn from(metadata: &Metadata) -> Self {
        Self::Present([
            i64::try_from(metadata.len()).unwrap_or(i64::MAX),
            0,
            0,
            0,
            0,
            0,
            0,
        ])
    }
}

/// Reads all that there is.
pub(super) fn read(repository: &Path) -> Files {
    let mut reader = Reader { stamps: Vec::new() };
    let content = reader.content(repository);
    Files {
        stamps: reader.stamps,
        content,
    }
}

struct Reader {
    stamps: Vec<(PathBuf, Stamp)>,
}

impl Reader {
    fn content(&mut self, repository: &Path) -> Option<Content> {
        if !is_plain(&self.text(repository.join("config"))??) {
            return None;
        }
        for special in ["shallow", "objects/info/alternates"] {
            if self.stamp(repository.join(special)) != Stamp::Absent {
                return None;
            }
        }
        let head = self.text(repository.join("HEAD"))??;
        let mut loose = BTreeMap::new();
        self.loose(&repository.join("refs"), "refs", &mut loose)?;
        let mut names = match self.text(repository.join("packed-refs"))? {
            None => BTreeMap::new(),
            Some(text) => packed(&text)?,
        };
        names.extend(loose);
        let head = match head.trim_end().strip_prefix("ref:") {
            None => Head {
                target: None,
                id: Some(object_id(&head)?),
            },
            Some(target) => {
                let target = target.trim_start();
                is_name(target).then_some(())?;
                Head {
                    id: names.get(target).cloned(),
                    target: Some(target.to_owned()),
                }
            }
        };
        let references = names
            .into_iter()
            .map(|(name, id)| Reference { name, id })
            .collect();
        Some(Content { head, references })
    }

    /// Takes the stamp of a file, before it is read.
    fn stamp(&mut self, path: PathBuf) -> Stamp {
        let stamp = Stamp::of(&path);
        self.stamps.push((path, stamp));
        stamp
    }

    /// A file's text, if it is there. Outer none: it cannot be read, or is not text.
    #[expect(clippy::option_option, reason = "unreadable and absent are different")]
    fn text(&mut self, path: PathBuf) -> Option<Option<String>> {
        if self.stamp(path.clone()) == Stamp::Absent {
            return Some(None);
        }
        fs::read_to_string(path).ok().map(Some)
    }

    /// The loose references below a folder. Git passes over names that begin with a dot or end in `.lock`.
    fn loose(
        &mut self,
        folder: &Path,
        prefix: &str,
        found: &mut BTreeMap<String, String>,
    ) -> Option<()> {
        self.stamp(folder.to_owned());
        for entry in fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            if name.starts_with('.') || name.ends_with(".lock") {
                continue;
            }
            let full = format!("{prefix}/{name}");
            let kind = entry.file_type().ok()?;
            if kind.is_dir() {
                self.loose(&entry.path(), &full, found)?;
            } else if kind.is_file() && is_name(&full) {
                let text = match self.text(entry.path())? {
                    Some(text) => text,
                    // Removed since the folder was read: its stamp tells, if this is ever used again.
                    None => continue,
                };
                found.insert(full, object_id(&text)?);
            } else {
                return None;
            }
        }
        Some(())
    }
}

/// Whether a configuration has nothing in it that could change what is advertised.
fn is_plain(config: &str) -> bool {
    let mut section = String::new();
    config.lines().map(str::trim).all(|line| {
        if line.is_empty() || line.starts_with(['#', ';']) {
            return true;
        }
        if let Some(header) = line.strip_prefix('[') {
            let name = header.split([']', ' ']).next().unwrap_or_default();
            section = name.to_ascii_lowercase();
            return line.ends_with(']')
                && ["core", "remote", "branch", "user", "gc"].contains(&&*section);
        }
        let (key, value) = line.split_once('=').unwrap_or((line, "true"));
        let key = key.trim().to_ascii_lowercase();
        section != "core"
            || match &*key {
                "repositoryformatversion" => value.trim() == "0",
                "filemode" | "bare" | "ignorecase" | "precomposeunicode" | "symlinks"
                | "logallrefupdates" | "hidedotfiles" => true,
                _ => false,
            }
    })
}

/// The packed references. What their tags point to is asked for with all other ids.
fn packed(text: &str) -> Option<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for line in text.lines() {
        if line.starts_with(['#', '^']) {
            continue;
        }
        let (id, name) = line.split_once(' ')?;
        is_name(name).then_some(())?;
        names.insert(name.to_owned(), object_id(id)?);
    }
    Some(names)
}

/// An id of forty digits, with nothing but white space behind it.
fn object_id(text: &str) -> Option<String> {
    let (id, rest) = text.split_at_checked(40)?;
    let is_id = id
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (is_id && rest.trim().is_empty()).then(|| id.to_owned())
}

/// Whether git would take this for the name of a reference without a word (git-check-ref-format, less what is rare).
fn is_name(name: &str) -> bool {
    let is_component =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    name.starts_with("refs/")
        && name.split('/').all(is_component)
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(|c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c))
}
