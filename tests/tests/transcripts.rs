//! What a user of each kind of identity sees: a clone and a push with real git, explained, and the journal beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use codecommit_helper::password::{SERVICE, Signable};
use codecommit_mock::{Clock, Fidelity, MockServer};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, SECRET, Said, url, world};

const WORLD: &str = r#"
extends = "demo"

[[account]]
id = "111122223333"

[[account.user]]
name = "bob"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.user.access_key]]
id = "AKIAINACTIVE00000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
status = "inactive"
[[account.user.access_key]]
id = "AKIADELETED000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
status = "deleted"
[[account.user.temporary_credential]]
id = "ASIASESSION000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "IQoJb3JpZ2luX2VjEXAMPLE//8=="
[[account.user.temporary_credential]]
id = "ASIAENDED00000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "ended"
expires = "2027-01-15T07:30:00Z"

[[account.user]]
name = "carol"
[[account.user.access_key]]
id = "AKIANOPOLICY00000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

[[account.user]]
name = "dave"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.user.inline_policy]]
name = "protect-main"
document = '''
{"Version": "2012-10-17", "Statement": [{
    "Sid": "DenyMain", "Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*",
    "Condition": {"StringEqualsIfExists": {"codecommit:References": "refs/heads/main"}, "Null": {"codecommit:References": "false"}}
}]}'''
[[account.user.access_key]]
id = "AKIABRANCH0000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

[[account.user]]
name = "erin"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.user.inline_policy]]
name = "no-keys"
document = '''{"Version": "2012-10-17", "Statement": {"Sid": "NoKeys", "Effect": "Deny", "Action": "kms:*", "Resource": "*"}}'''
[[account.user.access_key]]
id = "AKIANOKMS00000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

[[account.role]]
name = "Reader"
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role.temporary_credential]]
session_name = "build-7"
id = "ASIAROLE000000000000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "role-token"

[[account]]
id = "444455556666"
[[account.user]]
name = "mallory"
managed_policies = ["AWSCodeCommitFullAccess"]
[[account.user.access_key]]
id = "AKIAOTHERACCOUNT0000"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"#;

/// A laboratory that explains, in which it is always half past eight on 15 January 2027.
fn lab() -> Lab {
    let mut fidelity = Fidelity::default();
    fidelity.set("explain", "yes").unwrap();
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_001_800);
    let lab = Lab::start(
        MockServer::builder()
            .world(world(WORLD))
            .fidelity(fidelity)
            .clock(Clock::frozen(noon)),
    );
    lab.config("init.defaultBranch", "main");
    lab
}

fn transcript(user_name: &str, password: Option<&str>) -> String {
    let lab = lab();
    let signed = lab.password(HOST, PATH);
    lab.log_in(user_name, password.unwrap_or(&signed));
    let mut text = String::new();
    say(
        &mut text,
        "git clone",
        &lab.git(&["clone", &url(HOST, PATH), "work"]),
    );
    if !lab.home().join("work").exists() {
        // What git clone would have left: enough to try a push.
        lab.git(&["init", "-q", "work"]).ok();
        lab.git(&["-C", "work", "remote", "add", "origin", &url(HOST, PATH)])
            .ok();
    }
    lab.git(&[
        "-C",
        "work",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Another",
    ])
    .ok();
    say(
        &mut text,
        "git push",
        &lab.git(&["-C", "work", "push", "origin", "HEAD:main"]),
    );
    text.push_str("journal\n");
    for exchange in lab.exchanges() {
        let verdict = exchange
            .verdict
            .as_ref()
            .map_or("-", |verdict| verdict.id());
        let status = exchange
            .status
            .map_or_else(String::new, |status| status.to_string());
        writeln!(
            text,
            "  {} {} -> {status} {verdict}",
            exchange.method, exchange.path
        )
        .unwrap();
    }
    assert!(
        !text.contains(SECRET) && !text.contains(&signed),
        "a secret in {text}"
    );
    text
}

fn say(text: &mut String, command: &str, said: &Said) {
    writeln!(text, "$ {command} (exit status {})", said.status.unwrap()).unwrap();
    for line in said.stderr.lines() {
        let line = line.trim_end();
        // Commit ids differ: the committer's clock is the system's.
        let line = match line.split_once("..") {
            Some((from, to)) if from.trim().len() == 7 => {
                format!("   {}..NEW{}", from.trim(), to.get(7..).unwrap_or_default())
            }
            _ => line.to_owned(),
        };
        writeln!(text, "  {line}").unwrap();
    }
}

#[test]
fn each_identity_reads_what_happened_and_what_to_do() {
    for (name, user_name, password) in [
        ("long-term-key", KEY_ID, None),
        (
            "session",
            "ASIASESSION000000000%IQoJb3JpZ2luX2VjEXAMPLE//8==",
            None,
        ),
        ("session-without-token", "ASIASESSION000000000", None),
        ("ended-session", "ASIAENDED00000000000%ended", None),
        (
            "role-that-may-read",
            "ASIAROLE000000000000%role-token",
            None,
        ),
        (
            "git-credential",
            "alice-at-111122223333",
            Some("pAsswOrdEXAMPLEpAsswOrdEXAMPLEpAsswOrdEXAMPLE="),
        ),
        (
            "git-credential-with-wrong-password",
            "alice-at-111122223333",
            Some("wrong"),
        ),
        ("other-account", "AKIAOTHERACCOUNT0000", None),
        ("inactive-key", "AKIAINACTIVE00000000", None),
        ("deleted-key", "AKIADELETED000000000", None),
        ("no-policy", "AKIANOPOLICY00000000", None),
        ("protected-branch", "AKIABRANCH0000000000", None),
        ("denied-encryption-key", "AKIANOKMS00000000000", None),
    ] {
        insta::assert_snapshot!(name, transcript(user_name, password));
    }
}

#[test]
fn a_password_for_another_region_is_explained() {
    let lab = lab();
    let at = lab.server.clock().timestamp();
    let password = Signable {
        host: HOST,
        path: PATH,
        region: "us-east-1",
        service: SERVICE,
        at,
    };
    insta::assert_snapshot!(
        "other-region",
        transcript(KEY_ID, Some(&password.sign(SECRET).expose()))
    );
}
