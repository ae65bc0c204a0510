//! A clone that was answered before costs no child, and never tells what git would not tell now.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use codecommit_tests::wire::{Answer, Wire, basic, packet};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, noise, url};

/// So much is not kept in memory.
const LARGE: usize = 3 * 1024 * 1024;

/// Reads the references, as every client does first, then asks for an object as a clone does.
fn fetch(lab: &Lab, id: &str) -> Answer {
    ask(lab, id).answer()
}

/// The same; nothing of the answer has been read.
fn ask(lab: &Lab, id: &str) -> Wire {
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(lab, HOST);
    wire.info_refs(PATH, Some(&authorization));
    let request = format!(
        "{}0000{}",
        packet(&format!("want {id} side-band-64k\n")),
        packet("done\n")
    );
    let length = request.len().to_string();
    wire.head(
        &format!("POST {PATH}/git-upload-pack"),
        &[
            ("Authorization", &authorization),
            ("Content-Length", &length),
        ],
    );
    wire.send(request.as_bytes());
    wire
}

/// Pushes a file that is too large for memory from the clone `work`, and gives the commit's id.
fn push_large(lab: &Lab, seed: u64, length: usize) -> String {
    fs::write(lab.home().join("work/large"), noise(seed, length)).unwrap();
    lab.git(&["-C", "work", "add", "large"]).ok();
    let pushed = lab.commit("work", &seed.to_string());
    // In one piece: of a push in pieces curl 7.88 may ask for more after its end over HTTP/2, and git waits for itself for ever
    // (git's pull request 1608).
    lab.config("http.postBuffer", "32m");
    lab.push("work", "HEAD:main");
    pushed
}

/// The names in the server's data folder.
fn names(lab: &Lab) -> Vec<OsString> {
    let entries = fs::read_dir(lab.server.data_dir()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

fn has_pack(answer: &Answer) -> bool {
    answer.body.windows(4).any(|bytes| bytes == b"PACK")
}

/// What is on the band of the pack, whole: where git cuts it into packets is a matter of time.
fn pack(answer: &Answer) -> Vec<u8> {
    let (mut pack, mut rest) = (Vec::new(), &*answer.body);
    while let Some((digits, behind)) = rest.split_at_checked(4) {
        let length = usize::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        let (payload, behind) = behind.split_at(length.saturating_sub(4));
        if let [1, data @ ..] = payload {
            pack.extend_from_slice(data);
        }
        rest = behind;
    }
    pack
}

/// Fetches until it costs no child, which takes until the references have settled.
fn fetch_until_kept(lab: &Lab, id: &str) -> Answer {
    let began = Instant::now();
    loop {
        let answer = fetch(lab, id);
        assert!(has_pack(&answer), "{}", answer.text());
        if lab.exchanges().pop().unwrap().child.is_none() {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it is not kept");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_kept_answer_is_what_git_answered_and_goes_with_the_reference() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    // On no other branch.
    let tree = lab.in_repository(&["rev-parse", "main^{tree}"]);
    let aside = lab.in_repository(&["commit-tree", "-m", "aside", &tree]);
    let aside = &*aside;
    lab.in_repository(&["update-ref", "refs/heads/aside", aside]);

    let from_git = fetch(&lab, aside);
    assert!(lab.exchanges().pop().unwrap().child.is_some());
    let kept = fetch_until_kept(&lab, aside);
    assert!(pack(&from_git).starts_with(b"PACK"));
    assert_eq!(pack(&kept), pack(&from_git));

    // Whoever has no password gets nothing.
    let request = format!(
        "{}0000{}",
        packet(&format!("want {aside}\n")),
        packet("done\n")
    );
    let path = format!("{PATH}/git-upload-pack");
    let refused = Wire::connect(&lab, HOST).post(&path, &[], request.as_bytes());
    assert_eq!(refused.status, 401);

    lab.in_repository(&["update-ref", "-d", "refs/heads/aside"]);
    let refused = fetch(&lab, aside);
    assert!(!has_pack(&refused), "{}", refused.text());
    assert!(lab.exchanges().pop().unwrap().child.is_some());
    // There again: git is asked again.
    lab.in_repository(&["update-ref", "refs/heads/aside", aside]);
    assert!(has_pack(&fetch(&lab, aside)));
    assert!(lab.exchanges().pop().unwrap().child.is_some());
}

#[test]
fn a_clone_after_each_push_has_what_was_pushed() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let head = lab.head();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    fetch_until_kept(&lab, &head);
    for round in 0..5 {
        let pushed = lab.commit("work", &round.to_string());
        lab.push("work", "HEAD:main");
        let copy = format!("copy{round}");
        lab.git(&["clone", "--quiet", &url(HOST, PATH), &copy]).ok();
        let id = lab.git(&["-C", &copy, "rev-parse", "HEAD"]).ok().stdout;
        assert_eq!(id.trim(), pushed, "round {round}");
        // A pack of the old head is still a pack that may be had.
        assert!(has_pack(&fetch(&lab, &head)));
    }
}

#[test]
fn a_large_answer_that_is_kept_is_what_git_answered_and_lies_in_no_file_with_a_name() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    let pushed = push_large(&lab, 1, LARGE);
    let before = names(&lab);
    let from_git = fetch(&lab, &pushed);
    let kept = fetch_until_kept(&lab, &pushed);
    assert!(kept.body.len() > LARGE);
    assert_eq!(pack(&kept), pack(&from_git));
    let length = format!("content-length: {}\n", kept.body.len());
    assert!(kept.headers.contains(&length), "{}", kept.headers);
    let last = lab.exchanges().pop().unwrap();
    assert!(last.complete, "{last:?}");
    assert_eq!(last.response_bytes, kept.body.len() as u64);
    assert_eq!(names(&lab), before);
}

#[test]
fn a_large_clone_after_each_push_has_what_was_pushed() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    for seed in 1..4 {
        let pushed = push_large(&lab, seed, LARGE);
        for (protocol, copy) in [("HTTP/1.1", "one"), ("HTTP/2", "two")] {
            let version = format!("http.version={protocol}");
            let copy = format!("{copy}{seed}");
            let clone = ["-c", &version, "clone", "--quiet", &url(HOST, PATH), &copy];
            lab.git(&clone).ok();
            let id = lab.git(&["-C", &copy, "rev-parse", "HEAD"]).ok().stdout;
            assert_eq!(id.trim(), pushed);
            assert_eq!(
                fs::read(lab.home().join(copy).join("large")).unwrap(),
                noise(seed, LARGE)
            );
            // The second one is of what is kept, and the next push comes while it is.
            fetch_until_kept(&lab, &pushed);
        }
    }
}

#[test]
fn clients_that_go_away_in_the_middle_of_a_kept_answer_harm_nobody() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    // Larger than what is on its way to a client that does not read.
    let pushed = push_large(&lab, 1, 16 * 1024 * 1024);
    // In the middle of what is not kept yet, too.
    for _ in 0..3 {
        ask(&lab, &pushed).read_some(64 * 1024);
    }
    let kept = fetch_until_kept(&lab, &pushed);
    let mut readers: Vec<_> = (0..4).map(|_| ask(&lab, &pushed)).collect();
    for _ in 0..8 {
        ask(&lab, &pushed).read_some(64 * 1024);
    }
    for reader in &mut readers {
        assert_eq!(reader.answer().body, kept.body);
    }
    let cut = lab.exchanges().iter().filter(|it| !it.complete).count();
    assert_eq!(cut, 11);
}

#[test]
fn a_fault_cuts_a_kept_answer_like_any_other() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    let pushed = push_large(&lab, 1, LARGE);
    let kept = fetch_until_kept(&lab, &pushed);
    let faults = lab.server.faults();
    for protocol in ["HTTP/1.1", "HTTP/2"] {
        let version = format!("http.version={protocol}");
        let clone = ["-c", &version, "clone", &url(HOST, PATH), "copy"];
        let fault = "truncate=2000000,path=*/git-upload-pack".parse();
        let id = faults.add(fault.unwrap());
        lab.git(&clone).fails(128, "unexpected disconnect");
        let last = lab.exchanges().pop().unwrap();
        assert_eq!(last.response_bytes, 2_000_000);
        assert!(faults.remove(id));
    }
    assert_eq!(fetch(&lab, &pushed).body, kept.body);
}
