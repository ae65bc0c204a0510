//! What real git and curl print when what they send is hostile, and what the journal says of it. What they cannot send is in
//! `limits.rs`, `hostile_bodies.rs` and `handshakes.rs`, byte by byte.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::time::Duration;

use codecommit_mock::{Limits, MockServer};
use codecommit_tests::wire::{packet, wants};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, Said, url};
use flate2::Compression;
use flate2::write::GzEncoder;

fn lab_with(limits: Limits) -> Lab {
    let lab = Lab::start(MockServer::builder().limits(limits));
    lab.log_in_as_alice();
    lab
}

/// What the journal says of the last exchange: its status, the verdict and why.
#[track_caller]
fn journal_says(lab: &Lab, status: u16, verdict: &str, detail: &str) {
    let last = lab.exchanges().pop().unwrap();
    assert_eq!((last.status, lab.last_verdict()), (Some(status), verdict));
    let refusal = lab.last_refusal();
    assert!(refusal.detail.contains(detail), "{refusal:?}");
}

/// Every git that is installed prints `words`.
#[track_caller]
fn git_says(lab: &Lab, arguments: &[&str], target: impl Into<OsString>, words: &str) {
    let target = target.into();
    let gits = ["/usr/local/bin/git", "/usr/bin/git"].map(Path::new);
    for git in gits.into_iter().filter(|git| git.exists()) {
        let mut command = lab.command(git);
        command.args(arguments).arg("ls-remote").arg(&target);
        let said: Said = command.output().unwrap().into();
        said.fails(128, words);
    }
}

/// Curl calls with alice's password, and prints the status on its standard error and `words` of the body.
#[track_caller]
fn curl_says(lab: &Lab, arguments: &[&str], status: u16, words: &str) {
    let user = format!("{KEY_ID}:{}", lab.password(HOST, PATH));
    let mut command = lab.command("curl");
    command
        .args(["-sS", "--fail-with-body", "--path-as-is", "--user", &user])
        .args(["--max-time", "20"])
        .args(arguments);
    let said: Said = command.output().unwrap().into();
    let returned = format!("curl: (22) The requested URL returned error: {status}");
    let said = said.fails(22, &returned);
    assert!(said.stdout.contains(words), "no {words:?} in {said:#?}");
}

fn service(name: &str) -> String {
    format!("{}/{name}", url(HOST, PATH))
}

#[test]
fn a_head_that_is_too_large() {
    let limits = Limits {
        head_bytes: 16 * 1024,
        ..Limits::default()
    };
    let lab = lab_with(limits);
    let header = format!("X-Large: {}", "a".repeat(20_000));
    let setting = format!("http.extraHeader={header}");
    for version in ["HTTP/1.1", "HTTP/2"] {
        let version = format!("http.version={version}");
        let arguments = ["-c", &*version, "-c", &setting];
        let words = "The requested URL returned error: 431";
        git_says(&lab, &arguments, url(HOST, PATH), words);
        journal_says(&lab, 431, "head-too-large", "more than 16384 bytes");
    }
    let target = url(HOST, PATH);
    curl_says(&lab, &["--header", &header, &target], 431, "");
    journal_says(&lab, 431, "head-too-large", "more than 16384 bytes");
}

#[test]
fn a_line_that_is_too_long() {
    let limits = Limits {
        head_bytes: 128 * 1024,
        ..Limits::default()
    };
    let lab = lab_with(limits);
    let target = url(HOST, &format!("/v1/repos/{}", "a".repeat(66_000)));
    // Git cuts its own line: there is no place for the status behind such a URL.
    let words = "fatal: unable to access 'https://git-codecommit";
    git_says(&lab, &["-c", "http.version=HTTP/1.1"], &target, words);
    journal_says(&lab, 414, "head-too-large", "");
    curl_says(&lab, &["--http1.1", &target], 414, "");
    journal_says(&lab, 414, "head-too-large", "");
}

#[test]
fn paths_that_climb_or_are_no_text() {
    let lab = lab_with(Limits::default());
    let malformed = "The requested URL returned error: 400";
    let at = |path: &[u8]| {
        let bytes = [url(HOST, "/v1/repos/").as_bytes(), path].concat();
        OsString::from_vec(bytes)
    };
    let control = "the path has a control character in it";
    let no_text = "the path is not UTF-8 once it is percent-decoded";
    // The password is for the decoded path, so that it is the repository that is not found.
    for (path, words, status, verdict, detail) in [
        (
            &b"%2e%2e/%2e%2e/etc/passwd"[..],
            "/etc/passwd/' not found",
            404,
            "repository-not-found",
            "/v1/repos/../../etc/passwd",
        ),
        (
            b"..%2f..%2fetc%2fpasswd",
            "etc%2fpasswd/' not found",
            404,
            "repository-not-found",
            "/v1/repos/../../etc/passwd",
        ),
        // Git goes up by itself.
        (
            b"../../etc/passwd",
            "amazonaws.com/etc/passwd/' not found",
            404,
            "repository-not-found",
            "the path is not /v1/repos/NAME",
        ),
        (b"a%00b", malformed, 400, "request-malformed", control),
        (b"%ff%fe", malformed, 400, "request-malformed", no_text),
        (b"a\xff", malformed, 400, "request-malformed", no_text),
        // An overlong dot: it would climb, if it were decoded carelessly.
        (
            b"%c0%ae%c0%ae",
            malformed,
            400,
            "request-malformed",
            no_text,
        ),
    ] {
        let signed = match path.starts_with(b"../") {
            true => "/etc/passwd",
            false => "/v1/repos/../../etc/passwd",
        };
        lab.log_in(KEY_ID, &lab.password(HOST, signed));
        git_says(&lab, &[], at(path), words);
        journal_says(&lab, status, verdict, detail);
    }
    for (path, status, words) in [
        ("../../etc/passwd", 404, "path-unknown"),
        ("a%00b", 400, control),
        ("a%0ab", 400, control),
        ("%ff%fe", 400, no_text),
    ] {
        let target = url(HOST, &format!("/v1/repos/{path}"));
        curl_says(&lab, &[&target], status, words);
        let verdict = match status {
            404 => "path-unknown",
            _ => "request-malformed",
        };
        journal_says(&lab, status, verdict, "");
    }
}

#[test]
fn another_host() {
    let lab = lab_with(Limits::default());
    let words = "CONNECT tunnel failed, response 403";
    git_says(
        &lab,
        &[],
        "https://git.example.com/v1/repos/MyDemoRepo",
        words,
    );
    journal_says(&lab, 403, "host-unknown", "git.example.com");
    let mut curl = lab.command("curl");
    curl.args(["-sS", "https://git.example.com/"]);
    Said::from(curl.output().unwrap()).fails(56, &format!("curl: (56) {words}"));
    journal_says(&lab, 403, "host-unknown", "git.example.com");
}

#[test]
fn packets_with_lengths_that_cannot_be() {
    let lab = lab_with(Limits::default());
    let fetch = "the body is not a request that upload-pack can read";
    let ends = "the push ends within its commands";
    let begins = "the push does not begin with commands";
    for (body, of_fetch, of_push) in [
        ("ffff", fetch, ends),
        ("fff0short", fetch, ends),
        ("0003", fetch, begins),
        ("-001", fetch, begins),
        ("zzzz", fetch, begins),
        ("00", fetch, ends),
        ("0032want ", fetch, ends),
        ("0009hello0000", fetch, "a command that cannot be read"),
    ] {
        for (name, words) in [("git-upload-pack", of_fetch), ("git-receive-pack", of_push)] {
            let arguments = ["--data-binary", body, &service(name)];
            curl_says(&lab, &arguments, 400, words);
            journal_says(&lab, 400, "request-malformed", words);
        }
    }
}

fn gzip(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    pieces.for_each(|piece| packed.write_all(&piece).unwrap());
    packed.finish().unwrap()
}

#[test]
fn bodies_that_grow_when_they_are_unpacked_or_are_not_packed() {
    let lab = lab_with(Limits::default());
    let wants = wants(&lab.head(), 20_000).into_bytes();
    let create = packet(&format!(
        "{} {} refs/heads/bomb\0report-status",
        "0".repeat(40),
        "1".repeat(40)
    ));
    let head = std::iter::once(format!("{create}0000").into_bytes());
    let zeros = std::iter::repeat_n(vec![0; 1024 * 1024], 64);
    let grows = "the gzip body becomes more than 100 times as large when it is unpacked";
    for (body, name, status, verdict, words) in [
        (
            gzip(std::iter::repeat_n(wants, 40)),
            "git-upload-pack",
            413,
            "body-too-large",
            grows,
        ),
        (
            gzip(head.chain(zeros)),
            "git-receive-pack",
            413,
            "body-too-large",
            grows,
        ),
        (
            b"this is not gzip".to_vec(),
            "git-upload-pack",
            400,
            "request-malformed",
            "the body is not gzip",
        ),
    ] {
        let file = lab.home().join("body");
        std::fs::write(&file, body).unwrap();
        let body = format!("@{}", file.display());
        let arguments = [
            "--header",
            "Content-Encoding: gzip",
            "--data-binary",
            &body,
            &service(name),
        ];
        curl_says(&lab, &arguments, status, words);
        journal_says(&lab, status, verdict, words);
    }
}

#[test]
fn a_body_that_is_too_large() {
    let limits = Limits {
        request_bytes: 100,
        ..Limits::default()
    };
    let lab = lab_with(limits);
    let words = "RPC failed; HTTP 413 curl 22 The requested URL returned error: 413";
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .fails(128, words);
    journal_says(&lab, 413, "body-too-large", "100 bytes");
}

#[test]
fn a_body_that_stops() {
    let limits = Limits {
        silence: Duration::from_millis(100),
        ..Limits::default()
    };
    let lab = lab_with(limits);
    let words = "nothing came of the body for 100ms";
    for name in ["git-upload-pack", "git-receive-pack"] {
        let promise = ["--header", "Content-Length: 1000", "--http1.1"];
        let target = service(name);
        let arguments = [&promise[..], &["--data-binary", "0032want ", &target]].concat();
        curl_says(&lab, &arguments, 408, words);
        journal_says(&lab, 408, "client-too-slow", words);
    }
}
