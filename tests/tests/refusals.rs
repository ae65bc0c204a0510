//! Status, headers and body of each refusal, as they go over the wire.

use codecommit_mock::{Fidelity, MockServer};
use codecommit_tests::wire::{Wire, basic, say};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url, world};
use time::Duration;

const INVALID_REQUEST: &str =
    "<AccessDeniedException>\n  <Message>Invalid request</Message>\n</AccessDeniedException>";
const TOKEN_INVALID: &str = "<UnrecognizedClientException>\n  <Message>The security token included in the request is invalid</Message>\n</UnrecognizedClientException>\n\n";

#[test]
fn without_credentials_the_answer_is_a_basic_challenge() {
    let lab = Lab::demo();
    let answer = Wire::connect(&lab, HOST).info_refs(PATH, None);
    assert_eq!(answer.status, 401);
    assert!(
        answer.headers.contains("www-authenticate: Basic realm="),
        "{}",
        answer.headers
    );
    assert_eq!(
        answer.text(),
        "<NotAuthorizedException>\n  <Message>SPNEGO token required</Message>\n</NotAuthorizedException>"
    );
    assert_eq!(lab.last_verdict(), "credentials-missing");
}

#[test]
fn wrong_credentials_are_forbidden_and_never_challenged_again() {
    let lab = Lab::demo();
    let good = lab.password(HOST, PATH);
    let mut tampered = good.clone();
    tampered.replace_range(79.., if good.ends_with('0') { "1" } else { "0" });
    for (authorization, body, verdict) in [
        (
            "Bearer x".to_owned(),
            INVALID_REQUEST,
            "authorization-malformed",
        ),
        (
            "Basic !".to_owned(),
            INVALID_REQUEST,
            "authorization-malformed",
        ),
        (basic("bob", ""), INVALID_REQUEST, "password-empty"),
        (
            basic("nobody-at-111122223333", "x"),
            INVALID_REQUEST,
            "git-credential-unknown",
        ),
        (basic(KEY_ID, "x"), INVALID_REQUEST, "password-malformed"),
        (
            basic("AKIAUNKNOWN000000000", &good),
            TOKEN_INVALID,
            "access-key-unknown",
        ),
        (
            basic(&format!("{KEY_ID}%token"), &good),
            TOKEN_INVALID,
            "session-token-unexpected",
        ),
        (
            basic(KEY_ID, &tampered),
            INVALID_REQUEST,
            "signature-mismatch",
        ),
    ] {
        let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&authorization));
        assert_eq!((answer.status, &*answer.text()), (403, body), "{verdict}");
        assert!(
            !answer.headers.contains("www-authenticate"),
            "{}",
            answer.headers
        );
        assert_eq!(lab.last_verdict(), verdict);
    }
}

#[test]
fn a_password_is_good_for_fifteen_minutes_by_the_servers_clock() {
    let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    let lab = Lab::start(MockServer::builder().clock(codecommit_mock::Clock::frozen(at)));
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let status = |moved: Duration| {
        lab.server.clock().advance(moved);
        let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&authorization));
        (answer.status, lab.last_verdict())
    };
    assert_eq!(status(Duration::ZERO), (200, "accepted"));
    assert_eq!(status(Duration::seconds(14 * 60 + 59)), (200, "accepted"));
    assert_eq!(status(Duration::seconds(1)), (403, "password-expired"));
    assert_eq!(status(Duration::minutes(-20)), (200, "accepted"));
    assert_eq!(
        status(Duration::seconds(-1)),
        (403, "password-from-the-future")
    );
}

#[test]
fn temporary_credentials_need_their_token_and_an_unended_session() {
    let lab = Lab::start(MockServer::builder().world(world(
        r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.temporary_credential]]
id = "ASIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "IQoJb3JpZ2luX2VjEXAMPLE//8=="
[[account.user.temporary_credential]]
id = "ASIAENDED00000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "ended"
expires = "2020-01-01T00:00:00Z"
"#,
    )));
    // The token is not signed, so that one password serves all four.
    let password = lab.password(HOST, PATH);
    for (user_name, status, verdict) in [
        (
            "ASIAIOSFODNN7EXAMPLE%IQoJb3JpZ2luX2VjEXAMPLE//8==",
            200,
            "accepted",
        ),
        ("ASIAIOSFODNN7EXAMPLE", 403, "session-token-missing"),
        ("ASIAIOSFODNN7EXAMPLE%ended", 403, "session-token-wrong"),
        ("ASIAENDED00000000000%ended", 403, "session-expired"),
    ] {
        let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&basic(user_name, &password)));
        assert_eq!(
            (answer.status, lab.last_verdict()),
            (status, verdict),
            "{user_name}"
        );
    }
}

/// A static user name and password: good for every repository of the account, in every Region.
#[test]
fn https_git_credentials_are_checked_as_what_they_are() {
    let lab = Lab::start(MockServer::builder().world(world(
        r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "bob"
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.user.git_credential]]
user_name = "bob-at-111122223333"
password = "new"
former_password = "old"
[[account.user.git_credential]]
user_name = "bob+1-at-111122223333"
password = "new"
status = "inactive"
"#,
    )));
    for (user_name, password, status, verdict) in [
        ("bob-at-111122223333", "new", 200, "accepted"),
        ("bob-at-111122223333", "old", 403, "git-credential-mismatch"),
        ("bob-at-111122223333", "", 403, "password-empty"),
        (
            "bob+1-at-111122223333",
            "new",
            403,
            "git-credential-inactive",
        ),
        ("bob-at-444455556666", "new", 403, "git-credential-unknown"),
    ] {
        let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&basic(user_name, password)));
        assert_eq!(
            (answer.status, lab.last_verdict()),
            (status, verdict),
            "{user_name} {password}"
        );
    }
    let reset = serde_json::to_string(&lab.exchanges()[1].verdict).unwrap();
    assert!(
        reset.contains("this was the password before it was reset"),
        "{reset}"
    );
    assert!(
        !reset.contains("\"old\"") && !reset.contains("\"new\""),
        "{reset}"
    );
}

#[test]
fn a_missing_repository_is_not_found_once_the_password_is_right() {
    let lab = Lab::demo();
    for (host, path, detail) in [
        (HOST, "/v1/repos/Nope", "nor anything like it"),
        (HOST, "/v1/repos/mydemorepo", "names are case-sensitive"),
        (
            HOST,
            "/v1/repos/MyDemoRepo.git",
            "no repository's name ends in `.git`",
        ),
        (
            "git-codecommit.us-east-1.amazonaws.com",
            PATH,
            "in us-east-2, not in us-east-1",
        ),
    ] {
        let authorization = basic(KEY_ID, &lab.password(host, path));
        let answer = Wire::connect(&lab, host).info_refs(path, Some(&authorization));
        assert_eq!(
            (answer.status, &*answer.text()),
            (404, "<RepositoryDoesNotExistException/>")
        );
        assert_eq!(lab.last_verdict(), "repository-not-found");
        let verdict = serde_json::to_string(&lab.exchanges().last().unwrap().verdict).unwrap();
        assert!(verdict.contains(detail), "{verdict}");
    }
    // Nobody learns without a right password whether a repository exists.
    let answer = Wire::connect(&lab, HOST).info_refs(
        "/v1/repos/Nope",
        Some(&basic(KEY_ID, &lab.password(HOST, PATH))),
    );
    assert_eq!(answer.status, 403);
}

#[test]
fn what_no_policy_allows_is_denied() {
    let lab = Lab::start(MockServer::builder().world(world(
        r#"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.user.access_key]]
id = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
[[account.repository]]
name = "MyDemoRepo"
region = "us-east-2"
seed = "sample"
"#,
    )));
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    lab.git(&["-C", "work", "push", "origin", "HEAD:refs/heads/topic"])
        .fails(128, "The requested URL returned error: 403");
    assert_eq!(lab.last_verdict(), "access-denied");
    let decision = lab.exchanges().pop().unwrap().decision.unwrap();
    assert_eq!(
        decision.resource,
        "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo"
    );
    assert!(!decision.allowed);
}

#[test]
fn a_refusal_with_403_sticks_and_git_says_only_the_number() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.server.clock().advance(Duration::minutes(16));
    lab.git(&["ls-remote", &url(HOST, PATH)]).fails(
        128,
        &format!(
            "fatal: unable to access '{}/': The requested URL returned error: 403",
            url(HOST, PATH)
        ),
    );
    assert_eq!(lab.last_verdict(), "password-expired");
}

#[test]
fn nothing_leaves_the_machine() {
    let lab = Lab::demo();
    for host in [
        "github.com",
        "git-codecommit.mars-1.amazonaws.com",
        "git-codecommit.us-east-1.amazonaws.com.evil.example",
    ] {
        lab.git(&["ls-remote", &format!("https://{host}/v1/repos/x")])
            .fails(128, "403");
        let exchange = lab.exchanges().pop().unwrap();
        assert_eq!((&*exchange.method, exchange.status), ("CONNECT", Some(403)));
        assert_eq!(exchange.host, format!("{host}:443"));
        assert_eq!(lab.last_verdict(), "host-unknown");
    }
    let heard = say(
        &lab,
        "CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\nConnection: close\r\n\r\n",
    );
    assert!(
        heard.contains("github.com is not a Git endpoint of CodeCommit"),
        "{heard}"
    );
}

#[test]
fn git_without_tls_is_refused_in_words() {
    let lab = Lab::demo();
    let direct = format!("http://127.0.0.1:{}{PATH}", lab.server.port());
    let said = lab.git(&["-c", "http.proxy=", "ls-remote", &direct]);
    let said = said.fails(128, "The requested URL returned error: 403");
    assert!(
        said.stderr
            .contains("remote:   help: use https:// in the repository's URL"),
        "{}",
        said.stderr
    );
    assert_eq!(lab.last_verdict(), "plain-http");
}

#[test]
fn a_path_that_git_never_asks_for_is_not_found() {
    let lab = Lab::demo();
    let mut wire = Wire::connect(&lab, HOST);
    for (request, status, verdict) in [
        ("GET /", 404, "path-unknown"),
        ("GET /v1/repos/MyDemoRepo/info/refs", 404, "path-unknown"),
        ("GET /v1/repos/MyDemoRepo/HEAD", 404, "path-unknown"),
        (
            "GET /v1/repos/MyDemoRepo/git-upload-pack",
            400,
            "request-malformed",
        ),
        (
            "GET /v1/repos/a%00b/info/refs?service=git-upload-pack",
            400,
            "request-malformed",
        ),
    ] {
        wire.head(request, &[]);
        assert_eq!(
            (wire.answer().status, lab.last_verdict()),
            (status, verdict),
            "{request}"
        );
    }
}

/// With the switch `explain`, git shows in the user's own terminal why the endpoint refuses, and what to do.
#[test]
fn an_explained_refusal_is_read_in_gits_own_words() {
    let mut fidelity = Fidelity::default();
    fidelity.set("explain", "yes").unwrap();
    let lab = Lab::start(MockServer::builder().fidelity(fidelity));
    let region = "git-codecommit.us-east-1.amazonaws.com";
    lab.log_in(KEY_ID, &lab.password(region, PATH));
    let said = lab
        .git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "The requested URL returned error: 403");
    let lines: Vec<&str> = said
        .stderr
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.contains("expected"))
        .collect();
    assert_eq!(
        lines,
        [
            "remote: codecommit-lab: signature-mismatch: the signature does not match",
            "remote:   why: signed for https://git-codecommit.us-east-1.amazonaws.com/v1/repos/MyDemoRepo",
            "remote:   help: let the helper sign for the URL that git asks about",
            &format!(
                "fatal: unable to access '{}/': The requested URL returned error: 403",
                url(HOST, PATH)
            ),
        ]
    );
    lab.log_in(KEY_ID, &lab.password(HOST, "/v1/repos/mydemorepo"));
    let said = lab
        .git(&["ls-remote", &url(HOST, "/v1/repos/mydemorepo")])
        .fails(128, "not found");
    assert!(
        said.stderr
            .contains("remote:   help: use /v1/repos/MyDemoRepo"),
        "{}",
        said.stderr
    );
}

#[test]
fn each_switch_of_a_status_or_rule_changes_what_goes_over_the_wire() {
    let with = |name: &str, value: &str| {
        let mut fidelity = Fidelity::default();
        fidelity.set(name, value).unwrap();
        Lab::start(MockServer::builder().fidelity(fidelity))
    };
    let asked = |lab: &Lab, path: &str, signed: &str| {
        let authorization = basic(KEY_ID, &lab.password(HOST, signed));
        Wire::connect(lab, HOST)
            .info_refs(path, Some(&authorization))
            .status
    };
    let lab = with("empty-password-status", "401");
    let answer = Wire::connect(&lab, HOST).info_refs(PATH, Some(&basic("bob", "")));
    assert_eq!(answer.status, 401);
    assert!(answer.headers.contains("www-authenticate: Basic"));

    let lab = with("expired-password-status", "401");
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    lab.server.clock().advance(Duration::minutes(16));
    assert_eq!(
        Wire::connect(&lab, HOST)
            .info_refs(PATH, Some(&authorization))
            .status,
        401
    );

    let lab = with("signature-mismatch-status", "401");
    assert_eq!(asked(&lab, PATH, "/v1/repos/Other"), 401);

    let lab = with("password-lifetime-seconds", "60");
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    lab.server.clock().advance(Duration::seconds(61));
    assert_eq!(
        Wire::connect(&lab, HOST)
            .info_refs(PATH, Some(&authorization))
            .status,
        403
    );
    lab.server.clock().advance(Duration::minutes(-10));
    assert_eq!(
        Wire::connect(&lab, HOST)
            .info_refs(PATH, Some(&authorization))
            .status,
        403
    );

    let lab = with("future-tolerance-seconds", "3600");
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    lab.server.clock().advance(Duration::minutes(-10));
    assert_eq!(
        Wire::connect(&lab, HOST)
            .info_refs(PATH, Some(&authorization))
            .status,
        200
    );

    let lab = with("git-suffix", "ignored");
    let suffixed = format!("{PATH}.git");
    assert_eq!(asked(&lab, &suffixed, &suffixed), 200);

    let lab = with("extra-slashes", "ignored");
    assert_eq!(asked(&lab, &format!("{PATH}/"), PATH), 200);

    let lab = with("challenge", "negotiate-and-basic");
    let answer = Wire::connect(&lab, HOST).info_refs(PATH, None);
    assert!(
        answer
            .headers
            .contains("www-authenticate: Negotiate\nwww-authenticate: Basic"),
        "{}",
        answer.headers
    );

    let lab = with("error-type", "absent");
    let answer = Wire::connect(&lab, HOST).info_refs(PATH, None);
    assert!(
        !answer.headers.contains("content-type"),
        "{}",
        answer.headers
    );

    let lab = with("protocol-version-2", "yes");
    let mut wire = Wire::connect(&lab, HOST);
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    wire.head(
        &format!("GET {PATH}/info/refs?service=git-upload-pack"),
        &[
            ("Authorization", &authorization),
            ("Git-Protocol", "version=2"),
        ],
    );
    assert_eq!(
        wire.answer().text(),
        "000eversion 2\n000cls-refs\n0012fetch=shallow\n0000"
    );
    lab.log_in_as_alice();
    lab.git(&[
        "-c",
        "protocol.version=2",
        "clone",
        "-q",
        &url(HOST, PATH),
        "with-version-2",
    ])
    .ok();

    let lab = with("http-2", "no");
    lab.log_in_as_alice();
    lab.git(&["-c", "http.version=HTTP/2", "ls-remote", &url(HOST, PATH)])
        .ok();
    assert!(
        lab.exchanges()
            .iter()
            .all(|exchange| exchange.protocol == "HTTP/1.1")
    );
}

#[test]
fn too_many_requests_are_throttled_and_git_gives_up() {
    let mut fidelity = Fidelity::default();
    fidelity.set("requests-per-second", "1").unwrap();
    let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    let clock = codecommit_mock::Clock::frozen(at);
    let lab = Lab::start(MockServer::builder().fidelity(fidelity).clock(clock));
    lab.log_in_as_alice();
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
    lab.git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "The requested URL returned error: 429");
    assert_eq!(lab.last_verdict(), "throttled");
    lab.server.clock().advance(Duration::seconds(1));
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
}

/// A refused request whose body has not been read yet: over HTTP/2 a client that is answered too early hears a stream error.
#[test]
fn a_refused_body_is_heard_out_over_http_2() {
    let lab = Lab::demo();
    if lab.command("curl").arg("--version").output().is_err() {
        codecommit_tests::skipped("curl is not installed");
        return;
    }
    std::fs::write(lab.home().join("body"), vec![b'0'; 5 << 20]).unwrap();
    let direct = |path: &str| format!("https://127.0.0.1:{}{path}", lab.server.port());
    let status = |arguments: &[&str]| {
        let mut curl = lab.command("curl");
        curl.args([
            "--silent",
            "--http2",
            "--noproxy",
            "*",
            "--output",
            "answer",
            "--write-out",
            "%{http_code}",
        ]);
        let output = curl.args(arguments).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    for _ in 0..5 {
        for (body, path) in [
            ("0000", "git-receive-pack"),
            ("@body", "git-receive-pack"),
            ("@body", "git-upload-pack"),
        ] {
            let url = direct(&format!("{PATH}/{path}"));
            let answer = status(&["--data-binary", body, &url]);
            assert_eq!(answer, (Some(0), "401".to_owned()), "{body}");
        }
    }
    let asked = direct(&format!("{PATH}/info/refs?service=git-upload-pack"));
    assert_eq!(status(&["--head", &asked]), (Some(0), "400".to_owned()));
}
