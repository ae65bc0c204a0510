//! Requests that are too large, too slow or not HTTP at all: each has a status, a line in the journal, and costs nobody else
//! anything.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use codecommit_mock::{Limits, MockServer};
use codecommit_tests::wire::{Wire, basic, plain};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH};

#[test]
fn each_limit_with_a_name_stands_in_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.split(" | ").nth(2));
    let mut documented: Vec<&str> = rows
        .map(|cell| cell.trim_matches('`'))
        .filter(|name| Limits::NAMES.contains(name))
        .collect();
    documented.sort_unstable();
    documented.dedup();
    let mut built = Limits::NAMES.to_vec();
    built.sort_unstable();
    assert_eq!(documented, built);
}

#[test]
fn a_limit_that_the_command_line_refuses_is_refused_by_the_library() {
    let zero = Duration::ZERO;
    let default = Limits::default();
    let refused = [
        (
            "head-bytes",
            Limits {
                head_bytes: 0,
                ..default
            },
        ),
        (
            "head-time",
            Limits {
                head_time: zero,
                ..default
            },
        ),
        (
            "silence",
            Limits {
                silence: zero,
                ..default
            },
        ),
        (
            "crowded-silence",
            Limits {
                crowded_silence: zero,
                ..default
            },
        ),
        (
            "request-bytes",
            Limits {
                request_bytes: 0,
                ..default
            },
        ),
        (
            "gzip-ratio",
            Limits {
                gzip_ratio: 0,
                ..default
            },
        ),
        (
            "children",
            Limits {
                children: 0,
                ..default
            },
        ),
        (
            "exchanges",
            Limits {
                exchanges: 0,
                ..default
            },
        ),
    ];
    assert_eq!(refused.len(), Limits::NAMES.len());
    for (name, limits) in refused {
        let error = MockServer::builder().limits(limits).start().unwrap_err();
        assert_eq!(error.to_string(), format!("set limit `{name}` to `0`"));
        let mut set = default;
        assert!(set.set(name, "0").is_err());
        assert_eq!(set, default);
    }
}

fn impatient(limits: Limits) -> Lab {
    Lab::start(MockServer::builder().limits(limits))
}

/// The last exchange: its status and verdict.
fn last(lab: &Lab) -> (Option<u16>, &'static str) {
    let status = lab.exchanges().pop().unwrap().status;
    (status, lab.last_verdict())
}

/// Says bytes inside TLS, and hears the answer's first line; the connection is closed behind it.
fn first_line(lab: &Lab, bytes: &[u8]) -> String {
    let mut wire = Wire::connect(lab, HOST);
    // The server may have heard enough before all is said.
    let _ = wire.try_send(bytes);
    let heard = wire.rest();
    heard.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn what_hyper_cannot_read_is_answered_and_written_down() {
    let lab = Lab::demo();
    let get = format!("GET {PATH}/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: {HOST}\r\n");
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let long = "a".repeat(70_000);
    for (request, status, reason) in [
        (
            "this is not HTTP\r\n\r\n".to_owned(),
            400,
            "request-malformed",
        ),
        (format!("{get}no colon\r\n\r\n"), 400, "request-malformed"),
        (format!("{get}X: a\0b\r\n\r\n"), 400, "request-malformed"),
        (
            format!("{get}Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            400,
            "request-malformed",
        ),
        (
            format!("{get}Content-Length: -1\r\n\r\n"),
            400,
            "request-malformed",
        ),
        (
            format!("{get}Transfer-Encoding: gzip\r\n\r\n"),
            400,
            "request-malformed",
        ),
        (
            format!("{get}Transfer-Encoding: chunked, identity\r\n\r\n"),
            400,
            "request-malformed",
        ),
        (
            format!("GET /a b HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
            400,
            "request-malformed",
        ),
        (format!("{get}X: {long}\r\n\r\n"), 431, "head-too-large"),
        (format!("{get}{many}\r\n"), 431, "head-too-large"),
    ] {
        let line = first_line(&lab, request.as_bytes());
        let shown = &request[..request.len().min(200)];
        assert!(
            line.starts_with(&format!("HTTP/1.1 {status} ")),
            "{line:?} for {shown:?}"
        );
        assert_eq!(last(&lab), (Some(status), reason), "{shown:?}");
    }
}

/// hyper's own limit for it is a little below that of the head.
#[test]
fn a_path_that_is_too_long_has_a_status_of_its_own() {
    let lab = impatient(Limits {
        head_bytes: 128 * 1024,
        ..Limits::default()
    });
    let request = format!(
        "GET /{} HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
        "a".repeat(66_000)
    );
    assert!(first_line(&lab, request.as_bytes()).starts_with("HTTP/1.1 414 "));
    assert_eq!(last(&lab), (Some(414), "head-too-large"));
}

#[test]
fn curl_is_told_of_a_head_that_is_too_large_over_http_1_and_2() {
    // curl itself sends no larger one over HTTP/2 than 64 KiB.
    let limits = Limits {
        head_bytes: 16 * 1024,
        ..Limits::default()
    };
    let lab = impatient(limits);
    let url = format!("https://{HOST}{PATH}/info/refs?service=git-upload-pack");
    let header = format!("X-Large: {}", "a".repeat(20_000));
    for version in ["--http1.1", "--http2"] {
        let mut curl = lab.command("curl");
        curl.args([
            version,
            "--silent",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
        ]);
        let output = curl.args(["--header", &header, &url]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "431", "{version}");
        assert_eq!(last(&lab), (Some(431), "head-too-large"), "{version}");
    }
}

#[test]
fn a_head_that_does_not_come_to_an_end_is_timed_out() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let line = first_line(
        &lab,
        format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nX: ").as_bytes(),
    );
    assert_eq!(line, "HTTP/1.1 408 Request Timeout");
    assert_eq!(last(&lab), (Some(408), "client-too-slow"));
}

/// One byte now and then does not help: the time is that of the whole head.
#[test]
fn a_head_that_trickles_is_timed_out() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut wire = Wire::connect(&lab, HOST);
    let began = Instant::now();
    wire.send(b"GET / HTTP/1.1\r\nX: ");
    while wire.try_send(b"a").is_ok() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "it is still listened to"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(last(&lab), (Some(408), "client-too-slow"));
}

#[test]
fn a_connection_that_says_nothing_is_closed_and_written_down() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let silent = |lab: &Lab| {
        let exchange = lab.exchanges().pop().unwrap();
        assert_eq!((exchange.status, exchange.is_request()), (None, false));
        assert_eq!(lab.last_verdict(), "client-too-slow");
        (exchange.method, lab.last_refusal().detail)
    };
    assert_eq!(plain(&lab).read(&mut [0]).unwrap(), 0);
    let (layer, detail) = silent(&lab);
    assert_eq!(layer, "TCP");
    let expected = "the client opened a connection and said nothing in 100ms";
    assert_eq!(detail, expected);

    let mut wire = Wire::connect(&lab, HOST);
    wire.send(b"");
    assert_eq!(wire.rest(), "");
    let (layer, detail) = silent(&lab);
    assert_eq!(layer, "TLS");
    let expected = "the client asked for nothing in the 100ms after the handshake";
    assert_eq!(detail, expected);

    // Who goes away before that has looked whether the port is open.
    drop(plain(&lab));
    Wire::connect(&lab, HOST).info_refs(PATH, None);
    assert_eq!(lab.exchanges().len(), 3);
}

#[test]
fn http_2_that_is_chosen_and_not_used_is_closed_and_written_down() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    // RFC 9113, section 3.4, and the beginning of a request that is never ended: HEADERS without END_HEADERS.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let headers = b"\0\0\x01\x01\0\0\0\0\x01\x82";
    for said in [&preface[..], &[&preface[..], headers].concat()] {
        let mut wire = Wire::connect_with_http_2(&lab, HOST);
        wire.send(said);
        let began = Instant::now();
        wire.rest_of_bytes();
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(last(&lab), (None, "client-too-slow"));
        let detail = lab.last_refusal().detail;
        assert!(
            detail.contains("asked for nothing in the 100ms"),
            "{detail}"
        );
    }
}

#[test]
fn a_connection_that_says_nothing_more_is_closed_without_a_word() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(&lab, HOST);
    assert_eq!(wire.info_refs(PATH, Some(&authorization)).status, 200);
    assert_eq!(wire.rest(), "");
    // A request with a body, too.
    let mut wire = Wire::connect(&lab, HOST);
    let answer = wire.post(
        &format!("{PATH}/git-receive-pack"),
        &[("Authorization", &authorization)],
        b"0000",
    );
    assert_eq!(answer.status, 200);
    assert_eq!(wire.rest(), "");
    assert_eq!(lab.exchanges().len(), 2);
}

#[test]
fn a_tls_handshake_that_does_not_come_to_an_end_is_cut() {
    let lab = impatient(Limits {
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let mut stream = plain(&lab);
    stream.write_all(&[0x16, 3, 1, 2, 0]).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"");
}

/// RFC 9112, section 3.2: whoever is on the way may have read the other one.
#[test]
fn a_request_that_names_two_hosts_or_users_or_no_host_is_refused() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let get =
        format!("GET {PATH}/info/refs?service=git-upload-pack HTTP/1.1\r\nConnection: close\r\n");
    let host = format!("Host: {HOST}\r\n");
    let signed = format!("Authorization: {authorization}\r\n");
    for (request, status) in [
        (format!("{get}{host}{signed}\r\n"), 200),
        (format!("{get}{host}{host}{signed}\r\n"), 400),
        (format!("{get}{host}Host: example.com\r\n{signed}\r\n"), 400),
        (
            format!("{get}{host}{signed}Authorization: Basic YTpi\r\n\r\n"),
            400,
        ),
        (format!("{get}{signed}\r\n"), 400),
    ] {
        let line = first_line(&lab, request.as_bytes());
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{line}");
        if status == 400 {
            assert_eq!(last(&lab), (Some(400), "request-malformed"));
        }
    }
}

/// What comes behind a request of two minds about its length is nobody's request (RFC 9112, section 6.3).
#[test]
fn a_second_request_cannot_be_smuggled_in_a_body() {
    for lengths in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    ] {
        let lab = Lab::demo();
        let request = format!(
            "POST {PATH}/git-upload-pack HTTP/1.1\r\nHost: {HOST}\r\n{lengths}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        );
        let mut wire = Wire::connect(&lab, HOST);
        wire.send(request.as_bytes());
        let heard = wire.rest();
        assert!(heard.starts_with("HTTP/1.1 401 "), "{heard}");
        assert!(
            heard.to_ascii_lowercase().contains("connection: close\r\n"),
            "{heard}"
        );
        assert_eq!(heard.matches("HTTP/1.1 ").count(), 1, "{heard}");
        assert_eq!(lab.exchanges().len(), 1, "{lengths:?}");
    }
}

#[test]
fn requests_for_other_hosts_are_refused_in_every_form() {
    let lab = Lab::demo();
    for (request, reason) in [
        (
            "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n",
            "host-unknown",
        ),
        (
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n",
            "host-unknown",
        ),
        (
            "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: 169.254.169.254:80\r\n",
            "host-unknown",
        ),
    ] {
        let mut stream = plain(&lab);
        write!(stream, "{request}Connection: close\r\n\r\n").unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        assert!(heard.starts_with("HTTP/1.1 403 "), "{heard}");
        assert_eq!(last(&lab), (Some(403), reason), "{request}");
    }
    let line = first_line(
        &lab,
        b"GET https://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n",
    );
    assert!(line.starts_with("HTTP/1.1 403 "), "{line}");
    assert_eq!(last(&lab).1, "host-unknown");
}

/// A repository is looked up by its name in the world, never on the disk.
#[test]
fn paths_that_climb_lead_nowhere() {
    let lab = Lab::demo();
    let name = "repositories/111122223333/us-east-2/MyDemoRepo.git";
    for path in [
        "/v1/repos/../../../../etc/passwd".to_owned(),
        "/v1/repos/..%2f..%2f..%2fetc%2fpasswd".to_owned(),
        "/v1/repos/%2e%2e/MyDemoRepo".to_owned(),
        "/v1/repos/./MyDemoRepo".to_owned(),
        format!("/v1/repos/../{name}"),
        "/v1/repos/MyDemoRepo%5c..%5cMyDemoRepo".to_owned(),
        "/v1/repos/MyDemoRepo%E2%80%AE".to_owned(),
    ] {
        // Signed, so that it is the repository that is not found.
        let signed = percent_decoded(&path);
        let authorization = basic(KEY_ID, &lab.password(HOST, &signed));
        let answer = Wire::connect(&lab, HOST).info_refs(&path, Some(&authorization));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert_eq!(lab.last_verdict(), "repository-not-found", "{path}");
        // A name is told of as it is, but does not turn the line around on a terminal.
        let refusal = lab.last_refusal();
        let told = format!("{}{}", refusal.detail, refusal.help.unwrap_or_default());
        assert!(!told.contains('\u{202e}'), "{told:?}");
        if path.contains("%AE") {
            assert!(told.contains("MyDemoRepo\\u{202e}"), "{told}");
        }
    }
    for path in [
        "/v1/repos/a%00b",
        "/v1/repos/a%0ab",
        "/v1/repos/%ff%fe",
        "/v1/repos/%c0%ae%c0%ae",
    ] {
        let answer = Wire::connect(&lab, HOST).info_refs(path, None);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(lab.last_verdict(), "request-malformed", "{path}");
    }
}

#[test]
fn a_path_that_would_turn_a_line_around_is_written_down_escaped() {
    let lab = Lab::demo();
    let path = format!("{PATH}\u{202e}");
    Wire::connect(&lab, HOST).info_refs(&path, None);
    let written = lab.exchanges().pop().unwrap().path;
    assert!(
        written.starts_with(&format!("{PATH}\\u{{202e}}/info/refs")),
        "{written:?}"
    );
}

fn percent_decoded(path: &str) -> String {
    path.replace("%2f", "/")
        .replace("%2e", ".")
        .replace("%5c", "\\")
        .replace("%E2%80%AE", "\u{202e}")
}
