//! Passwords that the AWS CLI and git-remote-codecommit made with their clocks stopped.

use std::time::{SystemTime, UNIX_EPOCH};

use codecommit_helper::password::{GitPassword, SERVICE, Signable, user_name};
use codecommit_helper::timestamp::Timestamp;
use serde::Deserialize;

use crate::sandbox::Sandbox;

#[derive(Deserialize)]
struct Vector {
    name: String,
    access_key_id: String,
    secret: String,
    session_token: Option<String>,
    region: String,
    host: String,
    path: String,
    timestamp: String,
    canonical_request: String,
    string_to_sign: String,
    username: String,
    password: String,
    /// The AWS CLI's only.
    stdin: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: std::collections::BTreeMap<String, String>,
    stdout: Option<String>,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../data/password-vectors.json")).unwrap()
}

#[test]
fn every_vector_is_signed_to_the_byte() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let name = &vector.name;
        // The AWS CLI takes the port off before it signs; git-remote-codecommit does not.
        let by_cli = vector.stdin.is_some();
        let host = match vector.host.split_once(':') {
            Some((host, _)) if by_cli => host,
            _ => &vector.host,
        };
        let path = match by_cli {
            true => format!("/{}", vector.path),
            false => vector.path,
        };
        let stamp = vector.timestamp.strip_suffix('Z').unwrap();
        let signable = Signable {
            host,
            path: &path,
            region: &vector.region,
            service: SERVICE,
            at: Timestamp::parse_compact(stamp).unwrap(),
        };
        assert_eq!(
            signable.canonical_request(),
            vector.canonical_request,
            "{name}"
        );
        assert_eq!(signable.string_to_sign(), vector.string_to_sign, "{name}");
        let password = signable.sign(&vector.secret);
        assert_eq!(password.expose(), vector.password, "{name}");
        assert_eq!(
            vector.password.parse::<GitPassword>(),
            Ok(password),
            "{name}"
        );
        let user = user_name(&vector.access_key_id, vector.session_token.as_deref());
        assert_eq!(user, vector.username, "{name}");
    }
}

/// Where we part from the AWS CLI on purpose, and what we do instead.
fn difference(name: &str) -> Option<Difference> {
    match name {
        // The AWS CLI signs `//v1/repos/...`, a path that no repository has.
        "cli-leading-slash-path" => Some(Difference::SignedLike("cli-basic")),
        // A host without a Region is no host of CodeCommit.
        "cli-no-region-in-host" => Some(Difference::OnlyWithoutHostCheck),
        // A password is never sent in the clear.
        "cli-protocol-http" => Some(Difference::OnlyWithoutHostCheck),
        _ => None,
    }
}

enum Difference {
    SignedLike(&'static str),
    OnlyWithoutHostCheck,
}

#[test]
fn get_prints_what_the_aws_cli_prints_and_an_expiry() {
    let vectors = vectors();
    let mut compared = 0;
    for vector in &vectors {
        let (Some(stdin), Some(stdout)) = (&vector.stdin, &vector.stdout) else {
            continue;
        };
        let sandbox = sandbox(vector);
        // Our program is what `aws codecommit credential-helper` is.
        let mut args: Vec<&str> = vector.args.iter().map(String::as_str).collect();
        args.retain(|arg| !["codecommit", "credential-helper"].contains(arg));

        let stdout = match difference(&vector.name) {
            None => stdout,
            Some(Difference::SignedLike(other)) => {
                let other = vectors.iter().find(|vector| vector.name == other);
                other.unwrap().stdout.as_ref().unwrap()
            }
            Some(Difference::OnlyWithoutHostCheck) => {
                let outcome = sandbox.run(&args, stdin);
                assert!(!outcome.stdout.contains("password"), "{}", vector.name);
                args.push("--ignore-host-check");
                stdout
            }
        };
        let before = seconds();
        let outcome = sandbox.run(&args, stdin);
        let after = seconds();
        let expiry = outcome
            .stdout
            .strip_prefix(stdout.as_str())
            .and_then(|rest| rest.strip_prefix("password_expiry_utc="))
            .and_then(|rest| rest.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{}: {outcome:?}", vector.name));
        // Git's clock was not moved: the password is good for 14 minutes from now, not from 2025.
        let fourteen_minutes = 14 * 60;
        let expected = before + fourteen_minutes..=after + fourteen_minutes;
        assert!(expected.contains(&expiry.parse().unwrap()), "{expiry}");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        compared += 1;
    }
    assert_eq!(compared, 11);
}

fn sandbox(vector: &Vector) -> Sandbox {
    let stamp = vector.timestamp.strip_suffix('Z').unwrap();
    let at = Timestamp::parse_compact(stamp).unwrap();
    let mut sandbox = Sandbox::new()
        .variable("AWS_ACCESS_KEY_ID", &vector.access_key_id)
        .variable("AWS_SECRET_ACCESS_KEY", &vector.secret)
        .variable("CODECOMMIT_HELPER_CLOCK", &at.to_string());
    if let Some(token) = &vector.session_token {
        sandbox = sandbox.variable("AWS_SESSION_TOKEN", token);
    }
    for (name, value) in &vector.env {
        sandbox = sandbox.variable(name, value);
    }
    sandbox
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}
