//! Clients that go away in the middle, and bodies that are not what they say.

use std::io::Write as _;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[cfg(target_os = "linux")]
use codecommit_tests::processes::{children, eventually};
#[cfg(target_os = "linux")]
use codecommit_tests::wire::wants;
use codecommit_tests::wire::{Wire, basic, packet};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// What the server does by itself takes less.
#[cfg(target_os = "linux")]
const SOON: Duration = Duration::from_secs(10);

const ZERO: &str = "0000000000000000000000000000000000000000";

fn files_below(lab: &Lab, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![lab.server.data_dir().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().contains(name) {
                found.push(path.display().to_string());
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
#[cfg(target_os = "linux")]
fn a_push_that_is_cut_leaves_no_child_no_ref_and_no_objects() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let id = "1234567890123456789012345678901234567890";
    let command = packet(&format!(
        "{ZERO} {id} refs/heads/half\0report-status side-band-64k"
    ));
    {
        let mut wire = Wire::connect(&lab, HOST);
        wire.head(
            &format!("POST {PATH}/git-receive-pack"),
            &[
                ("Authorization", &authorization),
                ("Content-Length", "2000000"),
            ],
        );
        // The commands, and the beginning of a pack of 769 objects: a blob of a million bytes, half of it.
        let mut body = format!("{command}0000PACK\0\0\0\x02\0\0\x03\u{1}").into_bytes();
        body.extend([0xb0, 0xa4, 0xe8, 0x03]);
        let mut blob = ZlibEncoder::new(Vec::new(), Compression::none());
        blob.write_all(&vec![b'a'; 1_000_000]).unwrap();
        body.extend_from_slice(&blob.finish().unwrap()[..500_000]);
        wire.send(&body);
        eventually(SOON, "git keeps the pack in quarantine", || {
            !files_below(&lab, "incoming").is_empty()
        });
        assert!(!children(&lab).is_empty());
    }
    eventually(SOON, "no child runs", || children(&lab).is_empty());
    let exchange = lab.exchanges().pop().unwrap();
    assert!(exchange.request_bytes > 100, "{exchange:?}");
    assert_eq!(files_below(&lab, "half"), Vec::<String>::new());
    assert_eq!(files_below(&lab, ".lock"), Vec::<String>::new());
    assert_eq!(files_below(&lab, "incoming"), Vec::<String>::new());
}

#[test]
#[cfg(target_os = "linux")]
fn a_fetch_that_is_cut_leaves_no_child() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    {
        let mut wire = Wire::connect(&lab, HOST);
        wire.head(
            &format!("POST {PATH}/git-upload-pack"),
            &[
                ("Authorization", &authorization),
                ("Content-Length", "1000000"),
            ],
        );
        wire.send(&wants(&lab.head(), 2000).into_bytes());
        eventually(SOON, "a child runs", || !children(&lab).is_empty());
    }
    eventually(SOON, "no child runs", || children(&lab).is_empty());
    lab.exchanges();
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_dropped_takes_its_children_with_it() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(&lab, HOST);
    wire.head(
        &format!("POST {PATH}/git-upload-pack"),
        &[
            ("Authorization", &authorization),
            ("Content-Length", "1000000"),
        ],
    );
    wire.send(&wants(&lab.head(), 2000).into_bytes());
    eventually(SOON, "a child runs", || !children(&lab).is_empty());
    let folder = lab.server.data_dir().to_owned();
    drop(lab);
    assert!(!folder.exists(), "the data folder is still there");
    let left = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
        .any(|line| String::from_utf8_lossy(&line).contains(&*folder.to_string_lossy()));
    assert!(!left, "a child is still there");
}

#[test]
fn a_request_packed_with_gzip_is_unpacked() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let advertised = Wire::connect(&lab, HOST)
        .info_refs(PATH, Some(&authorization))
        .text();
    let head = &advertised[advertised.find("0000").unwrap() + 8..][..40];
    let request = format!(
        "{}0000{}",
        packet(&format!("want {head} side-band-64k\n")),
        packet("done\n")
    );
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(request.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let headers = [
        ("Authorization", &*authorization),
        ("Content-Encoding", "gzip"),
    ];
    let answer =
        Wire::connect(&lab, HOST).post(&format!("{PATH}/git-upload-pack"), &headers, &packed);
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.windows(4).any(|bytes| bytes == b"PACK"),
        "no pack in {}",
        answer.text()
    );
    assert!(
        answer
            .headers
            .contains("content-type: application/x-git-upload-pack-result")
    );
}

#[test]
fn a_body_that_is_not_what_it_says_is_refused_in_words() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    for (encoding, body, status, text) in [
        ("gzip", "this is not gzip", 400, "the body is not gzip"),
        ("br", "anything", 400, "content encoding other than gzip"),
        (
            "identity",
            "zzzz",
            400,
            "not a request that upload-pack can read",
        ),
    ] {
        let headers = [
            ("Authorization", &*authorization),
            ("Content-Encoding", encoding),
        ];
        let answer = Wire::connect(&lab, HOST).post(
            &format!("{PATH}/git-upload-pack"),
            &headers,
            body.as_bytes(),
        );
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(text), "{}", answer.text());
    }
}

/// go-git once sent entries that name their base by its distance in the pack, though CodeCommit does not offer that; what
/// it was told is in src-d/go-git's issue 945.
#[test]
fn a_pack_with_offset_deltas_is_refused_with_the_observed_text() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let id = "1234567890123456789012345678901234567890";
    let mut body = packet(&format!("{ZERO} {id} refs/heads/topic\0report-status")).into_bytes();
    body.extend(b"0000PACK\0\0\0\x02\0\0\0\x01\x65\x05");
    body.extend(vec![0; 3000]);
    let headers = [("Authorization", &*authorization)];
    let answer =
        Wire::connect(&lab, HOST).post(&format!("{PATH}/git-receive-pack"), &headers, &body);
    assert_eq!(answer.status, 200);
    let expected = format!(
        "{}{}0000",
        packet("unpack protocol error (offset deltas are not supported)\n"),
        packet("ng refs/heads/topic unpacker error\n")
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(files_below(&lab, "incoming"), Vec::<String>::new());
}

#[test]
fn a_push_without_readable_commands_is_refused_in_words() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let headers = [("Authorization", &*authorization)];
    for (body, text) in [
        ("zzzz", "the push does not begin with commands"),
        ("0004", "the push does not begin with commands"),
        ("0009hello", "the push has a command that cannot be read"),
        ("00", "the push ends within its commands"),
        ("", "the push ends within its commands"),
    ] {
        let answer = Wire::connect(&lab, HOST).post(
            &format!("{PATH}/git-receive-pack"),
            &headers,
            body.as_bytes(),
        );
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(text), "{}", answer.text());
    }
}

/// The user guide's limit. Git itself takes seconds to send so many, so they come by hand.
#[test]
fn four_thousand_and_one_references_are_too_many() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let headers = [("Authorization", &*authorization)];
    let id = "1234567890123456789012345678901234567890";
    let report = |count: usize| {
        let mut body = String::new();
        for tag in 0..count {
            let capabilities = if tag == 0 { "\0report-status" } else { "" };
            body.push_str(&packet(&format!(
                "{id} {ZERO} refs/tags/t{tag}{capabilities}"
            )));
        }
        body.push_str("0000");
        let path = format!("{PATH}/git-receive-pack");
        Wire::connect(&lab, HOST)
            .post(&path, &headers, body.as_bytes())
            .text()
    };
    let refused = report(4_001);
    assert!(
        refused.starts_with(&packet("unpack Too many reference update commands\n")),
        "{}",
        &refused[..200]
    );
    assert!(report(4_000).starts_with(&packet("unpack ok\n")));
}
