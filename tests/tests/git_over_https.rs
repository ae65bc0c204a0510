//! Real git, unmodified URLs, real TLS, real signatures.

use std::fs;

use codecommit_mock::{Fidelity, MockServer};
use codecommit_tests::{HOST, Lab, PATH, url};

fn clone_commit_push_fetch(lab: &Lab) {
    let url = url(HOST, PATH);
    lab.log_in_as_alice();
    let refs = lab.git(&["ls-remote", &url]).ok().stdout;
    assert!(refs.contains("\trefs/heads/main\n"), "{refs}");
    lab.git(&["clone", "-q", &url, "work"]).ok();
    fs::write(lab.home().join("work/new.txt"), "new\n").unwrap();
    lab.git(&["-C", "work", "add", "."]).ok();
    lab.git(&["-C", "work", "commit", "-qm", "Add a file"]).ok();
    lab.git(&["-C", "work", "push", "-q", "origin", "main"])
        .ok();
    lab.git(&["clone", "-q", &url, "again"]).ok();
    assert_eq!(
        fs::read_to_string(lab.home().join("again/new.txt")).unwrap(),
        "new\n"
    );
    lab.git(&[
        "-C",
        "work",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Another",
    ])
    .ok();
    lab.git(&[
        "-C",
        "work",
        "push",
        "-q",
        "origin",
        "HEAD:refs/heads/topic",
    ])
    .ok();
    lab.git(&["-C", "again", "fetch", "-q"]).ok();
    lab.git(&["-C", "again", "rev-parse", "origin/topic"]).ok();
    lab.git(&["-C", "work", "push", "-q", "origin", ":refs/heads/topic"])
        .ok();
    let refs = lab.git(&["ls-remote", &url]).ok().stdout;
    assert!(!refs.contains("topic"), "{refs}");
}

#[test]
fn the_whole_round_works_as_codecommit_shows_itself() {
    for version in ["0", "2"] {
        let lab = Lab::demo();
        lab.config("protocol.version", version);
        clone_commit_push_fetch(&lab);
    }
}

#[test]
fn the_whole_round_works_with_all_that_git_can_do() {
    for version in ["0", "2"] {
        let lab = Lab::start(MockServer::builder().fidelity(Fidelity::Git));
        lab.config("protocol.version", version);
        clone_commit_push_fetch(&lab);
    }
}
