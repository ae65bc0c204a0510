use std::time::SystemTime;

use codecommit_helper::timestamp::Timestamp;
use http_body_util::BodyExt as _;

use super::*;
use crate::fault::wire::WireControl;
use crate::git::patience::Patience;
use crate::git::streamed::Client;
use crate::journal::{Journal, Opening};
use crate::limits::Limits;

fn kept_in(folder: &Path, sizes: Sizes, on_disk: u64) -> Arc<KeptPacks> {
    let git = crate::git_program::GitProgram::new("git".into(), folder.to_owned());
    Arc::new(KeptPacks {
        sizes,
        disk: Disk::of(on_disk),
        ..KeptPacks::new(Arc::new(References::new(git)), folder)
    })
}

const SMALL: Sizes = Sizes {
    in_memory: 10,
    sum_in_memory: 80,
    in_file: 100,
};

fn in_memory() -> Arc<KeptPacks> {
    kept_in(Path::new("/nowhere"), SMALL, 200)
}

fn question(snapshot: &Arc<Snapshot>, request: &'static str) -> Question {
    Question {
        snapshot: Arc::downgrade(snapshot),
        protocol: None,
        request: Bytes::from_static(request.as_bytes()),
    }
}

fn memory(bytes: &'static [u8]) -> Known {
    Known::Kept(Answer::Memory(Bytes::from_static(bytes)))
}

/// A draft to which so many bytes have been said, in pieces of ten.
async fn draft(packs: &Arc<KeptPacks>, question: Question, bytes: usize) -> Option<Draft> {
    let mut draft = Draft::new(packs, Path::new("/repository"), question);
    for _ in 0..bytes / 10 {
        draft = draft.with(&Bytes::from_static(b"0123456789")).await?;
    }
    Some(draft)
}

fn body(answer: Answer) -> crate::git::Body {
    let opening =
        Opening::of_connection(Timestamp::new(SystemTime::UNIX_EPOCH), 1, "HTTP/1.1", None);
    let recording = Journal::default().begin(opening);
    answer.body(Client {
        patience: Patience::new(&Limits::default()),
        recording,
        wire: WireControl::default(),
    })
}

async fn read(answer: Answer) -> Vec<u8> {
    let body = body(answer).collect().await;
    body.unwrap().to_bytes().to_vec()
}

#[test]
fn an_answer_is_found_for_the_same_request_under_the_same_reading_only() {
    let (packs, snapshot) = (in_memory(), Arc::default());
    packs.learn(question(&snapshot, "want a"), memory(b"pack"));
    assert!(packs.find(&question(&snapshot, "want a")).is_some());
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
    let (packs, snapshot) = (in_memory(), Arc::default());
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for name in names {
        packs.learn(question(&snapshot, name), memory(b"0123456789"));
    }
    assert!(packs.find(&question(&snapshot, "a")).is_some());
    packs.learn(question(&snapshot, "i"), memory(b"0123456789"));
    assert!(packs.find(&question(&snapshot, "a")).is_some());
    assert!(packs.find(&question(&snapshot, "b")).is_none());
}

#[tokio::test]
async fn what_is_too_large_for_memory_is_in_a_file_without_a_name_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(folder.path(), SMALL, 200);
    let snapshot = Arc::default();
    let answer = finished(draft(&packs, question(&snapshot, "a"), 90).await).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let many = [answer.clone(), answer.clone(), answer].map(|answer| tokio::spawn(read(answer)));
    for one in many {
        assert_eq!(one.await.unwrap(), b"0123456789".repeat(9));
    }
}

/// What is kept of a draft.
async fn finished(draft: Option<Draft>) -> Answer {
    let draft = draft.unwrap();
    let (packs, question) = (Arc::clone(&draft.packs), draft.question.clone());
    draft.learn();
    loop {
        match packs.find(&question) {
            Some(Known::Kept(answer)) => return answer,
            Some(Known::TooLarge) => panic!("too large"),
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn what_is_too_large_for_a_file_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(folder.path(), SMALL, 200);
    let snapshot = Arc::default();
    assert!(draft(&packs, question(&snapshot, "a"), 110).await.is_none());
    let known = packs.find(&question(&snapshot, "a"));
    assert!(matches!(known, Some(Known::TooLarge)), "{known:?}");
    assert!(draft(&packs, question(&snapshot, "a"), 20).await.is_none());
    // Nothing is taken of the disk any more.
    finished(draft(&packs, question(&snapshot, "b"), 100).await).await;
    finished(draft(&packs, question(&snapshot, "c"), 100).await).await;
    assert!(packs.find(&question(&snapshot, "b")).is_some());
}

#[tokio::test]
async fn of_many_that_answer_the_same_one_writes_it_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(folder.path(), SMALL, 200);
    let snapshot = Arc::default();
    let first = draft(&packs, question(&snapshot, "a"), 20).await.unwrap();
    assert!(draft(&packs, question(&snapshot, "a"), 20).await.is_none());
    assert!(draft(&packs, question(&snapshot, "b"), 20).await.is_some());
    drop(first);
    // The first one's client went away: the next one's turn.
    assert!(draft(&packs, question(&snapshot, "a"), 20).await.is_some());
}

#[tokio::test]
async fn files_together_take_no_more_of_the_disk_than_they_may() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(folder.path(), SMALL, 200);
    let snapshot = Arc::default();
    for name in ["a", "b"] {
        finished(draft(&packs, question(&snapshot, name), 100).await).await;
    }
    let Some(Known::Kept(a)) = packs.find(&question(&snapshot, "a")) else {
        panic!("it is not kept");
    };
    // `b` was not used for longest.
    finished(draft(&packs, question(&snapshot, "c"), 100).await).await;
    assert!(packs.find(&question(&snapshot, "b")).is_none());
    // Who reads one keeps it whole, and its place with it.
    let d = draft(&packs, question(&snapshot, "d"), 100).await;
    assert!(d.is_some());
    assert!(draft(&packs, question(&snapshot, "e"), 100).await.is_none());
    drop(d);
    assert!(draft(&packs, question(&snapshot, "e"), 100).await.is_some());
    assert_eq!(read(a).await, b"0123456789".repeat(10));
}

#[tokio::test]
async fn what_cannot_be_written_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(&folder.path().join("nowhere"), SMALL, 200);
    let snapshot = Arc::default();
    if let Some(draft) = draft(&packs, question(&snapshot, "a"), 50).await {
        draft.learn();
    }
    while !packs.lock().written.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(packs.find(&question(&snapshot, "a")).is_none());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_cuts_the_answer_and_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let packs = kept_in(folder.path(), SMALL, 200);
    let snapshot = Arc::default();
    let answer = finished(draft(&packs, question(&snapshot, "a"), 90).await).await;
    let Answer::File(file) = &answer else {
        panic!("it is in memory");
    };
    file.cut();
    assert!(body(answer).collect().await.is_err());
    assert!(packs.find(&question(&snapshot, "a")).is_none());
}
