//! A repository's references, read in process, because a child would cost more than all the rest of an answer.
//!
//! # Why a kept reading is never an old one
//!
//! Anybody may change a repository at any time: a push through this server, `git update-ref` in the data folder, an editor. So
//! nothing is kept because of what the server has done or not done. A reading is kept with the stamps (device, inode, size,
//! time of modification, time of change) of every file and folder that it comes from, files that were absent included, and
//! each request compares all of them with the disk before it uses the reading.
//!
//! Equal stamps alone prove nothing: a file system counts time in steps (nanoseconds to two seconds), and a file that is
//! written twice in one step can have the same stamps both times. Therefore a reading is *settled* only when it was made again
//! [`SETTLING`] after its stamps were first seen, and they were still the same. The stamps are then older than a step of the
//! clock, and whatever changes after the second reading gets a time of change that is a later one. Until then, each request
//! reads everything anew. Three things make this hold:
//!
//! - A stamp is taken before what it stands for is read. A change between the two makes the reading newer than its stamp, and
//!   the next comparison fails.
//! - The time of change is the kernel's: no program can set it back, as it can the time of modification. The waiting is measured
//!   by the monotonic clock, and stamps are compared with stamps only, so that no clock has to agree with another.
//! - A change that adds, renames or removes an entry changes the folder's stamp; one in place changes the file's.
//!
//! Loose references are read before the packed ones, as git does it: `git pack-refs` writes the packed file before it removes
//! the loose ones, so that none is missed.
//!
//! What is told by bytes that never change is kept longer: which kind of object an id names, and what a tag points to.
//!
//! `gix-ref` was considered. It keeps packed references by their time of modification alone, which is not enough for the above.
//! Everything that this reader does not know (reftable, other object formats, settings that hide references, shallow
//! repositories, alternates, symbolic references below `refs/`, broken ones) it leaves to git.

mod files;
mod objects;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use self::files::Stamp;
pub(super) use self::objects::Object;
use crate::git_program::GitProgram;

/// Longer than a step of any file system's clock (FAT: two seconds).
const SETTLING: Duration = Duration::from_millis(2250);

/// So many stamps are compared where they are asked for: that takes less than handing them to another thread.
const FEW_STAMPS: usize = 64;

/// The references of every repository that was asked for.
#[derive(Debug)]
pub(super) struct References {
    program: GitProgram,
    settling: Duration,
    kept: Mutex<HashMap<PathBuf, Arc<Kept>>>,
}

/// One repository's references at one time.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    pub(super) head: Head,
    /// Sorted by name.
    pub(super) references: Vec<Reference>,
    /// What each id is.
    pub(super) objects: HashMap<String, Object>,
    /// The advertisements made of them: for fetching, for pushing.
    pub(super) advertisements: [OnceLock<Bytes>; 2],
}

/// Where `HEAD` points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The reference that it names; none if it is detached.
    pub(super) target: Option<String>,
    /// The object; none if the branch is not born.
    pub(super) id: Option<String>,
}

/// A name and the object that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) id: String,
}

#[derive(Debug)]
struct Kept {
    stamps: Vec<(PathBuf, Stamp)>,
    /// None: git has to be asked.
    snapshot: Option<Arc<Snapshot>>,
    /// These stamps were on the disk then.
    first_seen: Instant,
    is_settled: bool,
}

impl Kept {
    /// Whether it can be told without reading the files again.
    async fn holds(self: &Arc<Self>) -> bool {
        if !self.is_settled {
            return false;
        }
        if self.stamps.len() <= FEW_STAMPS {
            return self.has_its_stamps();
        }
        let kept = Arc::clone(self);
        // A task that panics has said so already; the files can still be read.
        tokio::task::spawn_blocking(move || kept.has_its_stamps())
            .await
            .unwrap_or(false)
    }

    fn has_its_stamps(&self) -> bool {
        let is_same = |(path, stamp): &(PathBuf, Stamp)| Stamp::of(path) == *stamp;
        self.stamps.iter().all(is_same)
    }
}

impl Snapshot {
    /// What a tag points to in the end; none for any other object.
    pub(super) fn peeled(&self, id: &str) -> Option<&str> {
        match self.objects.get(id)? {
            Object::Tag { peeled } => Some(peeled),
            Object::Other => None,
        }
    }
}

impl References {
    pub(super) fn new(program: GitProgram) -> Self {
        Self::settling_in(program, SETTLING)
    }

    fn settling_in(program: GitProgram, settling: Duration) -> Self {
        Self {
            program,
            settling,
            kept: Mutex::default(),
        }
    }

    /// The references as they are now, or at a time since the call began. None if git has to be asked.
    pub(super) async fn now(self: &Arc<Self>, repository: &Path) -> Option<Arc<Snapshot>> {
        let kept = self.kept(repository);
        if let Some(kept) = &kept
            && kept.holds().await
        {
            return kept.snapshot.clone();
        }
        let (references, repository) = (Arc::clone(self), repository.to_owned());
        // A task that panics has said so already; git can still be asked.
        tokio::task::spawn_blocking(move || references.read(repository, kept))
            .await
            .ok()?
    }

    /// The references if they have not changed for so long that they are not read anew: then it is the same snapshot as the
    /// last time.
    pub(super) async fn settled(&self, repository: &Path) -> Option<Arc<Snapshot>> {
        let kept = self.kept(repository)?;
        if kept.holds().await {
            kept.snapshot.clone()
        } else {
            None
        }
    }

    fn kept(&self, repository: &Path) -> Option<Arc<Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(repository).cloned()
    }

    fn read(&self, repository: PathBuf, kept: Option<Arc<Kept>>) -> Option<Arc<Snapshot>> {
        let began = Instant::now();
        let files = files::read(&repository);
        let snapshot = match files.content {
            None => None,
            Some(content) => {
                let known = kept.as_ref().and_then(|kept| kept.snapshot.as_deref());
                // An object that is missing now may be there the next time, and no stamp would tell: not kept.
                let objects = objects::describe(&self.program, &repository, &content, known)?;
                Some(Arc::new(Snapshot {
                    head: content.head,
                    references: content.references,
                    objects,
                    advertisements: Default::default(),
                }))
            }
        };
        let same = kept.filter(|kept| kept.stamps == files.stamps);
        let first_seen = same.map_or_else(Instant::now, |same| same.first_seen);
        let kept = Kept {
            stamps: files.stamps,
            snapshot: snapshot.clone(),
            first_seen,
            is_settled: Stamp::ARE_EXACT
                && began.saturating_duration_since(first_seen) >= self.settling,
        };
        // Of two that read at once the later one stays, though it may have read first: its stamps tell.
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(repository, Arc::new(kept));
        snapshot
    }
}
