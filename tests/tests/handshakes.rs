//! Clients that come to no request because of TLS: what the journal says of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::path::Path;
use std::time::Duration;

use codecommit_mock::authn::verdict::{Refusal, Verdict};
use codecommit_mock::fault::FaultPlan;
use codecommit_mock::{Exchange, Limits, MockServer};
use codecommit_tests::wire::{Wire, plain};
use codecommit_tests::{HOST, Lab, PATH, Said, url};

/// What the journal says of the one connection that there was.
#[track_caller]
fn only(lab: &Lab) -> (Exchange, Refusal) {
    let [exchange] = <[Exchange; 1]>::try_from(lab.exchanges()).unwrap();
    let refusal = match exchange.verdict.clone() {
        Some(Verdict::Refused(refusal)) => Some(*refusal),
        _ => None,
    };
    assert!(!exchange.is_request());
    assert_eq!((&*exchange.method, &*exchange.path), ("TLS", ""));
    assert_eq!(exchange.status, None);
    (exchange, refusal.unwrap())
}

#[track_caller]
fn curl(lab: &Lab, arguments: &[&str], status: i32) {
    let mut curl = lab.command("curl");
    curl.args(["-sS", "-o", "/dev/null", "--max-time", "20"])
        .args(arguments);
    let said: Said = curl.output().unwrap().into();
    said.fails(status, "");
}

/// GnuTLS ends the handshake, and git looks at the certificate afterwards; OpenSSL sends an alert.
#[test]
fn a_git_that_does_not_trust_the_authority_is_told_which_one_to_trust() {
    let gits = ["/usr/local/bin/git", "/usr/bin/git"].map(Path::new);
    for git in gits.into_iter().filter(|git| git.exists()) {
        for version in ["HTTP/1.1", "HTTP/2"] {
            let lab = Lab::demo();
            let mut command = lab.command(git);
            command.env_remove("GIT_SSL_CAINFO");
            command.args(["-c", &format!("http.version={version}")]);
            command.args(["ls-remote", &url(HOST, PATH)]);
            let said: Said = command.output().unwrap().into();
            said.fails(128, "certificate");
            let (exchange, refusal) = only(&lab);
            assert_eq!(
                (&*exchange.host, refusal.reason.as_str()),
                (HOST, "tls-failed")
            );
            let ca = lab.server.ca_path().display().to_string();
            assert!(refusal.help.unwrap().contains(&ca));
        }
    }
}

#[test]
fn a_curl_that_does_not_trust_the_authority_says_so_in_an_alert() {
    for version in ["1.2", "1.3"] {
        let lab = Lab::demo();
        let ca = lab.home().join("none.pem");
        let another = Lab::demo();
        std::fs::copy(another.server.ca_path(), &ca).unwrap();
        let ca = ca.to_str().unwrap();
        let target = url(HOST, PATH);
        curl(&lab, &["--tls-max", version, "--cacert", ca, &target], 60);
        let (_, refusal) = only(&lab);
        let alert = "ended TLS with the alert ";
        assert!(refusal.detail.contains(alert), "{version}: {refusal:?}");
        assert!(
            refusal
                .help
                .unwrap()
                .starts_with("trust the authority of this run")
        );
    }
}

#[test]
fn a_host_that_is_not_played_is_told_to_who_asks_for_it() {
    let lab = Lab::demo();
    let to = format!("git.example.com:443:127.0.0.1:{}", lab.server.port());
    let direct = [
        "--noproxy",
        "*",
        "--connect-to",
        &to,
        "https://git.example.com/",
    ];
    curl(&lab, &direct, 60);
    let (exchange, refusal) = only(&lab);
    assert_eq!(exchange.host, "git.example.com");
    assert!(
        refusal
            .help
            .unwrap()
            .contains("`git.example.com` is none of them")
    );
}

#[test]
fn what_a_client_offers_that_the_server_has_not_is_told() {
    for (options, detail) in [
        (
            &["--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0"],
            "that the server has: it offers TLS 1.1 at most",
        ),
        (
            &["--tls-max", "1.2", "--ciphers", "AES128-SHA"],
            "that the server has: its ciphers are 0x002f, and its groups for the key exchange none",
        ),
    ] {
        let lab = Lab::demo();
        let target = url(HOST, PATH);
        curl(&lab, &[&options[..], &[&target]].concat(), 35);
        let (_, refusal) = only(&lab);
        assert!(refusal.detail.contains(detail), "{refusal:?}");
        let help = refusal.help.unwrap();
        assert!(help.contains("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    }
}

#[test]
fn a_client_that_speaks_no_tls_in_its_tunnel_is_told_what_it_speaks() {
    for (said, what) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "speaks HTTP without TLS in"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "speaks SSH in"),
        (b"\x80\x2e\x01", "speaks something that is not TLS in"),
    ] {
        let lab = Lab::demo();
        let mut stream = plain(&lab);
        let connect = format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n");
        stream.write_all(connect.as_bytes()).unwrap();
        let mut opened = Vec::new();
        while !opened.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            opened.extend(byte);
        }
        stream.write_all(said).unwrap();
        let _ = stream.read_to_end(&mut opened);
        let (exchange, refusal) = only(&lab);
        assert_eq!(exchange.host, HOST);
        assert!(refusal.detail.contains(what), "{refusal:?}");
        assert!(refusal.help.unwrap().contains("https://"));
    }
}

#[test]
fn what_only_begins_like_tls_and_what_ends_in_the_middle_is_told() {
    for (said, detail) in [
        (&b"\x16\x03\x01\x00\x05hello"[..], "this is not TLS"),
        (b"\x16\x03\x01", "went away in the middle of the handshake"),
    ] {
        let lab = Lab::demo();
        let mut stream = plain(&lab);
        stream.write_all(said).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // To the end, which the server makes when it has written down why.
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        let (exchange, refusal) = only(&lab);
        assert_eq!(exchange.host, "127.0.0.1");
        assert!(refusal.detail.contains(detail), "{refusal:?}");
    }
}

#[test]
fn a_connection_in_reserve_is_neither_told_nor_waited_for() {
    let lab = Lab::demo();
    let mut wire = Wire::connect(&lab, HOST);
    wire.send(b"");
    assert!(lab.server.journal().settle(Duration::from_secs(20)));
    assert!(lab.exchanges().is_empty());
    assert_eq!(wire.info_refs(PATH, None).status, 401);
    assert_eq!(lab.exchanges().len(), 1);
}

#[test]
fn a_handshake_that_does_not_end_is_too_slow() {
    let limits = Limits {
        head_time: Duration::from_millis(50),
        ..Limits::default()
    };
    let lab = Lab::start(MockServer::builder().limits(limits));
    let mut stream = plain(&lab);
    stream.write_all(b"\x16\x03\x01").unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(only(&lab).1.reason.as_str(), "client-too-slow");
}

#[test]
fn a_fault_in_the_handshake_is_told_once() {
    for fault in ["tls=unknown-ca", "tls=cut", "refuse=close,host=git-*"] {
        let plan = FaultPlan(vec![fault.parse().unwrap()]);
        let lab = Lab::start(MockServer::builder().faults(plan));
        lab.git(&["ls-remote", &url(HOST, PATH)]).fails(128, "");
        let verdicts: Vec<_> = lab.exchanges().into_iter().map(|it| it.verdict).collect();
        let ids: Vec<_> = verdicts.iter().flatten().map(Verdict::id).collect();
        assert_eq!(ids, ["fault-injected"], "{fault}");
    }
}
