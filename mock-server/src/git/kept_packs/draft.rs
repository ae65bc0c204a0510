//! An answer on its way to the client, which may be kept when it is whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::body::Bytes;

use super::answer::Answer;
use super::pack_file::Writer;
use super::{KeptPacks, Known, Question};

/// What of it has passed.
pub(in crate::git) struct Draft {
    pub(super) packs: Arc<KeptPacks>,
    repository: PathBuf,
    pub(super) question: Question,
    passed: Passed,
}

enum Passed {
    InMemory(Vec<u8>),
    /// Too large for that.
    InFile(Box<Writer>, Claim),
}

/// That nobody else writes the same.
struct Claim {
    packs: Arc<KeptPacks>,
    question: Question,
}

impl Draft {
    pub(super) fn new(packs: &Arc<KeptPacks>, repository: &Path, question: Question) -> Self {
        Self {
            packs: Arc::clone(packs),
            repository: repository.to_owned(),
            question,
            passed: Passed::InMemory(Vec::new()),
        }
    }

    /// With a piece more of the answer; none if it cannot be kept.
    pub(in crate::git) async fn with(mut self, piece: &Bytes) -> Option<Self> {
        match &mut self.passed {
            Passed::InMemory(passed)
                if passed.len() + piece.len() <= self.packs.sizes.in_memory =>
            {
                passed.extend_from_slice(piece);
            }
            Passed::InMemory(passed) => {
                let begun = std::mem::take(passed);
                let claim = Claim::of(&self.packs, &self.question)?;
                let mut writer = Writer::new(&self.packs.folder, self.packs.disk.share());
                claim.write(&mut writer, begun.into()).await?;
                claim.write(&mut writer, piece.clone()).await?;
                self.passed = Passed::InFile(Box::new(writer), claim);
            }
            Passed::InFile(writer, claim) => claim.write(writer, piece.clone()).await?,
        }
        Some(self)
    }

    /// Git has ended well: the answer is whole, and kept if the references are still those that it was asked under.
    pub(in crate::git) async fn keep(self) {
        let now = self.packs.references.settled(&self.repository).await;
        if now.is_some_and(|now| Arc::downgrade(&now).ptr_eq(&self.question.snapshot)) {
            self.learn();
        }
    }

    pub(super) fn learn(self) {
        let Self {
            packs,
            question,
            passed,
            ..
        } = self;
        match passed {
            Passed::InMemory(passed) => {
                packs.learn(question, Known::Kept(Answer::Memory(passed.into())));
            }
            // The client does not wait for the disk.
            Passed::InFile(writer, claim) => {
                tokio::spawn(async move {
                    if let Some(file) = writer.finish().await {
                        packs.learn(question, Known::Kept(Answer::File(Arc::new(file))));
                    }
                    drop(claim);
                });
            }
        }
    }
}

impl Claim {
    fn of(packs: &Arc<KeptPacks>, question: &Question) -> Option<Self> {
        let mut state = packs.lock();
        let mut known = state.known.iter().map(|(it, _)| it);
        if known.any(|it| it.is(question)) || state.written.iter().any(|it| it.is(question)) {
            return None;
        }
        state.written.push(question.clone());
        Some(Self {
            packs: Arc::clone(packs),
            question: question.clone(),
        })
    }

    /// None if it is too much, or there is no place for it.
    async fn write(&self, writer: &mut Writer, piece: Bytes) -> Option<()> {
        let more = piece.len() as u64;
        if writer.length() + more > self.packs.sizes.in_file {
            self.packs.learn(self.question.clone(), Known::TooLarge);
            return None;
        }
        while !writer.grow(more) {
            if !self.packs.forget_a_file() {
                return None;
            }
        }
        writer.write(piece).await.then_some(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.packs.lock();
        state.written.retain(|it| !it.is(&self.question));
    }
}
