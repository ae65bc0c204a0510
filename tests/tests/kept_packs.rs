//! A small clone that was answered before costs no child, and never tells what git would not tell now.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::thread;
use std::time::{Duration, Instant};

use codecommit_tests::wire::{Answer, Wire, basic, packet};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url};

/// Reads the references, as every client does first, then asks for an object as a clone does.
fn fetch(lab: &Lab, id: &str) -> Answer {
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(lab, HOST);
    wire.info_refs(PATH, Some(&authorization));
    let request = format!(
        "{}0000{}",
        packet(&format!("want {id} side-band-64k\n")),
        packet("done\n")
    );
    wire.post(
        &format!("{PATH}/git-upload-pack"),
        &[("Authorization", &authorization)],
        request.as_bytes(),
    )
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
