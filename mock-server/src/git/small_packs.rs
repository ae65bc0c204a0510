//! The packs of small clones, kept: a clone that was answered once costs no child the second time.
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
//! A request is the key with all of its bytes; answers larger than [`LARGEST_ANSWER`] are passed on and forgotten.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use hyper::body::Bytes;

use super::references::{References, Snapshot};

/// A longer request is git's alone.
pub(super) const LARGEST_REQUEST: usize = 4 * 1024;
/// The largest answer that is kept, and all of them together.
const LARGEST_ANSWER: usize = 1024 * 1024;
const LARGEST_SUM: usize = 8 * 1024 * 1024;
const MOST_ANSWERS: usize = 64;

/// The answers, the one that was used last at the end.
#[derive(Debug, Default)]
pub(super) struct SmallPacks {
    kept: Mutex<VecDeque<(Question, Bytes)>>,
}

/// A clone's request, and the references that it was made under.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// Weak, so that what is kept does not keep old references.
    pub(super) snapshot: Weak<Snapshot>,
    pub(super) protocol: Option<String>,
    pub(super) request: Bytes,
}

/// An answer on its way to the client, which may be kept when it is whole.
pub(super) struct Candidate {
    pub(super) packs: Arc<SmallPacks>,
    pub(super) references: Arc<References>,
    pub(super) repository: PathBuf,
    pub(super) question: Question,
    pub(super) answer: Vec<u8>,
}

/// Whether an answer to this request can be kept: it wants, and has nothing. `have` anywhere in it is taken for having.
pub(super) fn is_a_clones(request: &[u8]) -> bool {
    let says = |word: &[u8]| request.windows(word.len()).any(|seen| seen == word);
    says(b"want ") && !says(b"have ")
}

impl Question {
    fn is(&self, other: &Self) -> bool {
        self.snapshot.ptr_eq(&other.snapshot)
            && self.protocol == other.protocol
            && self.request == other.request
    }
}

impl SmallPacks {
    /// What git has answered to this before.
    pub(super) fn find(&self, question: &Question) -> Option<Bytes> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known.is(question))?;
        let found = kept.remove(at)?;
        let answer = found.1.clone();
        kept.push_back(found);
        Some(answer)
    }

    fn keep(&self, question: Question, answer: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| known.snapshot.strong_count() > 0 && !known.is(&question));
        kept.push_back((question, answer));
        let mut sum: usize = kept.iter().map(|(_, answer)| answer.len()).sum();
        while sum > LARGEST_SUM || kept.len() > MOST_ANSWERS {
            let Some((_, oldest)) = kept.pop_front() else {
                return;
            };
            sum -= oldest.len();
        }
    }
}

impl Candidate {
    /// With a piece more of the answer; none if it becomes too large.
    pub(super) fn with(mut self, piece: &[u8]) -> Option<Self> {
        if self.answer.len() + piece.len() > LARGEST_ANSWER {
            return None;
        }
        self.answer.extend_from_slice(piece);
        Some(self)
    }

    /// Git has ended well: the answer is whole, and kept if the references are still those that it was asked under.
    pub(super) async fn keep(self) {
        let now = self.references.settled(&self.repository).await;
        if now.is_some_and(|now| Arc::downgrade(&now).ptr_eq(&self.question.snapshot)) {
            self.packs.keep(self.question, self.answer.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(snapshot: &Arc<Snapshot>, request: &'static str) -> Question {
        Question {
            snapshot: Arc::downgrade(snapshot),
            protocol: None,
            request: Bytes::from_static(request.as_bytes()),
        }
    }

    #[test]
    fn an_answer_is_found_for_the_same_request_under_the_same_reading_only() {
        let (packs, snapshot) = (SmallPacks::default(), Arc::default());
        packs.keep(question(&snapshot, "want a"), Bytes::from_static(b"pack"));
        let found = packs.find(&question(&snapshot, "want a"));
        assert_eq!(found.as_deref(), Some(&b"pack"[..]));
        assert!(packs.find(&question(&snapshot, "want b")).is_none());
        // Equal references, read again.
        let again = Arc::default();
        assert!(packs.find(&question(&again, "want a")).is_none());
        let version_2 = Question {
            protocol: Some("version=2".to_owned()),
            ..question(&snapshot, "want a")
        };
        assert!(packs.find(&version_2).is_none());
    }

    #[test]
    fn a_request_that_has_something_is_not_a_clones() {
        assert!(is_a_clones(b"0032want 1234\n00000009done\n"));
        assert!(!is_a_clones(b"0032want 1234\n0032have 1234\n"));
        assert!(!is_a_clones(b"0000"));
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (packs, snapshot) = (SmallPacks::default(), Arc::default());
        let large = || Bytes::from(vec![0; LARGEST_ANSWER]);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for name in names {
            packs.keep(question(&snapshot, name), large());
        }
        assert!(packs.find(&question(&snapshot, "a")).is_some());
        packs.keep(question(&snapshot, "i"), large());
        assert!(packs.find(&question(&snapshot, "a")).is_some());
        assert!(packs.find(&question(&snapshot, "b")).is_none());
    }
}
