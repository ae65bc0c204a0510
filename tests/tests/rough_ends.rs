//! Ends that nobody chose: kills in the middle, clients that vanish together, that stop reading, that take back what they ask.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use codecommit_mock::{Exchange, Limits, MockServer};
use codecommit_tests::processes::{children, eventually};
use codecommit_tests::wire::{Wire, basic, packet, wants};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, noise, url};

/// What the server does by itself takes less.
const SOON: Duration = Duration::from_secs(20);

/// A generator of numbers that are the same in each run (Numerical Recipes' constants).
fn numbers(mut seed: u32) -> impl FnMut(u32) -> u32 {
    move |below| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    }
}

#[test]
fn a_kill_at_any_moment_of_a_push_leaves_a_valid_repository_with_old_or_new_references() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
        .ok();
    let mut random = numbers(7);
    for round in 0..6 {
        let old = lab.head();
        std::fs::write(lab.home().join("work/noise"), noise(round + 1, 100_000)).unwrap();
        lab.git(&["-C", "work", "add", "noise"]).ok();
        let new = lab.commit("work", "noise");

        let mut push = lab.command("git");
        push.args([
            "-C",
            "work",
            "push",
            "--quiet",
            "--force",
            "origin",
            "HEAD:main",
        ])
        // With a group of its own: a kill takes what it has started, too, which would go on pushing.
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
        let mut push = push.spawn().unwrap();
        let kills_client = round % 2 == 0;
        if !kills_client {
            // Its first child, or it has ended before one was seen.
            eventually(SOON, "a child runs", || {
                !children(&lab).is_empty() || push.try_wait().unwrap().is_some()
            });
        }
        thread::sleep(Duration::from_millis(
            random(if kills_client { 80 } else { 10 }).into(),
        ));
        let mut kill = Command::new("kill");
        kill.args(["-9", "--"]).stderr(Stdio::null());
        if kills_client {
            kill.arg(format!("-{}", push.id()));
        } else {
            kill.args(children(&lab));
        }
        // What has ended meanwhile cannot be killed.
        kill.status().unwrap();
        push.wait().unwrap();

        // Nothing is under way any more that would start one.
        lab.exchanges();
        eventually(SOON, "no child runs", || children(&lab).is_empty());
        let head = lab.in_repository(&["rev-parse", "refs/heads/main"]);
        assert!(head == old || head == new, "round {round}: {head}");
        lab.in_repository(&["fsck", "--strict", "--connectivity-only"]);
    }
    lab.in_repository(&["fsck", "--strict", "--full"]);
}

#[test]
fn clients_that_vanish_together_leave_no_child() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    // So many that a git is started for them before the rest comes; no push begins like this.
    let wants = wants(&lab.head(), 2000);
    let mut wires = Vec::new();
    for service in ["git-upload-pack", "git-receive-pack"].repeat(8) {
        let mut wire = Wire::connect(&lab, HOST);
        wire.head(
            &format!("POST {PATH}/{service}"),
            &[
                ("Authorization", &authorization),
                ("Content-Length", "1000000"),
            ],
        );
        wire.send(wants.as_bytes());
        wires.push(wire);
    }
    eventually(SOON, "eight fetches have a child", || {
        children(&lab).len() >= 8
    });
    drop(wires);
    eventually(SOON, "no child runs", || children(&lab).is_empty());
    assert_eq!(lab.exchanges().len(), 16);
}

/// Puts a blob into the repository that is more than the pipes and sockets between take.
fn large_blob(lab: &Lab) -> String {
    std::fs::write(lab.home().join("large"), noise(1, 24 * 1024 * 1024)).unwrap();
    let large = lab.home().join("large");
    lab.in_repository(&["config", "core.compression", "0"]);
    let blob = lab.in_repository(&["hash-object", "-w", large.to_str().unwrap()]);
    lab.in_repository(&["update-ref", "refs/tags/large", &blob]);
    blob
}

/// A client that asks for an object, and reads nothing yet.
fn asking(lab: &Lab, object: &str) -> Wire {
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(lab, HOST);
    let want = format!("0032want {object}\n00000009done\n");
    wire.head(
        &format!("POST {PATH}/git-upload-pack"),
        &[
            ("Authorization", &authorization),
            ("Content-Length", &want.len().to_string()),
        ],
    );
    wire.send(want.as_bytes());
    wire
}

#[test]
fn a_client_that_reads_nothing_gives_its_turn_to_those_who_wait() {
    let limits = Limits {
        children: 1,
        crowded_silence: Duration::from_millis(20),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let blob = large_blob(&lab);
    let mut unhurried = asking(&lab, &blob);
    eventually(SOON, "a child runs", || !children(&lab).is_empty());
    // Nobody waits, whatever time passes: pushes have turns of their own.
    let began = Instant::now();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    while began.elapsed() < limits.crowded_silence * 3 {
        let mut push = Wire::connect(&lab, HOST);
        let headers = [("Authorization", &*authorization)];
        let answer = push.post(&format!("{PATH}/git-receive-pack"), &headers, b"0000");
        assert_eq!(answer.status, 200);
    }
    assert_eq!(unhurried.answer().status, 200);
    drop(unhurried);
    eventually(SOON, "no child runs", || children(&lab).is_empty());

    let mut slow = asking(&lab, &blob);
    eventually(SOON, "a child runs", || !children(&lab).is_empty());
    let head = lab.head();
    let mut next = asking(&lab, &head);
    assert_eq!(next.answer().status, 200);
    // Over for whoever reads the journal, though the client is still there and has read nothing.
    let exchanges = lab.exchanges();
    let given_up = &exchanges[exchanges.len() - 2];
    assert!(given_up.duration >= limits.crowded_silence, "{given_up:?}");
    let child = given_up.child.as_deref();
    assert!(
        child.is_some_and(|it| it.starts_with("signal: ")),
        "{child:?}"
    );
    let heard = slow.rest_of_bytes();
    assert!(heard.len() < 24 * 1024 * 1024);
    assert!(!heard.ends_with(b"0\r\n\r\n"), "the answer looks whole");
    drop((slow, next));
    let exchanges = lab.exchanges();
    let told: Vec<(&str, bool)> = exchanges
        .iter()
        .map(|it| (it.verdict.as_ref().unwrap().id(), it.complete))
        .collect();
    assert_eq!(told[0], ("accepted", true));
    assert_eq!(
        told[told.len() - 2..],
        [("client-too-slow", false), ("accepted", true)]
    );
}

#[test]
fn a_client_that_stops_reading_is_cut_and_its_child_ends() {
    let limits = Limits {
        silence: Duration::from_millis(200),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let wire = asking(&lab, &large_blob(&lab));
    eventually(SOON, "a child runs", || !children(&lab).is_empty());
    eventually(SOON, "no child runs", || children(&lab).is_empty());
    let exchange = lab.exchanges().pop().unwrap();
    assert_eq!(exchange.status, Some(200));
    assert!(!exchange.complete, "{exchange:?}");
    drop(wire);
}

#[test]
fn a_push_that_is_carried_out_though_its_client_has_left_is_told() {
    let lab = Lab::demo();
    // Git waits in it until the client has left.
    let hooks = lab.in_repository(&["rev-parse", "--absolute-git-dir"]) + "/hooks";
    std::fs::create_dir_all(&hooks).unwrap();
    let (waits, goes_on) = (lab.home().join("waits"), lab.home().join("goes-on"));
    let (hook, shown) = (format!("{hooks}/pre-receive"), goes_on.display());
    let script = format!(
        "#!/bin/sh\ntouch '{}'\nwhile ! test -e '{shown}'; do sleep 0.01; done\n",
        waits.display()
    );
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();

    let (zeros, head) = ("0".repeat(40), lab.head());
    let delete = format!("{head} {zeros} refs/heads/main\0report-status");
    let push = format!("{}0000", packet(&delete));
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(&lab, HOST);
    let headers = [
        ("Authorization", &*authorization),
        ("Content-Length", &push.len().to_string()),
    ];
    wire.head(&format!("POST {PATH}/git-receive-pack"), &headers);
    wire.send(push.as_bytes());
    eventually(SOON, "the hook waits", || waits.exists());
    wire.leave();
    std::fs::write(&goes_on, "").unwrap();

    let exchange = lab.exchanges().pop().unwrap();
    assert_eq!((exchange.status, exchange.complete), (None, false));
    assert_eq!(exchange.changed, ["refs/heads/main"]);
    assert_eq!(exchange.child.as_deref(), Some("exit status: 0"));
    assert_eq!(exchange.refusals, []);
}

/// CVE-2023-44487: each stream is taken back as soon as it is opened.
#[test]
fn http_2_streams_reset_as_fast_as_they_are_opened_end_the_connection_alone() {
    let lab = Lab::demo();
    let mut attack = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    attack.extend(frame(4, 0, 0, b""));
    // RFC 7541: GET, https and / are in the static table; the authority follows in full.
    let mut head = vec![0x82, 0x87, 0x84, 0x41, u8::try_from(HOST.len()).unwrap()];
    head.extend(HOST.as_bytes());
    // In one TLS record: of what the server does not read before it closes, nothing may be left to reset the connection.
    for stream in (1..300).step_by(2) {
        // END_STREAM and END_HEADERS, then RST_STREAM with CANCEL.
        attack.extend(frame(1, 5, stream, &head));
        attack.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    let mut wire = Wire::connect_with_http_2(&lab, HOST);
    wire.send(&attack);
    let heard = wire.rest_of_bytes();
    let goaway = frames(&heard).find(|(kind, _)| *kind == 7).unwrap();
    // ENHANCE_YOUR_CALM
    assert_eq!(goaway.1[4..8], 11_u32.to_be_bytes());

    // It is written when the connection has ended; some that were under way may stand behind it.
    let is_told = |exchange: &Exchange| {
        let verdict = exchange.verdict.as_ref();
        verdict.is_some_and(|verdict| verdict.id() == "request-malformed")
    };
    eventually(SOON, "the journal tells of it", || {
        lab.exchanges().iter().any(is_told)
    });
    assert!(lab.exchanges().len() < 150, "all of them were served");
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&authorization));
    assert_eq!(answer.status, 200);
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.write_all(payload).unwrap();
    frame
}

/// The kinds and payloads of the frames in what a server said.
fn frames(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let head = bytes.get(..9)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let payload = bytes.get(9..9 + length)?;
        bytes = &bytes[9 + length..];
        Some((head[3], payload))
    })
}
