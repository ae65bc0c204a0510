//! Real git, unmodified URLs, real TLS, real signatures.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use codecommit_helper::password::{SERVICE, Signable};
use codecommit_mock::{Fidelity, MockServer, Profile, ReportedReason, ReportedRefusal};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, SECRET, url, world};

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
        let lab = Lab::start(MockServer::builder().fidelity(Profile::Git));
        lab.config("protocol.version", version);
        clone_commit_push_fetch(&lab);
    }
}

/// Over 1 MiB (`http.postBuffer`) git first sends a probe of four bytes, `0000`, and then the pack in chunks.
#[test]
fn a_large_push_goes_through_with_its_probe_and_in_chunks() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    fs::write(lab.home().join("work/large.bin"), noise(3 << 20)).unwrap();
    lab.git(&["-C", "work", "add", "."]).ok();
    lab.git(&["-C", "work", "commit", "-qm", "Add a large file"])
        .ok();
    let mark = lab.server.journal().mark();
    lab.git(&["-C", "work", "push", "-q", "origin", "main"])
        .ok();
    let posts: Vec<u64> = lab.exchanges()[mark..]
        .iter()
        .filter(|exchange| exchange.method == "POST")
        .map(|exchange| exchange.request_bytes)
        .collect();
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert_eq!(posts[0], 4);
    assert!(posts[1] > 3 << 20, "{posts:?}");
    lab.git(&["clone", "-q", &url(HOST, PATH), "again"]).ok();
    assert_eq!(
        fs::read(lab.home().join("again/large.bin")).unwrap(),
        noise(3 << 20)
    );
}

/// Git packs upload-pack requests of more than 1024 bytes with gzip: here, one that wants 200 refs.
#[test]
fn a_fetch_with_a_packed_request_goes_through() {
    for version in ["0", "2"] {
        let lab = Lab::start(MockServer::builder().fidelity(Profile::Git));
        lab.config("protocol.version", version);
        lab.log_in_as_alice();
        lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
        for branch in 0..200 {
            let tree = lab
                .git(&["-C", "work", "rev-parse", "HEAD^{tree}"])
                .ok()
                .stdout;
            let message = format!("Commit {branch}");
            let commit = lab
                .git(&["-C", "work", "commit-tree", tree.trim(), "-m", &message])
                .ok()
                .stdout;
            lab.git(&[
                "-C",
                "work",
                "branch",
                &format!("topic-{branch}"),
                commit.trim(),
            ])
            .ok();
        }
        lab.git(&["-C", "work", "push", "-q", "origin", "--all"])
            .ok();
        let mut trace = lab.command("git");
        trace
            .env("GIT_TRACE_CURL", "1")
            .env("GIT_TRACE_CURL_NO_DATA", "1");
        let said: codecommit_tests::Said = trace
            .args(["clone", "--mirror", "-q", &url(HOST, PATH), "mirror.git"])
            .output()
            .unwrap()
            .into();
        let said = said.ok();
        assert!(
            said.stderr
                .to_lowercase()
                .contains("content-encoding: gzip"),
            "version {version}"
        );
        let refs = lab.git(&["-C", "mirror.git", "for-each-ref"]).ok().stdout;
        assert_eq!(refs.lines().count(), 201);
    }
}

#[test]
fn both_http_versions_are_spoken() {
    for (version, protocol) in [("HTTP/1.1", "HTTP/1.1"), ("HTTP/2", "HTTP/2.0")] {
        let lab = Lab::demo();
        lab.config("http.version", version);
        lab.log_in_as_alice();
        lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
        fs::write(lab.home().join("work/large.bin"), noise(3 << 20)).unwrap();
        lab.git(&["-C", "work", "add", "."]).ok();
        lab.git(&["-C", "work", "commit", "-qm", "Add a large file"])
            .ok();
        lab.git(&["-C", "work", "push", "-q", "origin", "main"])
            .ok();
        assert!(
            lab.exchanges()
                .iter()
                .all(|exchange| exchange.protocol == protocol)
        );
    }
}

#[test]
fn an_empty_repository_is_cloned_with_a_warning_and_filled() {
    let world = world(
        "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"Empty\"\nregion = \"us-east-2\"\n",
    );
    let lab = Lab::start(MockServer::builder().world(world));
    let url = url(HOST, "/v1/repos/Empty");
    lab.log_in(KEY_ID, &lab.password(HOST, "/v1/repos/Empty"));
    lab.git(&["clone", &url, "work"])
        .fails(0, "warning: You appear to have cloned an empty repository.");
    lab.git(&["-C", "work", "commit", "-q", "--allow-empty", "-m", "First"])
        .ok();
    lab.git(&["-C", "work", "push", "-q", "origin", "HEAD:main"])
        .ok();
    assert!(
        lab.git(&["ls-remote", &url])
            .ok()
            .stdout
            .contains("refs/heads/main")
    );
}

/// Straight to the port, without a proxy: for clients that can neither use one nor resolve a name.
#[test]
fn the_loopback_address_serves_the_first_repositorys_region() {
    let lab = Lab::demo();
    let direct = format!("https://127.0.0.1:{}{PATH}", lab.server.port());
    lab.config("http.proxy", "");
    let at = lab.server.clock().timestamp();
    let password = Signable {
        host: "127.0.0.1",
        path: PATH,
        region: "us-east-2",
        service: SERVICE,
        at,
    };
    lab.log_in(KEY_ID, &password.sign(SECRET).expose());
    lab.git(&["-c", "http.proxy=", "ls-remote", &direct]).ok();
}

/// Bytes that do not compress, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        })
        .collect()
}

/// What a user of CodeCommit sees: `Counting objects` on a fetch, `Validating objects` on a push, and nothing of the local
/// git's own progress.
#[test]
fn progress_reads_as_codecommits() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let said = lab
        .git(&["clone", "--progress", &url(HOST, PATH), "work"])
        .ok();
    let remote: Vec<&str> = said
        .stderr
        .lines()
        .filter(|line| line.starts_with("remote:"))
        .collect();
    assert_eq!(
        remote
            .iter()
            .map(|line| line.trim_end())
            .collect::<Vec<_>>(),
        ["remote: Counting objects: 9, done."]
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
    let said = lab.git(&["-C", "work", "push", "origin", "main"]).ok();
    let lines: Vec<&str> = said.stderr.lines().map(str::trim_end).collect();
    assert_eq!(
        lines[..2],
        [
            "remote: Validating objects: 100%",
            &format!("To {}", url(HOST, PATH))
        ]
    );
}

#[test]
fn what_is_not_offered_is_not_done() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
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
    for (option, text) in [
        (
            "--atomic",
            "fatal: the receiving end does not support --atomic push",
        ),
        (
            "--push-option=x",
            "fatal: the receiving end does not support push options",
        ),
        (
            "--signed",
            "fatal: the receiving end does not support --signed push",
        ),
    ] {
        lab.git(&["-C", "work", "push", option, "origin", "main"])
            .fails(1, text);
    }
    lab.git(&[
        "clone",
        "-q",
        "--filter=blob:none",
        &url(HOST, PATH),
        "partial",
    ])
    .fails(0, "warning: filtering not recognized by server, ignoring");
    lab.git(&[
        "clone",
        "--shallow-since=2020-01-01",
        &url(HOST, PATH),
        "since",
    ])
    .fails(128, "fatal: Server does not support --shallow-since");
    lab.git(&["clone", "-q", "--depth=1", &url(HOST, PATH), "shallow"])
        .ok();
    lab.git(&[
        "-C",
        "shallow",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "From a shallow clone",
    ])
    .ok();
    lab.git(&[
        "-C",
        "shallow",
        "push",
        "-q",
        "origin",
        "HEAD:refs/heads/shallow",
    ])
    .ok();
}

#[test]
fn anything_may_be_forced_and_deleted_by_whoever_may_push() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    lab.git(&[
        "-C",
        "work",
        "push",
        "-q",
        "--force",
        "origin",
        "HEAD~1:main",
    ])
    .ok();
    lab.git(&["-C", "work", "push", "-q", "origin", ":main"])
        .ok();
    assert_eq!(lab.git(&["ls-remote", &url(HOST, PATH)]).ok().stdout, "");
}

/// What the report of the last request refuses; the request itself was accepted.
fn reported(lab: &Lab) -> Vec<ReportedRefusal> {
    let mut exchanges = lab.exchanges();
    let last = exchanges.pop().unwrap();
    assert_eq!(
        (last.verdict.unwrap().id(), last.status),
        ("accepted", Some(200))
    );
    last.refusals
}

#[test]
fn a_push_of_more_references_than_the_limit_is_refused_whole() {
    let mut fidelity = Fidelity::default();
    fidelity.set("references-per-push", "10").unwrap();
    let lab = Lab::start(MockServer::builder().fidelity(fidelity));
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    for tag in 0..11 {
        lab.git(&["-C", "work", "tag", &format!("t{tag}")]).ok();
    }
    lab.git(&["-C", "work", "push", "-q", "--tags", "origin"])
        .fails(
            1,
            "error: remote unpack failed: Too many reference update commands",
        );
    assert_eq!(
        reported(&lab),
        [ReportedRefusal::of_all(
            ReportedReason::TooManyReferences,
            "Too many reference update commands"
        )]
    );
    let refs = lab.git(&["ls-remote", &url(HOST, PATH)]).ok().stdout;
    assert!(!refs.contains("refs/tags"), "{refs}");
    lab.git(&["-C", "work", "tag", "-d", "t10"]).ok();
    lab.git(&["-C", "work", "push", "-q", "--tags", "origin"])
        .ok();
}

#[test]
fn a_branch_that_looks_like_a_commit_is_refused_and_nothing_else_is_pushed() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    let name = "1234567890123456789012345678901234567890";
    let reference = format!("HEAD:refs/heads/{name}");
    lab.git(&[
        "-C",
        "work",
        "push",
        "origin",
        "HEAD:refs/heads/good",
        &reference,
    ])
    .fails(1, "(a branch name cannot look like a commit id)");
    let bad = format!("refs/heads/{name}");
    let bad = ReportedRefusal::of(
        bad,
        ReportedReason::BranchNameLikeACommit,
        "a branch name cannot look like a commit id",
    );
    let beside = ReportedRefusal::of(
        "refs/heads/good",
        ReportedReason::BesideARefused,
        "another reference of this push was refused",
    );
    let reported = reported(&lab);
    assert!(reported.contains(&bad), "{reported:?}");
    assert!(reported.contains(&beside), "{reported:?}");
    assert!(
        !lab.git(&["ls-remote", &url(HOST, PATH)])
            .ok()
            .stdout
            .contains("good")
    );
}
