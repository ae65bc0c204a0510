//! Who may do what, with real git: the policies of a world, and what the user reads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use codecommit_mock::world::World;
use codecommit_mock::{Fidelity, MockServer, document};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, Said, url, world};

/// A world with a user `alice` who has these entries, and the demo repository.
fn alices_world(entries: &str) -> World {
    world(&format!(
        r#"
[[account]]
id = "111122223333"
[[account.repository]]
name = "MyDemoRepo"
region = "us-east-2"
seed = "sample"
tags = {{ stage = "prod" }}
[[account.user]]
name = "alice"
tags = {{ team = "blue" }}
{entries}
[[account.user.access_key]]
id = "AKIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"#
    ))
}

fn inline(name: &str, statements: &str) -> String {
    format!(
        "[[account.user.inline_policy]]\nname = \"{name}\"\ndocument = '''\n{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}'''\n"
    )
}

const POWER_USER: &str = "managed_policies = [\"AWSCodeCommitPowerUser\"]\n";

/// The user guide's policy that protects branches ("Limit pushes and merges to branches").
fn protect_main(null: &str) -> String {
    inline(
        "protect-main",
        &format!(
            r#"{{
    "Sid": "DenyMain", "Effect": "Deny",
    "Action": ["codecommit:GitPush", "codecommit:DeleteBranch", "codecommit:PutFile", "codecommit:MergeBranchesByFastForward"],
    "Resource": "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo",
    "Condition": {{ "StringEqualsIfExists": {{ "codecommit:References": ["refs/heads/main", "refs/heads/prod"] }}{null} }}
}}"#
        ),
    )
}

fn lab(entries: &str) -> Lab {
    let lab = Lab::start(MockServer::builder().world(alices_world(entries)));
    lab.log_in_as_alice();
    lab
}

fn clone(lab: &Lab) -> Said {
    let said = lab.git(&["clone", "-q", &url(HOST, PATH), "work"]);
    if said.status == Some(0) {
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
    }
    said
}

fn push(lab: &Lab, references: &[&str]) -> Said {
    let mut arguments = vec!["-C", "work", "push", "origin"];
    arguments.extend(references);
    lab.git(&arguments)
}

fn deciding_statement(lab: &Lab) -> String {
    let exchanges = lab.exchanges();
    let decision = exchanges
        .iter()
        .rev()
        .find_map(|exchange| exchange.decision.clone());
    decision.unwrap().because
}

#[test]
fn the_documented_branch_protection_works_with_its_null_condition() {
    let lab = lab(&format!(
        "{POWER_USER}{}",
        protect_main(r#", "Null": { "codecommit:References": "false" }"#)
    ));
    clone(&lab).ok();
    push(&lab, &["HEAD:refs/heads/topic"]).ok();
    let said = push(&lab, &["main"]);
    let said = said.fails(
        1,
        " ! [remote rejected] main -> main (You don't have permission to push changes to this branch.)",
    );
    assert!(
        !said.stderr.contains("Validating objects"),
        "{}",
        said.stderr
    );
    assert_eq!(lab.last_verdict(), "access-denied");
    assert_eq!(lab.exchanges().pop().unwrap().status, Some(200));
    assert_eq!(
        deciding_statement(&lab),
        "statement 1 (DenyMain) of protect-main denies it"
    );
    push(&lab, &[":main"]).fails(
        1,
        "You don't have permission to push changes to this branch.",
    );
    // One denied reference refuses them all.
    push(&lab, &["HEAD:refs/heads/good", "HEAD:refs/heads/prod"])
        .fails(1, "HEAD -> good (You don't");
    let refs = lab.git(&["ls-remote", &url(HOST, PATH)]).ok().stdout;
    assert!(
        !refs.contains("refs/heads/good") && !refs.contains("refs/heads/prod"),
        "{refs}"
    );
}

#[test]
fn without_its_null_condition_the_branch_protection_denies_every_push() {
    let lab = lab(&format!("{POWER_USER}{}", protect_main("")));
    clone(&lab).ok();
    push(&lab, &["HEAD:refs/heads/topic"]).fails(128, "The requested URL returned error: 403");
    assert_eq!(lab.last_verdict(), "access-denied");
}

#[test]
fn a_switch_lets_the_other_references_of_a_push_through() {
    let mut fidelity = Fidelity::default();
    fidelity.set("denied-references", "each").unwrap();
    let entries = format!(
        "{POWER_USER}{}",
        protect_main(r#", "Null": { "codecommit:References": "false" }"#)
    );
    let lab = Lab::start(
        MockServer::builder()
            .world(alices_world(&entries))
            .fidelity(fidelity),
    );
    lab.log_in_as_alice();
    clone(&lab).ok();
    push(&lab, &["HEAD:refs/heads/good", "main"])
        .fails(1, " ! [remote rejected] main -> main (You don't");
    let refs = lab.git(&["ls-remote", &url(HOST, PATH)]).ok().stdout;
    assert!(refs.contains("refs/heads/good"), "{refs}");
}

#[test]
fn a_switch_tells_a_denied_branch_on_the_side_band() {
    let mut fidelity = Fidelity::default();
    fidelity.set("branch-deny", "side-band").unwrap();
    let entries = format!(
        "{POWER_USER}{}",
        protect_main(r#", "Null": { "codecommit:References": "false" }"#)
    );
    let lab = Lab::start(
        MockServer::builder()
            .world(alices_world(&entries))
            .fidelity(fidelity),
    );
    lab.log_in_as_alice();
    clone(&lab).ok();
    push(&lab, &["main"]).fails(
        1,
        "remote: You don't have permission to push changes to this branch.",
    );
}

#[test]
fn an_explained_denial_names_the_statement_in_the_users_terminal() {
    let mut fidelity = Fidelity::default();
    fidelity.set("explain", "yes").unwrap();
    let entries = format!(
        "{POWER_USER}{}",
        protect_main(r#", "Null": { "codecommit:References": "false" }"#)
    );
    let lab = Lab::start(
        MockServer::builder()
            .world(alices_world(&entries))
            .fidelity(fidelity),
    );
    lab.log_in_as_alice();
    clone(&lab).ok();
    let said =
        push(&lab, &["main"]).fails(1, "remote: codecommit-lab: access-denied: no permission");
    let why = "remote:   why: refs/heads/main: codecommit:GitPush is not for user alice: statement 1 (DenyMain) of protect-main denies it";
    assert!(said.stderr.contains(why), "{}", said.stderr);
}

#[test]
fn conditions_see_where_a_request_comes_from_and_what_it_is_about() {
    let allow = |condition: &str| {
        inline(
            "only-if",
            &format!(
                r#"{{ "Effect": "Allow", "Action": "codecommit:Git*", "Resource": "*", "Condition": {{ {condition} }} }}"#
            ),
        )
    };
    for (condition, allowed) in [
        (r#""IpAddress": { "aws:SourceIp": "127.0.0.0/8" }"#, true),
        (
            r#""IpAddress": { "aws:SourceIp": "203.0.113.0/24" }"#,
            false,
        ),
        (
            r#""StringEquals": { "aws:RequestedRegion": "us-east-2" }"#,
            true,
        ),
        (
            r#""StringEquals": { "aws:RequestedRegion": "us-east-1" }"#,
            false,
        ),
        (
            r#""StringEquals": { "aws:ResourceTag/stage": "prod" }"#,
            true,
        ),
        (
            r#""StringEquals": { "aws:ResourceTag/stage": "test" }"#,
            false,
        ),
        (
            r#""StringEquals": { "aws:PrincipalTag/team": "blue" }"#,
            true,
        ),
        (r#""StringEquals": { "aws:username": "alice" }"#, true),
        (r#""StringLike": { "aws:UserAgent": "git/*" }"#, true),
        (r#""Bool": { "aws:SecureTransport": "true" }"#, true),
        // A long-term key: the keys about MFA are not there.
        (r#""Bool": { "aws:MultiFactorAuthPresent": "true" }"#, false),
        (
            r#""BoolIfExists": { "aws:MultiFactorAuthPresent": "true" }"#,
            true,
        ),
    ] {
        let lab = lab(&allow(condition));
        let said = lab.git(&["ls-remote", &url(HOST, PATH)]);
        let expected = if allowed { Some(0) } else { Some(128) };
        assert_eq!(said.status, expected, "{condition}: {}", said.stderr);
        assert_eq!(
            lab.last_verdict(),
            if allowed { "accepted" } else { "access-denied" },
            "{condition}"
        );
    }
}

#[test]
fn a_boundary_is_the_most_that_is_allowed() {
    let lab = lab(&format!(
        "{POWER_USER}permissions_boundary = \"AWSCodeCommitReadOnly\"\n"
    ));
    clone(&lab).ok();
    push(&lab, &["main"]).fails(128, "The requested URL returned error: 403");
    assert_eq!(lab.last_verdict(), "access-denied");
}

/// The guide: users need no permission for the key `aws/codecommit`, but must not be denied it.
#[test]
fn a_denied_encryption_key_blocks_everything() {
    let deny = r#"{ "Sid": "NoKeys", "Effect": "Deny", "Action": "kms:*", "Resource": "*" }"#;
    let lab = lab(&format!("{POWER_USER}{}", inline("no-keys", deny)));
    clone(&lab).fails(128, "The requested URL returned error: 403");
    assert_eq!(lab.last_verdict(), "kms-denied");
    assert_eq!(
        deciding_statement(&lab),
        "statement 1 (NoKeys) of no-keys denies it"
    );
}

#[test]
fn a_vpc_endpoint_with_a_policy_of_its_own_lets_only_that_through() {
    let text = r#"
extends = "demo"
[[vpc_endpoint]]
id = "vpce-0b47ea360adebf88a"
policy = '''{"Statement": [{"Principal": "*", "Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}]}'''
"#;
    let lab = Lab::start(MockServer::builder().world(world(text)));
    let host = "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-2.vpce.amazonaws.com";
    let at = lab.server.clock().timestamp();
    let password = codecommit_helper::password::Signable {
        host,
        path: PATH,
        region: "us-east-2",
        service: codecommit_helper::password::SERVICE,
        at,
    };
    lab.log_in(KEY_ID, &password.sign(codecommit_tests::SECRET).expose());
    lab.git(&["clone", "-q", &url(host, PATH), "work"]).ok();
    push(&lab, &["HEAD:refs/heads/topic"]).fails(128, "The requested URL returned error: 403");
    let because = deciding_statement(&lab);
    assert!(because.contains("VPC endpoint"), "{because}");
}

/// With the switch, a user who may not read learns nothing about which repositories there are.
#[test]
fn a_switch_tells_the_missing_permission_before_the_missing_repository() {
    for (first, path, status) in [
        ("repository", "/v1/repos/Nope", 404),
        ("permission", "/v1/repos/Nope", 403),
        ("permission", PATH, 403),
    ] {
        let mut fidelity = Fidelity::default();
        fidelity.set("first-check", first).unwrap();
        let lab = Lab::start(
            MockServer::builder()
                .world(alices_world(""))
                .fidelity(fidelity),
        );
        lab.log_in(KEY_ID, &lab.password(HOST, path));
        lab.git(&["ls-remote", &url(HOST, path)]).fails(128, "");
        assert_eq!(
            lab.exchanges().pop().unwrap().status,
            Some(status),
            "{first} {path}"
        );
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_located_in_the_world_file() {
    let text = "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"alice\"\n[[account.user.inline_policy]]\nname = \"p\"\ndocument = '''\n{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Efect\": \"Allow\"}]}'''\n";
    let source = document::Source::new("world.toml", text);
    let error = World::parse(&source).unwrap_err();
    assert_eq!(
        error.to_string(),
        "world.toml:10:17: statement 1: unknown element `Efect`"
    );
    assert_eq!(error.help.as_deref(), Some("did you mean `Effect`?"));
}

/// A session can do no more than the policy that it was issued with.
#[test]
fn a_session_policy_narrows_what_a_role_may_do() {
    let text = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.role]]
name = "Deployer"
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.role.temporary_credential]]
session_name = "build"
id = "ASIAIOSFODNN7EXAMPLE"
secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
session_token = "token"
policy = '''{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}}'''
"#;
    let lab = Lab::start(MockServer::builder().world(world(text)));
    lab.log_in("ASIAIOSFODNN7EXAMPLE%token", &lab.password(HOST, PATH));
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    push(&lab, &["HEAD:refs/heads/topic"]).fails(128, "The requested URL returned error: 403");
    assert!(
        deciding_statement(&lab).contains("session"),
        "{}",
        deciding_statement(&lab)
    );
}

/// The help is about what denied it: not every denial is mended by one more policy.
#[test]
fn the_help_is_about_what_stands_in_the_way() {
    let deny = |condition: &str| {
        let statements = format!(
            r#"{{ "Effect": "Allow", "Action": "codecommit:*", "Resource": "*" }}, {{ "Effect": "Deny", "Action": "codecommit:GitPull", "Resource": "*", "Condition": {{ {condition} }} }}"#
        );
        inline("p", &statements)
    };
    for (entries, detail, help) in [
        (
            deny(r#""BoolIfExists": { "aws:MultiFactorAuthPresent": "false" }"#),
            "statement 2 of p denies it",
            "get a session with multi-factor authentication",
        ),
        (
            deny(r#""StringEqualsIfExists": { "codecommit:References": "refs/heads/main" }"#),
            "statement 2 of p denies it",
            "\"Null\": {\"codecommit:References\": \"false\"}",
        ),
        (
            deny(r#""IpAddress": { "aws:SourceIp": "127.0.0.0/8" }"#),
            "statement 2 of p denies it",
            "the statement holds because of its conditions",
        ),
        (
            inline(
                "p",
                r#"{ "Effect": "Allow", "Action": "codecommit:*", "Resource": "*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } }"#,
            ),
            "no identity-based policy allows codecommit:GitPull",
            "meet the condition of that statement",
        ),
        (
            format!(
                "{POWER_USER}permissions_boundary = '''{{\"Version\": \"2012-10-17\", \"Statement\": {{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}}}'''\n"
            ),
            "the permissions boundary does not allow codecommit:GitPull",
            "widen the permissions boundary",
        ),
    ] {
        let lab = lab(&entries);
        lab.git(&["ls-remote", &url(HOST, PATH)]).fails(128, "403");
        let refusal = lab.last_refusal();
        assert!(refusal.detail.contains(detail), "{}", refusal.detail);
        let said = refusal.help.unwrap();
        assert!(said.contains(help), "{said}");
    }
}
