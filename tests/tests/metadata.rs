//! What a machine with a role asks about itself: instance metadata and container credentials, without TLS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use codecommit_mock::{Clock, MockServer};
use codecommit_tests::aws::{Keys, json, lists_as};
use codecommit_tests::wire::{Wire, plain, say};
use codecommit_tests::{Lab, world};
use time::Duration;

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Builder/i-1234567890abcdef0";

const WORLD: &str = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.role]]
name = "Builder"
trusted = ["ec2.amazonaws.com"]
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Task"
trusted = ["ecs-tasks.amazonaws.com"]
managed_policies = ["AWSCodeCommitReadOnly"]
[instance]
account = "111122223333"
role = "Builder"
[container]
account = "111122223333"
role = "Task"
authorization_token = "the-container-token"
"#;

fn lab() -> Lab {
    Lab::start(MockServer::builder().world(world(WORLD)))
}

/// Sends a request without TLS to the laboratory's own address.
fn ask(lab: &Lab, request: &str, headers: &str) -> (u16, String) {
    let host = format!("127.0.0.1:{}", lab.server.port());
    let heard = say(
        lab,
        &format!("{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"),
    );
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

fn token(lab: &Lab, seconds: u32) -> String {
    let ttl = format!("X-aws-ec2-metadata-token-ttl-seconds: {seconds}\r\n");
    let (status, token) = ask(lab, "PUT /latest/api/token", &ttl);
    assert_eq!(status, 200, "{token}");
    format!("X-aws-ec2-metadata-token: {token}\r\n")
}

fn variable(lab: &Lab, name: &str) -> Option<String> {
    let mut variables = lab.server.env().into_iter();
    variables
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[test]
fn an_instance_has_the_credentials_of_its_role() {
    let lab = lab();
    let token = token(&lab, 21_600);
    let get = |path: &str| ask(&lab, &format!("GET {path}"), &token);
    assert_eq!(get(ROLES), (200, "Builder".to_owned()));
    let (status, credentials) = get(&format!("{ROLES}Builder"));
    assert_eq!(status, 200);
    assert_eq!(json(&credentials, "Code"), "Success");
    assert_eq!(json(&credentials, "Type"), "AWS-HMAC");
    let keys = Keys::of_json(&credentials, ["AccessKeyId", "SecretAccessKey", "Token"]);
    assert_eq!(lists_as(&lab, &keys), SESSION);
    // Who asks again gets the same.
    assert_eq!(get(&format!("{ROLES}Builder")).1, credentials);
}

#[test]
fn an_instance_knows_where_it_runs() {
    let lab = lab();
    let token = token(&lab, 60);
    let get = |path: &str| ask(&lab, &format!("GET {path}"), &token).1;
    assert_eq!(get("/latest/meta-data/placement/region"), "us-east-2");
    assert_eq!(
        get("/latest/meta-data/placement/availability-zone/"),
        "us-east-2a"
    );
    assert_eq!(get("/latest/meta-data/instance-id"), "i-1234567890abcdef0");
    let document = get("/latest/dynamic/instance-identity/document");
    assert_eq!(json(&document, "region"), "us-east-2");
    assert_eq!(json(&document, "accountId"), "111122223333");
    let profile = get("/latest/meta-data/iam/info");
    assert_eq!(
        json(&profile, "InstanceProfileArn"),
        "arn:aws:iam::111122223333:instance-profile/Builder"
    );
    assert_eq!(lab.last_verdict(), "accepted");
}

#[test]
fn nothing_is_said_without_a_token_that_is_valid() {
    let clock = Clock::system();
    let lab = Lab::start(
        MockServer::builder()
            .world(world(WORLD))
            .clock(clock.clone()),
    );
    let get = |headers: &str| {
        let status = ask(&lab, &format!("GET {ROLES}Builder"), headers).0;
        (status, lab.last_verdict())
    };
    assert_eq!(get(""), (401, "metadata-token-missing"));
    assert_eq!(
        get("X-aws-ec2-metadata-token: guessed\r\n"),
        (401, "metadata-token-wrong")
    );
    let token = token(&lab, 60);
    assert_eq!(get(&token), (200, "accepted"));
    clock.advance(Duration::seconds(61));
    assert_eq!(get(&token), (401, "metadata-token-wrong"));
}

#[test]
fn a_token_is_given_to_whom_the_guide_says() {
    let lab = lab();
    let ttl = |value: &str| format!("X-aws-ec2-metadata-token-ttl-seconds: {value}\r\n");
    let forwarded = format!("{}X-Forwarded-For: 10.0.0.1\r\n", ttl("60"));
    for (request, headers, status) in [
        ("PUT /latest/api/token", ttl("1"), 200),
        ("PUT /latest/api/token", ttl("21600"), 200),
        ("PUT /latest/api/token", ttl("21601"), 400),
        ("PUT /latest/api/token", ttl("0"), 400),
        ("PUT /latest/api/token", ttl("soon"), 400),
        ("PUT /latest/api/token", String::new(), 400),
        ("PUT /latest/api/token", forwarded, 403),
        ("GET /latest/api/token", ttl("60"), 405),
    ] {
        assert_eq!(
            ask(&lab, request, &headers).0,
            status,
            "{request} {headers}"
        );
    }
}

#[test]
fn credentials_are_renewed_before_they_end() {
    let clock = Clock::system();
    let lab = Lab::start(
        MockServer::builder()
            .world(world(WORLD))
            .clock(clock.clone()),
    );
    let id = || {
        let token = token(&lab, 60);
        let (_, text) = ask(&lab, &format!("GET {ROLES}Builder"), &token);
        json(&text, "AccessKeyId")
    };
    let first = id();
    clock.advance(Duration::hours(5));
    assert_eq!(id(), first);
    clock.advance(Duration::minutes(56));
    assert_ne!(id(), first);
}

#[test]
fn a_role_that_does_not_trust_ec2_is_told_of_and_not_given() {
    let untrusting = WORLD.replace("ec2.amazonaws.com", "lambda.amazonaws.com");
    let lab = Lab::start(MockServer::builder().world(world(&untrusting)));
    let (status, text) = ask(&lab, &format!("GET {ROLES}Builder"), &token(&lab, 60));
    assert_eq!(status, 200);
    assert_eq!(json(&text, "Code"), "AssumeRoleUnauthorizedAccess");
    assert!(!text.contains("AccessKeyId"));
}

#[test]
fn a_container_has_the_credentials_of_its_role() {
    let lab = lab();
    let get = |headers: &str| ask(&lab, "GET /container-credentials", headers);
    let (status, text) = get("Authorization: the-container-token\r\n");
    assert_eq!(status, 200, "{text}");
    assert_eq!(
        json(&text, "RoleArn"),
        "arn:aws:iam::111122223333:role/Task"
    );
    let keys = Keys::of_json(&text, ["AccessKeyId", "SecretAccessKey", "Token"]);
    assert_eq!(
        lists_as(&lab, &keys),
        "arn:aws:sts::111122223333:assumed-role/Task/0123456789abcdef0123456789abcdef"
    );
    for (headers, verdict) in [
        ("", "metadata-token-missing"),
        ("Authorization: guessed\r\n", "metadata-token-wrong"),
        (
            "Authorization: Bearer the-container-token\r\n",
            "metadata-token-wrong",
        ),
    ] {
        assert_eq!(get(headers).0, 401);
        assert_eq!(lab.last_verdict(), verdict);
    }
}

#[test]
fn a_world_without_machines_has_no_metadata() {
    let lab = Lab::demo();
    for request in [
        "PUT /latest/api/token",
        "GET /latest/meta-data/",
        "GET /container-credentials",
    ] {
        assert_eq!(ask(&lab, request, "").0, 404, "{request}");
        assert_eq!(lab.last_verdict(), "metadata-absent");
    }
    let disabled = variable(&lab, "AWS_EC2_METADATA_DISABLED");
    assert_eq!(disabled.as_deref(), Some("true"));
}

#[test]
fn the_environment_says_where_the_metadata_is() {
    let lab = lab();
    let url = lab.server.url();
    for (name, expected) in [
        ("AWS_EC2_METADATA_DISABLED", None),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", Some(format!("{url}/"))),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            Some(format!("{url}/container-credentials")),
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            Some("the-container-token".to_owned()),
        ),
    ] {
        assert_eq!(variable(&lab, name), expected, "{name}");
    }
}

#[test]
fn other_hosts_have_no_metadata() {
    let lab = lab();
    let heard = say(
        &lab,
        "PUT http://169.254.169.254/latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n",
    );
    assert!(heard.starts_with("HTTP/1.1 403"), "{heard}");
    let mut wire = Wire::over(&lab, "git-codecommit.us-east-2.amazonaws.com", plain(&lab));
    wire.head("GET /latest/meta-data/instance-id", &[]);
    assert_eq!(wire.answer().status, 404);
    assert_eq!(lab.last_verdict(), "path-unknown");
}

#[test]
fn no_secret_gets_into_the_journal() {
    let lab = lab();
    let token = token(&lab, 60);
    let (_, text) = ask(&lab, &format!("GET {ROLES}Builder"), &token);
    ask(
        &lab,
        "GET /container-credentials",
        "Authorization: the-container-token\r\n",
    );
    let written = serde_json::to_string(&lab.exchanges()).unwrap();
    let token = token
        .trim_start_matches("X-aws-ec2-metadata-token: ")
        .trim();
    for secret in [
        token,
        "the-container-token",
        &json(&text, "SecretAccessKey"),
        &json(&text, "Token"),
    ] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}
