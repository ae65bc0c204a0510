//! Bodies that are meant to harm: each is answered, written down, and leaves no child and a valid repository.

#![expect(clippy::unwrap_used, reason = "helpers fail by panicking")]

use std::io::{Read as _, Write as _};
use std::time::Duration;

use codecommit_mock::{Limits, MockServer};
use codecommit_tests::wire::{Answer, Wire, basic, packet, plain, wants};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url, world};
use flate2::Compression;
use flate2::write::GzEncoder;

fn post(lab: &Lab, service: &str, encoding: &str, body: &[u8]) -> Answer {
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let headers = [
        ("Authorization", &*authorization),
        ("Content-Encoding", encoding),
    ];
    Wire::connect(lab, HOST).post(&format!("{PATH}/{service}"), &headers, body)
}

fn gzip(bytes: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    bytes.for_each(|piece| packed.write_all(&piece).unwrap());
    packed.finish().unwrap()
}

/// Numbers that look random, and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn a_gzip_body_that_grows_without_measure_is_refused() {
    let lab = Lab::demo();
    let wants = wants(&lab.head(), 20_000);
    let bomb = gzip((0..40).map(|_| wants.clone().into_bytes()));
    let answer = post(&lab, "git-upload-pack", "gzip", &bomb);
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(
        answer.text().contains("more than 100 times as large"),
        "{}",
        answer.text()
    );
    assert_eq!(lab.last_verdict(), "body-too-large");
    // A push, too: valid commands in front, and endless zeros behind.
    let id = "1234567890123456789012345678901234567890";
    let command = packet(&format!(
        "{} {id} refs/heads/bomb\0report-status",
        "0".repeat(40)
    ));
    let head = format!("{command}0000").into_bytes();
    let bomb = gzip(std::iter::once(head).chain((0..64).map(|_| vec![0; 1024 * 1024])));
    let answer = post(&lab, "git-receive-pack", "gzip", &bomb);
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(lab.last_verdict(), "body-too-large");
    lab.log_in_as_alice();
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
}

#[test]
fn a_body_that_is_no_pack_has_a_limit() {
    let limits = Limits {
        request_bytes: 10_000,
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let wants = wants(&"1".repeat(40), 400);
    let answer = post(&lab, "git-upload-pack", "identity", wants.as_bytes());
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(lab.last_verdict(), "body-too-large");
}

#[test]
fn many_wants_and_haves_are_answered() {
    let lab = Lab::demo();
    let mut body = packet(&format!("want {} side-band-64k\n", lab.head()));
    body.push_str(&wants(&lab.head(), 20_000));
    body.push_str("0000");
    for number in 0..20_000 {
        body.push_str(&packet(&format!("have {number:040x}\n")));
    }
    body.push_str(&packet("done\n"));
    let answer = post(
        &lab,
        "git-upload-pack",
        "gzip",
        &gzip(std::iter::once(body.into_bytes())),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body.windows(4).any(|bytes| bytes == b"PACK"));
}

#[test]
fn packets_that_cannot_be_are_refused() {
    let lab = Lab::demo();
    for body in [
        "ffff",
        "fff0short",
        "0001",
        "0002",
        "0003",
        "zzzz",
        "-001",
        "00",
        "0032want ",
        "0009hello0000",
    ] {
        for service in ["git-upload-pack", "git-receive-pack"] {
            let answer = post(&lab, service, "identity", body.as_bytes());
            // Git itself answers some: with an error in a packet, or with nothing.
            let is_told = answer.status == 400
                || answer.status == 200
                    && (answer.text().contains("ERR ") || answer.body.is_empty());
            assert!(
                is_told,
                "{service} {body}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(lab.exchanges().last().unwrap().status.is_some());
        }
    }
}

#[test]
fn a_body_that_stops_is_timed_out() {
    let limits = Limits {
        silence: Duration::from_millis(200),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    for service in ["git-upload-pack", "git-receive-pack"] {
        let mut wire = Wire::connect(&lab, HOST);
        let headers = [
            ("Authorization", &*authorization),
            ("Content-Length", "1000"),
        ];
        wire.head(&format!("POST {PATH}/{service}"), &headers);
        wire.send(b"0032want ");
        let answer = wire.answer();
        assert_eq!(answer.status, 408, "{service}: {}", answer.text());
        assert_eq!(lab.last_verdict(), "client-too-slow");
    }
}

#[test]
fn a_body_that_stops_on_its_way_to_an_api_is_timed_out() {
    let limits = Limits {
        silence: Duration::from_millis(100),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let words = "nothing came of the body for 100ms";
    for (host, path) in [
        ("sts.us-east-2.amazonaws.com", "/"),
        ("oidc.us-east-2.amazonaws.com", "/token"),
    ] {
        let mut wire = Wire::connect(&lab, host);
        wire.head(&format!("POST {path}"), &[("Content-Length", "1000")]);
        wire.send(b"Action=");
        let answer = wire.answer();
        assert_eq!(answer.status, 408, "{host}: {}", answer.text());
        assert_eq!(lab.last_verdict(), "client-too-slow");
        assert_eq!(lab.last_refusal().detail, words);
    }
    let control = lab.server.control();
    let token = control.token.expose();
    let port = lab.server.port();
    let mut stream = plain(&lab);
    write!(
        stream,
        "POST /_lab/faults HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n{{"
    )
    .unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.starts_with("HTTP/1.1 408 "), "{heard}");
    assert!(heard.contains(words), "{heard}");
    assert!(heard.contains("as many bytes as Content-Length"), "{heard}");
}

/// Eight clients at once, two turns: all are served, and pushes do not wait for fetches.
#[test]
fn clients_wait_for_their_turn() {
    let limits = Limits {
        children: 2,
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "pusher"])
        .ok();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    // Two that have their turn and say nothing more.
    let wants = wants(&lab.head(), 2000);
    let mut idle: Vec<_> = (0..2).map(|_| Wire::connect(&lab, HOST)).collect();
    for wire in &mut idle {
        let headers = [
            ("Authorization", &*authorization),
            ("Content-Length", "1000000"),
        ];
        wire.head(&format!("POST {PATH}/git-upload-pack"), &headers);
        wire.send(wants.as_bytes());
    }
    lab.git(&[
        "-C",
        "pusher",
        "push",
        "--quiet",
        "origin",
        "HEAD:refs/heads/beside",
    ])
    .ok();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let lab = &lab;
            scope.spawn(move || {
                lab.git(&[
                    "clone",
                    "--quiet",
                    &url(HOST, PATH),
                    &format!("clone{number}"),
                ])
                .ok();
            });
        }
        // They wait until these go.
        drop(idle);
    });
}

/// A fetch of everything.
fn fetch(lab: &Lab) -> Answer {
    let want = packet(&format!("want {} side-band-64k\n", lab.head()));
    let body = format!("{want}0000{}", packet("done\n"));
    post(lab, "git-upload-pack", "identity", body.as_bytes())
}

#[test]
fn who_only_promises_a_body_keeps_nobody_waiting() {
    let limits = Limits {
        children: 1,
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let (zeros, ones) = ("0".repeat(40), "1".repeat(40));
    let create = packet(&format!("{zeros} {ones} refs/heads/never\0report-status"));
    let commands = format!("{create}0000PACK");
    let promised = [
        ("git-upload-pack", ""),
        ("git-upload-pack", "0032want "),
        ("git-receive-pack", ""),
        ("git-receive-pack", &commands),
    ];
    let _open = promised.map(|(service, said)| {
        let mut wire = Wire::connect(&lab, HOST);
        let headers = [
            ("Authorization", &*authorization),
            ("Content-Length", "100000"),
        ];
        wire.head(&format!("POST {PATH}/{service}"), &headers);
        wire.send(said.as_bytes());
        wire
    });
    let answer = fetch(&lab);
    assert!(answer.body.windows(4).any(|bytes| bytes == b"PACK"));
    let delete = packet(&format!(
        "{} {zeros} refs/heads/main\0report-status",
        lab.head()
    ));
    let answer = post(
        &lab,
        "git-receive-pack",
        "identity",
        format!("{delete}0000").as_bytes(),
    );
    assert!(
        answer.text().contains("ok refs/heads/main"),
        "{}",
        answer.text()
    );
}

#[test]
fn silence_while_others_wait_is_shorter() {
    let limits = Limits {
        children: 1,
        crowded_silence: Duration::from_millis(20),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let wants = wants(&lab.head(), 2000);
    let end = format!("0000{}", packet("done\n"));
    let length = (wants.len() + end.len()).to_string();
    let headers = [
        ("Authorization", &*authorization),
        ("Content-Length", &*length),
    ];
    let begin = || {
        let mut wire = Wire::connect(&lab, HOST);
        wire.head(&format!("POST {PATH}/git-upload-pack"), &headers);
        wire.send(wants.as_bytes());
        wire
    };
    // Nobody waits: pushes have turns of their own.
    let mut unhurried = begin();
    let push = post(&lab, "git-receive-pack", "identity", b"0000");
    assert_eq!(push.status, 200);
    unhurried.send(end.as_bytes());
    assert_eq!(unhurried.answer().status, 200);

    let mut silent = begin();
    assert_eq!(fetch(&lab).status, 200);
    assert_eq!(silent.answer().status, 408);
    let exchanges = lab.exchanges();
    let told = exchanges
        .iter()
        .find(|exchange| exchange.status == Some(408));
    let verdict = told.and_then(|exchange| exchange.verdict.as_ref()).unwrap();
    assert_eq!(verdict.id(), "client-too-slow");
}

/// Git says why on its standard error only, and ends as it would over a repository that is broken.
#[test]
fn what_git_cannot_read_is_the_clients_fault() {
    let lab = Lab::demo();
    let want = packet(&format!("want {}\n", lab.head()));
    let mut not_text = format!("{want}0000000b").into_bytes();
    not_text.extend_from_slice(b"have \xff\xfe");
    for body in [
        format!("{want}{}00000009done", packet("deepen -1")).into_bytes(),
        format!(
            "{want}{}00000009done",
            packet(&format!("deepen {}", "9".repeat(30)))
        )
        .into_bytes(),
        format!("{want}{}00000009done", packet("deepen-since yesterday")).into_bytes(),
        format!("{want}{}00000009done", packet("filter blob:none")).into_bytes(),
        format!("{}00000009done", packet("shallow nothing")).into_bytes(),
        not_text,
    ] {
        let answer = post(&lab, "git-upload-pack", "identity", &body);
        let shown = String::from_utf8_lossy(&body);
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        assert_eq!(lab.last_verdict(), "request-malformed", "{shown}");
    }
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let headers = [
        ("Authorization", &*authorization),
        ("Git-Protocol", "version=2"),
    ];
    for body in [
        format!("{}0000", packet("command=destroy")),
        format!("{}0001{}0000", packet("command=fetch"), packet("deepen -1")),
        format!("{}0001{}0000", packet("command=fetch"), packet("gimme")),
    ] {
        let path = format!("{PATH}/git-upload-pack");
        let answer = Wire::connect(&lab, HOST).post(&path, &headers, body.as_bytes());
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(lab.last_verdict(), "request-malformed", "{body}");
    }
}

#[test]
fn chunks_that_cannot_be_read_are_not_a_client_that_went_away() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    for (chunks, detail) in [
        ("zz\r\n", "the chunks of the body cannot be read"),
        ("-1\r\n", "the chunks of the body cannot be read"),
        (
            "fffffffffffffffff\r\n",
            "the chunks of the body cannot be read",
        ),
        ("4\r\n0000zz", "the chunks of the body cannot be read"),
    ] {
        let mut wire = Wire::connect(&lab, HOST);
        let headers = [
            ("Authorization", &*authorization),
            ("Transfer-Encoding", "chunked"),
        ];
        wire.head(&format!("POST {PATH}/git-upload-pack"), &headers);
        wire.send(chunks.as_bytes());
        assert_eq!(wire.answer().status, 400, "{chunks:?}");
        let refusal = lab.last_refusal();
        assert_eq!(refusal.detail, detail, "{chunks:?}");
    }
}

/// A name is told of wherever the push is, and must neither steer a terminal nor begin a line of the client's choice.
#[test]
fn control_characters_of_a_references_name_are_escaped_wherever_it_is_told() {
    let denied = world(
        r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.inline_policy]]
name = "no-branches"
document = '''{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*",
    "Condition": {"StringLike": {"codecommit:References": ["refs/heads/*"]}}}}'''
"#,
    );
    let builders = [MockServer::builder(), MockServer::builder().world(denied)];
    for lab in builders.map(Lab::start) {
        let id = lab.head();
        for (name, told) in [
            (
                "a\u{1b}[31mred\u{1b}]0;p\u{7}",
                "a\\u{1b}[31mred\\u{1b}]0;p\\u{7}",
            ),
            (
                "a\nforged: codecommit-lab: 200",
                "a\\nforged: codecommit-lab: 200",
            ),
            ("a\rb\tc d", "a\\rb\\tc d"),
            ("a\u{202e}gnp\u{9b}31m", "a\\u{202e}gnp\\u{9b}31m"),
        ] {
            let zeros = "0".repeat(40);
            let create = packet(&format!("{zeros} {id} refs/heads/{name}\0report-status"));
            let mut push = format!("{create}0000").into_bytes();
            // A pack of nothing: the object is there.
            push.extend_from_slice(b"PACK\0\0\0\x02\0\0\0\0\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e");
            let answer = post(&lab, "git-receive-pack", "identity", &push);
            // What is sent is what was pushed.
            assert!(answer.text().contains(&format!("refs/heads/{name}")));
            let exchange = lab.exchanges().pop().unwrap();
            let refusal = exchange.refusals.first();
            let Some(refusal) = refusal else {
                // A name that git takes.
                assert!(answer.text().contains("ok refs/heads/"), "{name:?}");
                continue;
            };
            assert_eq!(refusal.reference, Some(format!("refs/heads/{told}")));
            let json = serde_json::to_value(&exchange).unwrap();
            for text in texts(&json) {
                assert!(!text.contains(name) || name == told, "{text:?}");
                assert!(!text.contains(char::is_control), "{text:?}");
            }
        }
    }
}

/// Every text in a value.
fn texts(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(values) => values.iter().flat_map(texts).collect(),
        serde_json::Value::Object(values) => values.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Bytes that nobody would send, by a seed: there is always a status, and the server goes on.
#[test]
fn whatever_comes_there_is_a_status() {
    let lab = Lab::demo();
    let mut dice = Dice(0x00c0_dec0_3317_2026);
    let words: [&[u8]; 12] = [
        b"0000",
        b"0001",
        b"0002",
        b"ffff",
        b"0032want ",
        b"0013command=ls-refs",
        b"PACK\0\0\0\x02",
        b"\0report-status",
        b"\n",
        b"0014command=ls-refs\n",
        b"\xff\xfe",
        b"0009done\n",
    ];
    for round in 0..150 {
        let mut body = Vec::new();
        for _ in 0..dice.below(6) {
            match dice.below(3) {
                0 => body.extend((0..dice.below(40)).map(|_| dice.below(256) as u8)),
                _ => body.extend_from_slice(words[dice.below(12) as usize]),
            }
        }
        let service = ["git-upload-pack", "git-receive-pack"][dice.below(2) as usize];
        let encoding = ["identity", "gzip"][dice.below(2) as usize];
        let body = match (encoding, dice.below(3)) {
            ("gzip", 0 | 1) => {
                let mut packed = gzip(std::iter::once(body));
                if dice.below(2) == 0 {
                    packed.truncate(dice.below(packed.len() as u64) as usize);
                }
                packed
            }
            _ => body,
        };
        let answer = post(&lab, service, encoding, &body);
        assert!(
            [200, 400].contains(&answer.status),
            "round {round}: {} {}",
            answer.status,
            answer.text()
        );
    }
    assert!(
        lab.exchanges()
            .iter()
            .all(|exchange| exchange.status.is_some())
    );
}
