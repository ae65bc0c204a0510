//! What `aws codecommit credential-helper` did with odd input, case by case, and what we do.

use codecommit_helper::password::GitPassword;
use serde::Deserialize;

use crate::sandbox::{Outcome, Sandbox};

#[derive(Deserialize)]
struct Case {
    case: String,
    args: Vec<String>,
    stdin: String,
    env: std::collections::BTreeMap<String, String>,
    stdout: String,
}

enum Ours {
    /// The same answer as the AWS CLI's, byte for byte, and an expiry behind it.
    Same,
    /// Silence, as the AWS CLI.
    SameSilence,
    /// Silence, where the AWS CLI does something else; the reason stands in the table.
    Silence,
    /// An answer, where the AWS CLI is silent.
    Answer(&'static str),
    /// The same answer once the host check is off.
    SameWithoutHostCheck,
    /// A message, `quit=1` and code 1, where the AWS CLI prints a Python error and lets git ask for a user name.
    Quit(&'static str),
    /// A wrong command line: a message and code 2.
    Usage(&'static str),
}

fn ours(case: &str) -> Ours {
    match case {
        "normal" | "CRLF lines" | "leading spaces around" | "duplicate key: last wins" => {
            Ours::Same
        }
        "non-AWS host, missing path" | "store" | "store, profile missing" => Ours::SameSilence,
        "missing protocol" => Ours::Quit("the protocol is not known"),
        // The AWS CLI signs `/`, which is no repository.
        "empty path" => Ours::Quit("the URL names no repository"),
        // A request without a host is not for us. Git sends one for the password of a client certificate.
        "empty stdin" => Ours::Silence,
        // Host names have no case, but the AWS CLI's check has, and it is silent.
        "uppercase host" => Ours::Answer("AKIAIOSFODNN7EXAMPLE"),
        // No host of CodeCommit: the AWS CLI signs for any host that has `amazonaws.com` somewhere in it.
        "no region anywhere (host without region)" => Ours::Silence,
        "lookalike host notamazonaws.com.evil.example" => Ours::SameWithoutHostCheck,
        "profile missing" => Ours::Quit("failed to find profile `nope` (named by --profile)"),
        "AWS_PROFILE set but --profile wins; env keys present" => {
            Ours::Quit("failed to find profile `my profile` (named by --profile)")
        }
        "partial credentials" => Ours::Quit("has aws_access_key_id but no aws_secret_access_key"),
        "extra positional" => Ours::Usage("`get` is one too many"),
        // gitcredentials(7): unknown operations are ignored silently.
        "unknown action" => Ours::Silence,
        // The secret of that program is not on record, so only the user name is compared.
        "--profile proc beats env keys?" => Ours::Answer("ASIAPROCEXAMPLE00000%TOK+/="),
        "credential_process fails" => Ours::Quit("`/bin/false` ended with exit status: 1"),
        "SSO legacy expired" => Ours::Quit("aws sso login --profile ssolegacy"),
        "assume role, offline" => Ours::Quit("failed to reach 127.0.0.1:9"),
        other => panic!("no expectation for `{other}`"),
    }
}

/// What the AWS CLI had, as far as the cases need it.
const CONFIG: &str = r#"
[profile partial]
aws_access_key_id = AKIA
[profile proc]
credential_process = /bin/echo '{"Version":1,"AccessKeyId":"ASIAPROCEXAMPLE00000","SecretAccessKey":"s","SessionToken":"TOK+/="}'
[profile procfail]
credential_process = /bin/false
[profile ssolegacy]
sso_account_id = 1
sso_role_name = r
sso_region = r
sso_start_url = u
[profile assume]
role_arn = r
source_profile = assume
aws_access_key_id = A
aws_secret_access_key = s
"#;

#[cfg(unix)]
#[test]
fn every_case_is_the_same_or_better() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../data/aws-cli-cases.json")).unwrap();
    for case in cases {
        let name = &case.case;
        let ours = ours(name);
        let mut sandbox = Sandbox::new()
            .config(CONFIG)
            // The port of the discard protocol: nobody listens there.
            .variable("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        for (name, value) in &case.env {
            sandbox = sandbox.variable(name, value);
        }
        if let Some(instant) = signed_at(&case.stdout) {
            sandbox = sandbox.variable("CODECOMMIT_HELPER_CLOCK", &instant);
        }
        let mut args = case.args.clone();
        args.retain(|arg| !["codecommit", "credential-helper"].contains(&arg.as_str()));
        if matches!(ours, Ours::SameWithoutHostCheck) {
            sandbox.run(&args, &case.stdin).assert_silent();
            args.extend(["--ignore-host-check".to_owned()]);
            // The AWS CLI had a default Region from its own configuration.
            args.extend(["--region".to_owned(), "us-east-1".to_owned()]);
        }
        let outcome = sandbox.run(&args, &case.stdin);
        match ours {
            Ours::Same | Ours::SameWithoutHostCheck => same(&outcome, &case.stdout, name),
            Ours::SameSilence => {
                assert_eq!(case.stdout, "", "{name}");
                outcome.assert_silent();
            }
            Ours::Silence => outcome.assert_silent(),
            Ours::Answer(user_name) => outcome.assert_user_name(user_name),
            Ours::Quit(message) => {
                assert!(outcome.stderr.contains(message), "{name}: {outcome:?}");
                assert_eq!((outcome.code, outcome.stdout.as_str()), (1, "quit=1\n"));
            }
            Ours::Usage(message) => {
                assert!(outcome.stderr.contains(message), "{name}: {outcome:?}");
                assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
            }
        }
    }
}

fn same(outcome: &Outcome, expected: &str, name: &str) {
    let rest = outcome.stdout.strip_prefix(expected);
    let rest = rest.unwrap_or_else(|| panic!("{name}: {outcome:?}"));
    assert!(rest.starts_with("password_expiry_utc="), "{name}: {rest}");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}");
}

/// When the AWS CLI signed, as it stands in its password.
fn signed_at(stdout: &str) -> Option<String> {
    let (_, password) = stdout.split_once("password=")?;
    let password: GitPassword = password.trim_end().parse().ok()?;
    Some(password.signed_at().to_string())
}
