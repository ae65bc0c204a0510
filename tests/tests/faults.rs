//! Each fault, and what real git and curl print when they meet it. `docs/faults.md` shows the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use codecommit_mock::fault::{Fault, FaultPlan};
use codecommit_mock::{Exchange, MockServer};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, Said, noise, url};

fn lab_with(faults: &[&str]) -> Lab {
    let plan: FaultPlan = faults
        .iter()
        .map(|text| text.parse::<Fault>().unwrap())
        .collect();
    let lab = Lab::start(MockServer::builder().faults(plan));
    lab.log_in_as_alice();
    lab
}

/// The gits that are installed: with another TLS library, or another version, the words differ.
fn gits() -> Vec<&'static Path> {
    let gits = ["/usr/local/bin/git", "/usr/bin/git"].map(Path::new);
    gits.into_iter().filter(|git| git.exists()).collect()
}

fn cloned(lab: &Lab, git: &Path) -> Said {
    let folder = tempfile::tempdir_in(lab.home()).unwrap();
    let mut command = lab.command(git);
    command
        .args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1"])
        .args(["clone", "-q", &url(HOST, PATH)])
        .arg(folder.path().join("work"));
    command.output().unwrap().into()
}

/// What every git that is installed says to a fault: one of these.
#[track_caller]
fn git_says(fault: &str, one_of: &[&str]) {
    for git in gits() {
        let lab = lab_with(&[fault]);
        let said = cloned(&lab, git);
        assert_eq!(said.status, Some(128), "{fault} {said:#?}");
        let heard = one_of.iter().any(|words| said.stderr.contains(words));
        assert!(heard, "{fault}: {} said {}", git.display(), said.stderr);
        assert_written_down(&lab, fault);
    }
}

fn is_fault(exchange: &Exchange) -> bool {
    let verdict = exchange.verdict.as_ref();
    !exchange.faults.is_empty() && verdict.is_some_and(|verdict| verdict.id() == "fault-injected")
}

/// What curl says to a fault: one of these. It is told to trust the laboratory's CA alone.
#[track_caller]
fn curl_says(fault: &str, one_of: &[&str]) {
    let lab = lab_with(&[fault]);
    let target = format!("{}/info/refs?service=git-upload-pack", url(HOST, PATH));
    let said: Said = lab
        .command("curl")
        .args(["-sS", "-f", "-o", "/dev/null", "--max-time", "3", &target])
        .output()
        .unwrap()
        .into();
    let heard = one_of
        .iter()
        .any(|words| said.stderr.starts_with(&format!("curl: {words}")));
    assert!(heard, "{fault}: {said:#?}");
    assert_written_down(&lab, fault);
}

/// The journal has the fault in its words, with its verdict.
#[track_caller]
fn assert_written_down(lab: &Lab, fault: &str) {
    let words = fault.parse::<Fault>().unwrap().effect.to_string();
    let exchanges = lab.exchanges();
    let injected = exchanges
        .iter()
        .any(|exchange| is_fault(exchange) && exchange.faults.contains(&words));
    assert!(injected, "{fault}: {exchanges:#?}");
}

/// By `--max-time`; how many bytes came until then is told, too.
const TIMED_OUT: &[&str] = &[
    "(28) Operation timed out after",
    "(28) Connection timed out after",
    "(28) Proxy CONNECT aborted due to timeout",
];

const RESET: &str = "Recv failure: Connection reset by peer";

#[test]
fn a_connection_is_refused() {
    git_says("refuse=reset", &[RESET, "Send failure"]);
    git_says(
        "refuse=reset,host=git-codecommit.*",
        &[RESET, "Send failure"],
    );
    git_says("refuse=close", &["Proxy CONNECT aborted"]);
    curl_says("refuse=stall", TIMED_OUT);
    curl_says(
        "refuse=reset",
        &[
            "(56) Recv failure: Connection reset by peer",
            "(55) Send failure",
        ],
    );
    curl_says("refuse=close", &["(56) Proxy CONNECT aborted"]);
}

#[test]
fn a_connection_is_cut_in_the_middle() {
    for fault in ["reset=600,path=*/git-upload-pack", "reset=2500"] {
        git_says(
            fault,
            &["RPC failed; curl 56 Recv failure: Connection reset by peer"],
        );
    }
    git_says("reset=0,path=*/info/refs", &[RESET, "Send failure"]);
    git_says(
        "close=600,path=*/git-upload-pack",
        &[
            "RPC failed; curl 56 GnuTLS recv error",
            "RPC failed; curl 56 OpenSSL",
            "RPC failed; curl 18",
        ],
    );
    git_says(
        "stall=600,path=*/git-upload-pack",
        &["RPC failed; curl 28 Operation too slow"],
    );
    // It may find out when it writes, when it reads, or in the middle of a frame.
    curl_says(
        "reset=0,path=*/info/refs",
        &[
            "(56) Recv failure: Connection reset by peer",
            "(56) OpenSSL SSL_read",
            "(55) Send failure",
            "(16) Error in the HTTP2 framing layer",
        ],
    );
    curl_says(
        "close=0,path=*/info/refs",
        &[
            "(56) OpenSSL SSL_read",
            "(52) Empty reply from server",
            "(18)",
            "(16) Error in the HTTP2 framing layer",
        ],
    );
    curl_says("stall=0,path=*/info/refs", TIMED_OUT);
}

#[test]
fn a_push_is_cut_in_the_middle_and_changes_nothing() {
    for git in gits() {
        let lab = lab_with(&[]);
        lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
        // More than the window of HTTP/2: as much may have been read before the cut begins to count.
        std::fs::write(lab.home().join("work/noise"), noise(1, 3_000_000)).unwrap();
        lab.git(&["-C", "work", "add", "."]).ok();
        lab.commit("work", "Noise");
        let before = lab.head();
        let cut = "reset=100000,direction=request,path=*/git-receive-pack";
        let id = lab.server.faults().add(cut.parse().unwrap());
        let push = |lab: &Lab| -> Said {
            let mut command = lab.command(git);
            command.args(["-C", "work", "push", "origin", "main"]);
            command.output().unwrap().into()
        };
        let said = push(&lab);
        assert_ne!(said.status, Some(0), "{said:#?}");
        assert!(
            said.stderr.ends_with("Everything up-to-date\n"),
            "{said:#?}"
        );
        assert!(
            ["curl 5", "curl 65"]
                .iter()
                .any(|end| said.stderr.contains(&format!("error: RPC failed; {end}"))),
            "{said:#?}"
        );
        assert_eq!(lab.head(), before);
        let last = lab.exchanges().pop().unwrap();
        assert!(is_fault(&last) && !last.complete, "{last:#?}");
        assert!(lab.server.faults().remove(id));
        push(&lab).ok();
        assert_ne!(lab.head(), before);
    }
}

#[test]
fn a_handshake_goes_wrong() {
    git_says(
        "tls=wrong-host",
        &[
            "does not match target host name",
            "no alternative certificate subject name",
        ],
    );
    for (fault, words) in [
        ("tls=expired", "certificate has expired"),
        ("tls=not-yet-valid", "certificate is not yet valid"),
        (
            "tls=unknown-ca",
            "self-signed certificate in certificate chain",
        ),
    ] {
        git_says(
            fault,
            &[
                "server certificate verification failed",
                "SSL certificate problem",
            ],
        );
        let words = format!("(60) SSL certificate problem: {words}");
        curl_says(fault, &[&words]);
    }
    git_says(
        "tls=cut",
        &[
            "gnutls_handshake() failed",
            "SSL_ERROR_SYSCALL",
            "unexpected eof",
        ],
    );
    curl_says(
        "tls=wrong-host",
        &["(60) SSL: no alternative certificate subject name matches target host name"],
    );
    curl_says(
        "tls=cut",
        &[
            "(35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL",
            "(35) TLS connect error",
        ],
    );
}

/// Certificate faults belong to the certificate: one of them must not be there because another is.
#[test]
fn the_certificates_are_wrong_in_just_one_way() {
    for (fault, words) in [
        ("tls=expired", "certificate has expired"),
        ("tls=not-yet-valid", "certificate is not yet valid"),
        (
            "tls=unknown-ca",
            "self-signed certificate in certificate chain",
        ),
        ("tls=wrong-host", "another-host.amazonaws.com"),
    ] {
        let lab = lab_with(&[fault]);
        let address = format!("127.0.0.1:{}", lab.server.port());
        let mut command = Command::new("openssl");
        command
            .args([
                "s_client",
                "-connect",
                &address,
                "-servername",
                HOST,
                "-verify_hostname",
                HOST,
            ])
            .arg("-CAfile")
            .arg(lab.server.ca_path())
            .stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let errors: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("verify error:"))
            .collect();
        assert_eq!(errors.len(), 1, "{fault}: {errors:?}");
        if fault == "tls=wrong-host" {
            assert!(errors[0].contains("ostname mismatch"), "{errors:?}");
        } else {
            assert!(errors[0].contains(words), "{errors:?}");
        }
    }
}

#[test]
fn a_request_is_answered_with_a_status() {
    git_says("status=503", &["The requested URL returned error: 503"]);
    git_says("status=429", &["The requested URL returned error: 429"]);
    git_says("status=401", &["Authentication failed"]);
    git_says(
        "status=500,path=*/git-upload-pack",
        &["RPC failed; HTTP 500 curl 22 The requested URL returned error: 500"],
    );
    // What it is has to be said to whoever sees it.
    git_says(
        "status=503",
        &["remote: codecommit-lab: fault injected: status 503"],
    );
    curl_says(
        "status=503",
        &["(22) The requested URL returned error: 503"],
    );
}

#[test]
fn too_many_requests_come_with_and_without_the_time_to_wait() {
    let headers = |fault: &str| {
        let lab = lab_with(&[fault]);
        let target = url(HOST, PATH) + "/info/refs?service=git-upload-pack";
        let mut command = lab.command("curl");
        let output = command
            .args(["-sS", "-D", "-", "-o", "/dev/null", &target])
            .output();
        String::from_utf8(output.unwrap().stdout)
            .unwrap()
            .to_lowercase()
    };
    assert!(headers("status=429,retry_after=7").contains("retry-after: 7\r\n"));
    assert!(!headers("status=429").contains("retry-after"));
}

#[test]
fn curl_waits_and_tries_again_and_git_does_neither() {
    let lab = lab_with(&["status=429,retry_after=1,times=1"]);
    let mut command = lab.command("curl");
    command.args(["--retry", "1", &url(HOST, PATH)]);
    let said: Said = command.output().unwrap().into();
    let words = "Will retry in 1 seconds";
    assert!(said.stderr.contains(words), "{said:#?}");
    assert_eq!(lab.exchanges().len(), 2);
    for git in gits() {
        let lab = lab_with(&["status=429,retry_after=1,times=1"]);
        cloned(&lab, git).fails(128, "The requested URL returned error: 429");
        assert_eq!(lab.exchanges().len(), 1);
    }
}

#[test]
fn a_password_that_is_refused_is_taken_from_the_helper() {
    for git in gits() {
        let lab = lab_with(&["status=401"]);
        let helper = format!(
            "!f() {{ echo $1 >> '{0}/asked'; test $1 = get && printf 'username=a\npassword=b\n'; }}; f",
            lab.home().display()
        );
        lab.config("credential.helper", &helper);
        cloned(&lab, git).fails(128, "Authentication failed");
        let asked = std::fs::read_to_string(lab.home().join("asked")).unwrap();
        assert_eq!(asked, "get\nerase\n");
    }
}

/// The head says how long the body is, and that is what comes.
#[test]
fn an_answer_that_is_cut_short_looks_whole_to_curl() {
    let lab = lab_with(&["truncate=20,path=*/info/refs"]);
    let user = format!("{KEY_ID}:{}", lab.password(HOST, PATH));
    let target = format!("{}/info/refs?service=git-upload-pack", url(HOST, PATH));
    let mut command = lab.command("curl");
    command.args(["-sS", "--fail", "--user", &user, &target]);
    let said = Said::from(command.output().unwrap()).ok();
    assert_eq!(said.stdout, "001e# service=git-up");
    assert_written_down(&lab, "truncate=20");
}

#[test]
fn an_answer_is_cut_short_or_wrong() {
    git_says(
        "truncate=20,path=*/info/refs",
        &["the remote end hung up unexpectedly"],
    );
    git_says(
        "truncate=600,path=*/git-upload-pack",
        &["unexpected disconnect while reading sideband packet"],
    );
    git_says(
        "corrupt=pkt-line,path=*/info/refs",
        &["bad line length character: zzzz"],
    );
    git_says(
        "corrupt=pkt-line,path=*/git-upload-pack",
        &["bad line length character: zzzz"],
    );
    git_says("corrupt=side-band", &["protocol error: bad band #9"]);
    git_says("corrupt=pack", &["inflate: data stream error"]);
}

#[test]
fn a_challenge_has_no_pkt_line() {
    let lab = lab_with(&["corrupt=pkt-line,times=1"]);
    cloned(&lab, gits()[0]).fails(128, "bad line length character: zzzz");
    let exchanges = lab.exchanges();
    let faults: Vec<_> = exchanges.iter().map(|it| it.faults.len()).collect();
    assert_eq!(faults, [0, 1], "{exchanges:#?}");
}

/// The challenge and the advertisement of references have no pack: a fault in it is not used up by them.
#[test]
fn a_fault_that_changes_nothing_has_not_fired() {
    let lab = lab_with(&[
        "corrupt=pack,times=1",
        "truncate=1000000",
        "reset=100000000",
    ]);
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
    let list = lab.server.faults().list();
    assert!(
        list.iter().all(|fault| fault.met > 0 && fault.fired == 0),
        "{list:#?}"
    );
    for exchange in lab.exchanges() {
        assert!(exchange.faults.is_empty(), "{exchange:#?}");
    }
    cloned(&lab, gits()[0]).fails(128, "inflate: data stream error");
    assert_eq!(lab.exchanges().pop().unwrap().faults, ["corrupt pack"]);
    assert_eq!(lab.server.faults().list()[0].fired, 1);
}

#[test]
fn what_is_slow_is_slow_and_arrives() {
    for (fault, requests) in [("first_byte=150ms", 3), ("latency=150ms,jitter=50ms", 2)] {
        let lab = lab_with(&[fault]);
        let began = Instant::now();
        cloned(&lab, gits()[0]).ok();
        let least = Duration::from_millis(100) * requests;
        assert!(began.elapsed() >= least, "{fault}: {:?}", began.elapsed());
        let exchanges = lab.exchanges();
        let noted = exchanges.iter().all(|exchange| exchange.faults.len() == 1);
        assert!(noted, "{fault}: {exchanges:#?}");
        assert_eq!(lab.last_verdict(), "accepted");
    }
}

#[test]
fn a_bandwidth_is_not_exceeded() {
    let lab = lab_with(&[]);
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    pushes_noise(&lab, 60_000).ok();
    lab.server.faults().add("bandwidth=50000".parse().unwrap());
    let sent = |lab: &Lab| -> u64 {
        lab.exchanges()
            .iter()
            .map(|exchange| exchange.response_bytes)
            .sum()
    };
    let before = sent(&lab);
    let began = Instant::now();
    cloned(&lab, gits()[0]).ok();
    let seconds = (sent(&lab) - before) as f64 / 50_000.0;
    assert!(seconds > 0.5, "{seconds}");
    // The last piece is on its way when its time begins.
    assert!(
        began.elapsed().as_secs_f64() > seconds - 0.2,
        "{:?}",
        began.elapsed()
    );
}

/// Both versions of HTTP: the second writes many small pieces.
#[test]
fn a_bandwidth_that_is_never_reached_costs_nothing() {
    for version in ["HTTP/1.1", "HTTP/2"] {
        let lab = lab_with(&[]);
        lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
        pushes_noise(&lab, 4_000_000).ok();
        let fault = "bandwidth=1000000000".parse().unwrap();
        lab.server.faults().add(fault);
        let began = Instant::now();
        let setting = format!("http.version={version}");
        lab.git(&["-c", &setting, "clone", "-q", &url(HOST, PATH), "again"])
            .ok();
        // With a timer for each piece it is more than four seconds.
        let elapsed = began.elapsed();
        assert!(elapsed < Duration::from_secs(3), "{version}: {elapsed:?}");
    }
}

#[test]
fn a_bandwidth_holds_for_what_the_client_says_too() {
    let lab = lab_with(&[]);
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    lab.server.faults().add("bandwidth=100000".parse().unwrap());
    let began = Instant::now();
    pushes_noise(&lab, 150_000).ok();
    let elapsed = began.elapsed();
    assert!(elapsed > Duration::from_millis(1400), "{elapsed:?}");
}

fn pushes_noise(lab: &Lab, length: usize) -> Said {
    std::fs::write(lab.home().join("work/noise"), noise(1, length)).unwrap();
    lab.git(&["-C", "work", "add", "."]).ok();
    lab.commit("work", "Noise");
    lab.git(&["-C", "work", "push", "-q", "origin", "main"])
}

#[test]
fn an_answer_without_a_body_has_none() {
    for status in ["204", "304"] {
        let lab = lab_with(&[&format!("status={status}")]);
        for version in ["--http1.1", "--http2"] {
            let target = format!("{}/info/refs", url(HOST, PATH));
            let mut command = lab.command("curl");
            command.args([version, "-sS", "-w", "%{http_code}", &target]);
            let said: Said = command.output().unwrap().into();
            assert_eq!((said.status, &*said.stdout), (Some(0), status), "{said:#?}");
        }
    }
}

/// A challenge and two requests with a password: the third is the pack's.
#[test]
fn faults_are_counted_and_end_by_themselves() {
    let lab = lab_with(&[
        "status=503,path=/v1/repos/*,times=2",
        "reset=0,nth=3,path=*",
    ]);
    for _ in 0..2 {
        cloned(&lab, gits()[0]).fails(128, "error: 503");
    }
    cloned(&lab, gits()[0]).fails(128, "Connection reset by peer");
    cloned(&lab, gits()[0]).ok();
    let list = lab.server.faults().list();
    assert_eq!((list[0].fired, list[1].fired), (2, 1));
    assert_eq!(list[0].met, list[1].met);
    lab.server.faults().clear();
    assert!(lab.server.faults().list().is_empty());
}

#[test]
fn a_fault_for_another_host_or_path_does_nothing() {
    let lab = lab_with(&[
        "refuse=reset,host=git-codecommit.eu-*",
        "tls=expired,host=sts.*",
        "status=503,path=/v1/repos/Other/*",
        "status=503,method=PUT",
        "status=503,probability=0.0",
    ]);
    cloned(&lab, gits()[0]).ok();
    for exchange in lab.exchanges() {
        assert!(exchange.faults.is_empty(), "{exchange:#?}");
    }
}

#[test]
fn the_journal_shows_a_fault_that_no_request_was_there_for() {
    let lab = lab_with(&["tls=expired"]);
    cloned(&lab, gits()[0]).fails(128, "");
    let exchange = lab.exchanges().remove(0);
    assert_eq!(
        (&*exchange.method, &*exchange.host, &*exchange.path),
        ("TLS", HOST, "")
    );
    assert_eq!(exchange.faults, ["an expired certificate"]);
}
