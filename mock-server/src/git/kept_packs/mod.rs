//! The packs of clones, kept: a clone that was answered once costs no child the second time.
//!
//! Why what is kept can be neither old nor more than git would give:
//!
//! - Authentication and authorization come first; nothing here knows of them.
//! - A request is answered from here only if it has no `have`. What it wants are ids, and what ids name never changes, so the
//!   answer is the same for as long as git lets the client have it. What git allows is told by the references: an answer
//!   belongs to one settled reading of them ([`super::references`]), and is found only while that reading is the one that
//!   holds. Whatever is written to a reference, or to the repository's configuration, makes another reading.
//! - The same reading has to hold before git is started and after it has ended. A reading is settled only while no stamp of
//!   its files has changed, so that git has seen these references and no others.
//! - Only the answer of a git that ended well is kept, whole.
//!
//! A request is the key with all of its bytes. Small answers are kept in memory, larger ones in files without a name in the
//! server's data folder, which are gone with the server however it ends. What is larger still is passed on and forgotten. So
//! is what cannot be written, or not as fast as the client takes it: the clone that it is for goes on.

mod answer;
mod disk;
mod draft;
mod pack_file;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use hyper::body::Bytes;

use self::answer::Answer;
use self::disk::Disk;
pub(super) use self::draft::Draft;
use super::references::{References, Snapshot};
use super::request_body::Beginning;

/// A longer request is git's alone.
const LARGEST_REQUEST: usize = 4 * 1024;
const MOST_ANSWERS: usize = 64;

/// How large answers may be, in bytes.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// The largest that is kept in memory, and all of those together.
    in_memory: usize,
    sum_in_memory: usize,
    /// The largest that is kept in a file. The sum of the files is [`Disk`]'s.
    in_file: u64,
}

const MIB: u64 = 1024 * 1024;
const SIZES: Sizes = Sizes {
    in_memory: 1024 * 1024,
    sum_in_memory: 8 * 1024 * 1024,
    in_file: 256 * MIB,
};
const SUM_ON_DISK: u64 = 512 * MIB;

/// The answers that are kept.
#[derive(Debug)]
pub(super) struct KeptPacks {
    references: Arc<References>,
    /// On whose file system the files are.
    folder: PathBuf,
    sizes: Sizes,
    disk: Disk,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The one that was used last is at the end.
    known: VecDeque<(Question, Known)>,
    /// What is being written to files now: once each.
    written: Vec<Question>,
}

#[derive(Clone, Debug)]
enum Known {
    Kept(Answer),
    /// Not to be tried again.
    TooLarge,
}

/// A clone's request, and the references that it was made under.
#[derive(Clone, Debug)]
struct Question {
    /// Weak, so that what is kept does not keep old references.
    snapshot: Weak<Snapshot>,
    protocol: Option<String>,
    request: Bytes,
}

/// Whether an answer is kept.
pub(super) enum Lookup {
    Found(Answer),
    /// But it may be when it is there.
    NotYet(Draft),
    /// It is not of the kind that is.
    Never,
}

/// Whether an answer to this request can be kept: it wants, and has nothing. `have` anywhere in it is taken for having.
fn is_a_clones(request: &[u8]) -> bool {
    let says = |word: &[u8]| request.windows(word.len()).any(|seen| seen == word);
    says(b"want ") && !says(b"have ")
}

impl Question {
    fn is(&self, other: &Self) -> bool {
        self.snapshot.ptr_eq(&other.snapshot)
            && self.protocol == other.protocol
            && self.request == other.request
    }

    /// Whether it can be asked again.
    fn is_of_today(&self) -> bool {
        self.snapshot.strong_count() > 0
    }
}

impl KeptPacks {
    /// Nothing is in `folder` before something is kept, and nothing can be seen there then.
    pub(super) fn new(references: Arc<References>, folder: &Path) -> Self {
        Self {
            references,
            folder: folder.to_owned(),
            sizes: SIZES,
            disk: Disk::of(SUM_ON_DISK),
            state: Mutex::default(),
        }
    }

    /// Looks whether a request is a clone's, and at the references' files only then.
    pub(super) async fn look_for(
        self: &Arc<Self>,
        repository: &Path,
        protocol: Option<&str>,
        request: &Beginning,
    ) -> Lookup {
        let Beginning { bytes, is_whole } = request;
        if !is_whole || bytes.len() > LARGEST_REQUEST || !is_a_clones(bytes) {
            return Lookup::Never;
        }
        let Some(snapshot) = self.references.settled(repository).await else {
            return Lookup::Never;
        };
        let question = Question {
            snapshot: Arc::downgrade(&snapshot),
            protocol: protocol.map(str::to_owned),
            request: bytes.clone(),
        };
        match self.find(&question) {
            Some(Known::Kept(answer)) => Lookup::Found(answer),
            Some(Known::TooLarge) => Lookup::Never,
            None => Lookup::NotYet(Draft::new(self, repository, question)),
        }
    }

    /// What is known of this from before.
    fn find(&self, question: &Question) -> Option<Known> {
        let mut state = self.lock();
        state.known.retain(|(it, _)| it.is_of_today());
        let at = state.known.iter().position(|(it, _)| it.is(question))?;
        let found = state.known.remove(at)?;
        if matches!(&found.1, Known::Kept(answer) if answer.is_broken()) {
            return None;
        }
        let known = found.1.clone();
        state.known.push_back(found);
        Some(known)
    }

    fn learn(&self, question: Question, known: Known) {
        let mut state = self.lock();
        state
            .known
            .retain(|(it, _)| it.is_of_today() && !it.is(&question));
        state.known.push_back((question, known));
        while state.known.len() > MOST_ANSWERS {
            state.known.pop_front();
        }
        let in_memory = |(_, known): &(Question, Known)| match known {
            Known::Kept(answer) => answer.size_in_memory(),
            Known::TooLarge => 0,
        };
        let mut sum: usize = state.known.iter().map(in_memory).sum();
        while sum > self.sizes.sum_in_memory {
            let Some(oldest) = state.known.iter().position(|known| in_memory(known) > 0) else {
                return;
            };
            sum -= state.known.remove(oldest).as_ref().map_or(0, in_memory);
        }
    }

    /// Forgets the file that was not used for longest; false if there is none.
    fn forget_a_file(&self) -> bool {
        let mut state = self.lock();
        let is_file =
            |(_, known): &(Question, Known)| matches!(known, Known::Kept(Answer::File(_)));
        let oldest = state.known.iter().position(is_file);
        let forgotten = oldest.and_then(|oldest| state.known.remove(oldest));
        drop(state);
        forgotten.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
