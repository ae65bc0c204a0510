use std::time::SystemTime;

use codecommit_helper::timestamp::Timestamp;

use super::*;

fn opening() -> Opening {
    Opening {
        at: Timestamp::new(SystemTime::UNIX_EPOCH),
        connection: 1,
        protocol: "HTTP/1.1".to_owned(),
        method: "GET".to_owned(),
        host: "host".to_owned(),
        path: "/".to_owned(),
    }
}

#[test]
fn settle_waits_for_what_is_in_flight() {
    let journal = Journal::default();
    let recording = journal.begin(opening());
    assert!(!journal.settle(Duration::from_millis(1)));
    recording.note(|exchange| exchange.status = Some(200));
    recording.finish();
    assert!(journal.settle(Duration::ZERO));
    assert_eq!(journal.exchanges()[0].status, Some(200));
    assert!(journal.exchanges()[0].complete);
}

#[test]
fn who_watches_is_told_of_each_exchange_when_it_ends_and_of_the_end() {
    let journal = Journal::default();
    let (first, second) = (journal.begin(opening()), journal.begin(opening()));
    let watch = journal.watch();
    let told = std::thread::spawn(move || watch.map(|told| told.number).collect::<Vec<_>>());
    second.finish();
    first.finish();
    drop(journal.begin(opening()));
    journal.close();
    assert_eq!(told.join().unwrap(), [2, 1, 3]);
}

#[test]
fn a_dropped_exchange_has_ended_incomplete() {
    let journal = Journal::default();
    let mark = journal.mark();
    drop(journal.begin(opening()));
    assert!(journal.settle(Duration::ZERO));
    assert!(!journal.since(mark)[0].complete);
}

fn numbers(journal: &Journal) -> Vec<u64> {
    let exchanges = journal.exchanges();
    exchanges.iter().map(|exchange| exchange.number).collect()
}

#[test]
fn the_last_are_kept_and_what_is_not_is_told() {
    let journal = Journal::keeping(3);
    for _ in 0..3 {
        drop(journal.begin(opening()));
    }
    assert_eq!(journal.dropped(), 0);
    for _ in 0..2 {
        drop(journal.begin(opening()));
    }
    assert_eq!((journal.dropped(), journal.mark()), (2, 5));
    assert_eq!(numbers(&journal), [3, 4, 5]);
    assert_eq!(journal.since(0).len(), 3);
    assert_eq!(journal.since(4).len(), 1);
}

#[test]
fn what_goes_on_is_kept_to_its_end() {
    let journal = Journal::keeping(2);
    let first = journal.begin(opening());
    for _ in 0..5 {
        drop(journal.begin(opening()));
    }
    assert_eq!(numbers(&journal), [1, 6]);
    first.note(|exchange| exchange.status = Some(200));
    first.finish();
    assert_eq!(journal.exchanges()[0].status, Some(200));
    assert!(journal.settle(Duration::ZERO));
    drop(journal.begin(opening()));
    assert_eq!(numbers(&journal), [1, 7]);
    drop(journal.begin(opening()));
    assert_eq!(numbers(&journal), [7, 8]);
}

#[test]
fn who_watches_is_told_of_all_however_late() {
    let journal = Journal::keeping(2);
    let watch = journal.watch();
    let mut late = watch.clone();
    for _ in 0..5 {
        drop(journal.begin(opening()));
    }
    assert_eq!(late.next().unwrap().number, 1);
    assert_eq!(numbers(&journal), [1, 2, 3, 4, 5]);
    drop(watch);
    assert_eq!(numbers(&journal), [2, 3, 4, 5]);
    let from_now = journal.watch();
    journal.close();
    assert_eq!(
        late.map(|told| told.number).collect::<Vec<_>>(),
        [2, 3, 4, 5]
    );
    drop(journal.begin(opening()));
    assert_eq!(
        from_now.map(|told| told.number).collect::<Vec<_>>(),
        [2, 3, 4, 5, 6]
    );
    assert_eq!(numbers(&journal), [5, 6]);
}
