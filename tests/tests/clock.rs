//! One clock for everything, moved at once and never under a request.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use codecommit_mock::{Clock, Limits, MockServer};
use codecommit_tests::wire::{Wire, basic, say};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url};
use time::Duration;

fn moved(clock: &Clock, how: &str) {
    clock.apply(how.parse().unwrap());
}

#[test]
fn a_frozen_clock_shows_in_the_date_and_in_the_journal() {
    let clock = Clock::system();
    moved(&clock, "frozen@2031-05-06T07:08:09Z");
    let lab = Lab::start(MockServer::builder().clock(clock));
    let mut wire = Wire::connect(&lab, HOST);
    for _ in 0..2 {
        let answer = wire.info_refs(PATH, None);
        let date = "date: Tue, 06 May 2031 07:08:09 GMT\n";
        assert!(answer.headers.contains(date), "{}", answer.headers);
    }
    for exchange in lab.exchanges() {
        assert_eq!(exchange.at.to_string(), "2031-05-06T07:08:09Z");
    }
}

/// Also where no request gets to the world: they are compared with those of other answers.
#[test]
fn no_answer_has_the_systems_time() {
    let clock = Clock::system();
    moved(&clock, "frozen@2031-05-06T07:08:09Z");
    let limits = Limits {
        head_time: std::time::Duration::from_millis(100),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().clock(clock).limits(limits));
    let control = format!(
        "GET /_lab/ HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n",
        lab.server.port()
    );
    for (request, status, is_dated) in [
        (
            format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n"),
            200,
            true,
        ),
        (format!("{control}Connection: close\r\n\r\n"), 401, true),
        ("GET / HTTP/1.1\r\nX: ".to_owned(), 408, true),
        ("this is not HTTP\r\n\r\n".to_owned(), 400, false),
    ] {
        let heard = say(&lab, &request).to_ascii_lowercase();
        assert!(heard.starts_with(&format!("http/1.1 {status} ")), "{heard}");
        let dates: Vec<&str> = heard
            .lines()
            .filter(|line| line.starts_with("date: "))
            .collect();
        let expected: &[&str] = if is_dated {
            &["date: tue, 06 may 2031 07:08:09 gmt"]
        } else {
            &[]
        };
        assert_eq!(dates, expected, "{heard}");
    }
}

#[test]
fn passwords_end_by_the_clock_in_either_direction() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
    moved(lab.server.clock(), "+16m");
    lab.git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "error: 403");
    assert_eq!(lab.last_verdict(), "password-expired");
    moved(lab.server.clock(), "-1h");
    lab.git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "error: 403");
    assert_eq!(lab.last_verdict(), "password-from-the-future");
    moved(lab.server.clock(), "system");
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
}

#[test]
fn a_request_in_flight_keeps_the_time_it_came_at() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let mut wire = Wire::connect(&lab, HOST);
    let headers = [
        ("Authorization", &*authorization),
        ("Content-Type", "application/x-git-upload-pack-request"),
        ("Content-Length", "4"),
    ];
    wire.head(&format!("POST {PATH}/git-upload-pack"), &headers);
    while lab.server.journal().exchanges().is_empty() {
        std::thread::yield_now();
    }
    moved(lab.server.clock(), "2031-05-06T07:08:09Z");
    wire.send(b"0000");
    let answer = wire.answer();
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains("2031"), "{}", answer.headers);
    let answer = wire.info_refs(PATH, Some(&authorization));
    assert_eq!(answer.status, 403);
    assert!(answer.headers.contains("2031"), "{}", answer.headers);
}

/// Git and curl read the system's clock, which stays where it is.
#[test]
fn certificates_are_valid_by_both_clocks_wherever_the_servers_goes() {
    let lab = Lab::demo();
    for how in ["+400d", "2039-01-01T00:00:00Z", "1999-01-01T00:00:00Z"] {
        moved(lab.server.clock(), how);
        lab.log_in_as_alice();
        lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
        // And a client that lives in the server's time sees a valid one, too.
        let instant = lab.server.clock().timestamp().unix_seconds();
        let certificate = served_certificate(&lab);
        let check = openssl(&["verify", "-attime", &instant.to_string(), "-CAfile"])
            .arg(lab.server.ca_path())
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(check.status.success(), "{how}: {check:?}");
    }
}

#[test]
fn our_helper_signs_by_the_clock_of_the_clients_and_a_skew_is_not_theirs() {
    let variable = |how: &str| {
        let clock = Clock::system();
        moved(&clock, how);
        let server = MockServer::builder().clock(clock).start().unwrap();
        let env = server.env();
        let found = env.iter().find(|(name, _)| name.ends_with("HELPER_CLOCK"));
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(variable("system"), None);
    assert_eq!(variable("skew=+6m"), None);
    assert_eq!(variable("+16m").as_deref(), Some("+960s"));
    let instant = "2026-01-01T00:00:00Z";
    let frozen = variable(&format!("frozen@{instant}"));
    assert_eq!(frozen.as_deref(), Some(instant));
}

#[test]
fn threads_move_one_clock_and_lose_no_step() {
    let clock = Clock::frozen(std::time::SystemTime::UNIX_EPOCH);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..250).for_each(|_| clock.advance(Duration::seconds(1))));
        }
    });
    assert_eq!(clock.timestamp().unix_seconds(), 1000);
}

fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}

fn served_certificate(lab: &Lab) -> std::path::PathBuf {
    let address = format!("127.0.0.1:{}", lab.server.port());
    let said = openssl(&["s_client", "-connect", &address, "-servername", HOST])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let path = lab.home().join("leaf.pem");
    std::fs::write(&path, said.stdout).unwrap();
    path
}
