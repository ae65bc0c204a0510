//! Policies as people write them for CodeCommit, and what they come to. The first ones are the user guide's own.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use codecommit_mock::authz::{
    Decision, Layer, Mismatch, NamedPolicy, PolicySet, Request, key, kms,
};
use codecommit_mock::world::ManagedPolicy;
use codecommit_mock::world::policy::{Effect, PolicyDocument};

const ALICE: &str = "arn:aws:iam::111111111111:user/alice";
const REPOSITORY: &str = "arn:aws:codecommit:us-east-2:111111111111:MyDemoRepo";
const MAIN: &str = "refs/heads/main";

fn request(action: &str) -> Request {
    Request::new(ALICE, action, REPOSITORY)
        .with(key::REQUESTED_REGION, "us-east-2")
        .with(key::USER_NAME, "alice")
        .with(key::SOURCE_IP, "203.0.113.7")
}

fn pull() -> Request {
    request("codecommit:GitPull")
}

fn push() -> Request {
    request("codecommit:GitPush")
}

fn policy(name: &str, json: &str) -> NamedPolicy {
    let document = PolicyDocument::identity(json);
    NamedPolicy::new(
        name,
        document.unwrap_or_else(|error| panic!("{json}: {error}")),
    )
}

/// A policy of statements in the current language.
fn statements(statements: &str) -> NamedPolicy {
    policy(
        "own",
        &format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#),
    )
}

fn identity(policies: impl IntoIterator<Item = NamedPolicy>) -> PolicySet {
    PolicySet {
        identity: policies.into_iter().collect(),
        ..PolicySet::default()
    }
}

fn power_user_with(json: &str) -> PolicySet {
    identity([
        ManagedPolicy::AWSCodeCommitPowerUser.into(),
        statements(json),
    ])
}

#[track_caller]
fn check(policies: &PolicySet, cases: &[(Request, bool)]) {
    for (request, allowed) in cases {
        let explanation = policies.explain(request);
        assert_eq!(explanation.decision.allowed, *allowed, "{explanation:#?}");
    }
}

#[test]
fn managed_policies_allow_what_the_guide_says() {
    use ManagedPolicy::{AWSCodeCommitFullAccess, AWSCodeCommitPowerUser, AWSCodeCommitReadOnly};
    for (action, full, power, read) in [
        ("codecommit:GitPull", true, true, true),
        ("codecommit:GitPush", true, true, false),
        ("codecommit:GetRepository", true, true, true),
        ("codecommit:CreateRepository", true, true, false),
        ("codecommit:DeleteRepository", true, false, false),
        ("codecommit:DeleteBranch", true, true, false),
        ("codecommit:UpdateRepositoryName", true, true, false),
        ("codecommit:MergePullRequestBySquash", true, true, false),
        ("CodeCommit:gitpull", true, true, true),
        ("kms:Decrypt", false, false, false),
        ("s3:GetObject", false, false, false),
    ] {
        for (managed, allowed) in [
            (AWSCodeCommitFullAccess, full),
            (AWSCodeCommitPowerUser, power),
            (AWSCodeCommitReadOnly, read),
        ] {
            let decision = identity([managed.into()]).evaluate(&request(action));
            assert_eq!(decision.allowed, allowed, "{managed} {action}");
        }
    }
}

#[test]
fn a_managed_policy_lets_users_manage_their_own_git_credentials_only() {
    let policies = identity([ManagedPolicy::AWSCodeCommitPowerUser.into()]);
    let create = |user: &str| {
        Request::new(
            ALICE,
            "iam:CreateServiceSpecificCredential",
            format!("arn:aws:iam::111111111111:user/{user}"),
        )
    };
    check(
        &policies,
        &[
            (create("alice").with(key::USER_NAME, "alice"), true),
            (create("bob").with(key::USER_NAME, "alice"), false),
            // A role has no user name, so the variable has no value.
            (create("alice"), false),
            // A name of wildcard characters is a name.
            (create("bob").with(key::USER_NAME, "*"), false),
        ],
    );
}

#[test]
fn nothing_is_allowed_without_a_policy() {
    let decision = PolicySet::default().evaluate(&pull());
    assert!(!decision.allowed);
    assert_eq!(decision.lacking, Some(Layer::Identity));
    assert_eq!(
        decision.because,
        "no identity-based policy allows codecommit:GitPull"
    );
}

#[test]
fn git_pull_alone_clones_and_does_not_push() {
    let policies = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}"#,
    )]);
    check(&policies, &[(pull(), true), (push(), false)]);
}

#[test]
fn git_on_one_repository() {
    let policies = identity([statements(&format!(
        r#"{{"Effect": "Allow", "Action": ["codecommit:GitPull", "codecommit:GitPush"], "Resource": "{REPOSITORY}"}}"#
    ))]);
    let at = |arn: &str| Request::new(ALICE, "codecommit:GitPull", arn);
    check(
        &policies,
        &[
            (pull(), true),
            (push(), true),
            (
                at("arn:aws:codecommit:us-east-2:111111111111:mydemorepo"),
                false,
            ),
            (
                at("arn:aws:codecommit:us-east-2:111111111111:MyDemoRepo2"),
                false,
            ),
            (
                at("arn:aws:codecommit:us-west-2:111111111111:MyDemoRepo"),
                false,
            ),
            (
                at("arn:aws:codecommit:us-east-2:222222222222:MyDemoRepo"),
                false,
            ),
            (request("codecommit:GetRepository"), false),
        ],
    );
}

/// `ListRepositories` is about no repository in particular (user guide, "Authentication and access control").
#[test]
fn listing_repositories_needs_every_resource() {
    let list = Request::new(ALICE, "codecommit:ListRepositories", "*");
    let with_resource = |resource: &str| {
        identity([statements(&format!(
            r#"{{"Effect": "Allow", "Action": "codecommit:*", "Resource": "{resource}"}}"#
        ))])
    };
    check(&with_resource("*"), &[(list.clone(), true)]);
    check(
        &with_resource("arn:aws:codecommit:us-east-2:111111111111:*"),
        &[(list, false)],
    );
}

/// User guide, "Limit pushes and merges to branches".
const PROTECT: &str = r#"{
    "Effect": "Deny",
    "Action": ["codecommit:GitPush", "codecommit:DeleteBranch", "codecommit:PutFile", "codecommit:Merge*"],
    "Resource": "arn:aws:codecommit:us-east-2:111111111111:MyDemoRepo",
    "Condition": {
        "StringEqualsIfExists": {"codecommit:References": ["refs/heads/main", "refs/heads/prod"]},
        "Null": {"codecommit:References": false}
    }
}"#;

#[test]
fn protected_branches_cannot_be_pushed_to_and_others_can() {
    let policies = power_user_with(PROTECT);
    let to = |references: &[&str]| push().with_all(key::REFERENCES, references.iter().copied());
    check(
        &policies,
        &[
            (pull(), true),
            // The first check of every push comes without references.
            (push(), true),
            (to(&[MAIN]), false),
            (to(&["refs/heads/prod"]), false),
            (to(&["refs/heads/feature"]), true),
            (to(&["refs/tags/main"]), true),
            (to(&["refs/heads/Main"]), true),
            // One protected branch among several.
            (to(&["refs/heads/feature", MAIN]), false),
            (to(&["refs/heads/feature", "refs/heads/other"]), true),
            (to(&[]), true),
            (
                request("codecommit:PutFile").with(key::REFERENCES, MAIN),
                false,
            ),
        ],
    );
}

/// Without `Null`, the first check of a push, which has no references, passes `StringEqualsIfExists`: every push is denied.
/// "The `Null` statement is required in any policy whose effect is `Deny` and where `GitPush` is one of the actions."
#[test]
fn the_branch_policy_without_null_denies_every_push() {
    let null = ",\n        \"Null\": {\"codecommit:References\": false}";
    let without_null = PROTECT.replace(null, "");
    assert!(without_null.len() < PROTECT.len());
    let policies = power_user_with(&without_null);
    check(&policies, &[(pull(), true), (push(), false)]);
    let decision = policies.evaluate(&push());
    assert_eq!(decision.because, "statement 1 of own denies it");
}

#[test]
fn a_push_of_several_references_is_judged_one_by_one() {
    let several = push().with_all(key::REFERENCES, ["refs/heads/feature", MAIN]);
    let decisions = power_user_with(PROTECT).evaluate_push(&several);
    let allowed: Vec<_> = decisions
        .iter()
        .map(|(reference, decision)| (reference.as_deref(), decision.allowed))
        .collect();
    assert_eq!(
        allowed,
        [(Some("refs/heads/feature"), true), (Some(MAIN), false)]
    );
    let first_check = power_user_with(PROTECT).evaluate_push(&push());
    assert_eq!(first_check.len(), 1);
    assert!(first_check[0].0.is_none() && first_check[0].1.allowed);
}

/// User guide, "Customer managed policy examples", example 4: "It does not allow changes to any other branches."
#[test]
fn a_branch_that_alone_is_allowed_takes_no_other_along() {
    let policies = identity([
        ManagedPolicy::AWSCodeCommitReadOnly.into(),
        statements(
            r#"{"Effect": "Allow", "Action": ["codecommit:GitPush", "codecommit:Merge*"], "Resource": "*",
                "Condition": {"StringEqualsIfExists": {"codecommit:References": ["refs/heads/main"]}}}"#,
        ),
    ]);
    let to = |references: &[&str]| push().with_all(key::REFERENCES, references.iter().copied());
    check(
        &policies,
        &[
            (push(), true),
            (to(&[MAIN]), true),
            (to(&["refs/heads/feature"]), false),
            (to(&[MAIN, "refs/heads/feature"]), false),
        ],
    );
    let allowed = |request: &Request| {
        let decisions = policies.evaluate_push(request);
        decisions.iter().all(|(_, decision)| decision.allowed)
    };
    assert!(allowed(&to(&[MAIN])));
    assert!(!allowed(&to(&[MAIN, "refs/heads/feature"])));
}

#[test]
fn only_feature_branches() {
    let policies = power_user_with(
        r#"{"Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*",
            "Condition": {
                "StringNotLike": {"codecommit:References": ["refs/heads/feature/*", "refs/tags/*"]},
                "Null": {"codecommit:References": "false"}
            }}"#,
    );
    let to = |references: &[&str]| push().with_all(key::REFERENCES, references.iter().copied());
    check(
        &policies,
        &[
            (push(), true),
            (to(&["refs/heads/feature/a/b"]), true),
            (to(&["refs/tags/v1", "refs/heads/feature/a"]), true),
            (to(&[MAIN]), false),
            (to(&["refs/heads/feature/a", MAIN]), false),
        ],
    );
}

#[test]
fn not_action_and_not_resource_leave_out_what_they_list() {
    let policies = identity([statements(
        r#"{"Effect": "Allow", "NotAction": ["codecommit:GitPush", "codecommit:Delete*"], "Resource": "*"}"#,
    )]);
    check(
        &policies,
        &[
            (pull(), true),
            (push(), false),
            (request("codecommit:DeleteBranch"), false),
            (request("s3:GetObject"), true),
        ],
    );
    let policies = power_user_with(
        r#"{"Effect": "Deny", "Action": "codecommit:Git*",
            "NotResource": ["arn:aws:codecommit:us-east-2:111111111111:My*", "arn:aws:codecommit:us-east-2:111111111111:a?c"]}"#,
    );
    let at = |name: &str| {
        let arn = format!("arn:aws:codecommit:us-east-2:111111111111:{name}");
        Request::new(ALICE, "codecommit:GitPull", arn)
    };
    check(
        &policies,
        &[
            (at("MyDemoRepo"), true),
            (at("abc"), true),
            (at("abbc"), false),
            (at("Secret"), false),
        ],
    );
}

/// User guide, "Customer managed policy examples", example 3.
#[test]
fn an_address_outside_the_range_is_denied() {
    let policies = power_user_with(
        r#"{"Effect": "Deny", "Action": ["codecommit:*"], "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/16", "2001:DB8:1234:5678::/64"]}}}"#,
    );
    let from = |address: &str| pull().with(key::SOURCE_IP, address);
    check(
        &policies,
        &[
            (from("203.0.113.7"), true),
            (from("203.0.0.1"), true),
            (from("::ffff:203.0.113.7"), true),
            (from("198.51.100.1"), false),
            (from("2001:db8:1234:5678:1::1"), true),
            (from("2001:db8:1234:5679::1"), false),
            (from("no address"), false),
            // Through a VPC endpoint there is no source address: a negated condition on it holds.
            (Request::new(ALICE, "codecommit:GitPull", REPOSITORY), false),
        ],
    );
}

/// User guide, "Customer managed policy examples", example 1.
#[test]
fn one_region_only() {
    let policies = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:*", "Resource": "arn:aws:codecommit:us-east-2:111111111111:*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-2"}}}"#,
    )]);
    check(
        &policies,
        &[
            (pull(), true),
            (pull().with(key::REQUESTED_REGION, "us-west-2"), false),
            (Request::new(ALICE, "codecommit:GitPull", REPOSITORY), false),
        ],
    );
}

/// User guide, "Customer managed policy examples", example 5.
#[test]
fn repositories_with_a_tag() {
    let status = key::resource_tag("Status");
    let team = key::resource_tag("Team");
    let deny = power_user_with(
        r#"{"Effect": "Deny", "Action": "codecommit:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Status": "Secret"}}}"#,
    );
    check(
        &deny,
        &[
            (pull(), true),
            (pull().with(&status, "Public"), true),
            (pull().with(&status, "Secret"), false),
            (pull().with("AWS:resourcetag/status", "Secret"), false),
        ],
    );
    // Two keys: both conditions must hold. Two tags in it, and neither alone keeps out what it seems to.
    let allow = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:Git*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:ResourceTag/Status": "Secret", "aws:ResourceTag/Team": "Saanvi"}}}"#,
    )]);
    check(
        &allow,
        &[
            (pull(), true),
            (pull().with(&status, "Secret"), false),
            (pull().with(&team, "Saanvi"), false),
            (pull().with(&status, "Public").with(&team, "Other"), true),
        ],
    );
}

#[test]
fn multi_factor_authentication() {
    let long_term = pull();
    let with_mfa = pull().with(key::MFA_PRESENT, true).with(key::MFA_AGE, 600);
    let without_mfa = pull().with(key::MFA_PRESENT, false);
    // A long-term key has no such key in its request; `Bool` alone does not catch it, `BoolIfExists` does.
    let deny = |operator: &str| {
        power_user_with(&format!(
            r#"{{"Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {{"{operator}": {{"aws:MultiFactorAuthPresent": "false"}}}}}}"#
        ))
    };
    check(
        &deny("Bool"),
        &[
            (long_term.clone(), true),
            (with_mfa.clone(), true),
            (without_mfa.clone(), false),
        ],
    );
    check(
        &deny("BoolIfExists"),
        &[
            (long_term.clone(), false),
            (with_mfa.clone(), true),
            (without_mfa.clone(), false),
        ],
    );
    let allow = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}, "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}"#,
    )]);
    check(
        &allow,
        &[
            (long_term, false),
            (with_mfa.clone(), true),
            (with_mfa.with(key::MFA_AGE, 3600), false),
            (without_mfa, false),
        ],
    );
}

#[test]
fn a_variable_names_the_users_own_repository() {
    let policies = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:Git*",
            "Resource": "arn:aws:codecommit:*:111111111111:${aws:username, 'guest'}-*"}"#,
    )]);
    let at = |user: &str, name: &str| {
        let arn = format!("arn:aws:codecommit:us-east-2:111111111111:{name}");
        Request::new(ALICE, "codecommit:GitPull", arn).with(key::USER_NAME, user)
    };
    let guest = Request::new(
        ALICE,
        "codecommit:GitPull",
        "arn:aws:codecommit:us-east-2:111111111111:guest-notes",
    );
    check(
        &policies,
        &[
            (at("alice", "alice-notes"), true),
            (at("alice", "bob-notes"), false),
            (at("*", "bob-notes"), false),
            (guest, true),
        ],
    );
}

#[test]
fn a_policy_of_the_old_version_has_no_variables() {
    let policies = identity([policy(
        "old",
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:username": "${aws:username}"}}}}"#,
    )]);
    check(
        &policies,
        &[
            (pull(), false),
            (pull().with(key::USER_NAME, "${aws:username}"), true),
        ],
    );
}

#[test]
fn a_boundary_limits_and_grants_nothing() {
    let boundary = |json: &str| PolicySet {
        boundary: Some(policy(
            "boundary",
            &format!(r#"{{"Version": "2012-10-17", "Statement": [{json}]}}"#),
        )),
        ..identity([ManagedPolicy::AWSCodeCommitPowerUser.into()])
    };
    let pull_only =
        boundary(r#"{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}"#);
    check(&pull_only, &[(pull(), true), (push(), false)]);
    let decision = pull_only.evaluate(&push());
    assert_eq!(decision.lacking, Some(Layer::Boundary));
    assert_eq!(
        decision.aws_message(ALICE),
        format!(
            "User: {ALICE} is not authorized to perform: codecommit:GitPush on resource: {REPOSITORY} because no permissions \
             boundary allows the codecommit:GitPush action"
        )
    );
    let everything = boundary(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#);
    check(
        &everything,
        &[(request("codecommit:DeleteRepository"), false)],
    );
    let denying = boundary(
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*:GitPush", "Resource": "*"}"#,
    );
    let decision = denying.evaluate(&push());
    assert_eq!(decision.because, "statement 2 of boundary denies it");
    assert!(
        decision
            .aws_message(ALICE)
            .ends_with("with an explicit deny in a permissions boundary")
    );
}

#[test]
fn every_layer_must_allow() {
    let allow = |action: &str| {
        statements(&format!(
            r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#
        ))
    };
    let set = |boundary: &str, session: &[&str]| PolicySet {
        boundary: Some(allow(boundary)),
        session: Some(session.iter().map(|action| allow(action)).collect()),
        ..identity([allow("codecommit:*")])
    };
    for (boundary, session, lacking) in [
        (
            "codecommit:*",
            &["codecommit:GitPull", "codecommit:GitPush"][..],
            None,
        ),
        ("codecommit:GitPush", &["codecommit:GitPush"], None),
        (
            "codecommit:GitPull",
            &["codecommit:GitPush"],
            Some(Layer::Boundary),
        ),
        (
            "codecommit:GitPush",
            &["codecommit:GitPull"],
            Some(Layer::Session),
        ),
        ("codecommit:GitPush", &[], Some(Layer::Session)),
    ] {
        let decision = set(boundary, session).evaluate(&push());
        assert_eq!(decision.lacking, lacking, "{boundary} {session:?}");
        assert_eq!(decision.allowed, lacking.is_none());
    }
}

/// User guide, "Using CodeCommit with interface VPC endpoints": pushes on another endpoint only.
#[test]
fn an_endpoint_policy_denies_pushes() {
    let endpoint = PolicyDocument::endpoint(
        r#"{"Statement": [
            {"Action": "*", "Effect": "Allow", "Resource": "*", "Principal": "*"},
            {"Action": "codecommit:GitPush", "Effect": "Deny", "Principal": "*",
             "Resource": "arn:aws:codecommit:us-east-2:111111111111:MyDemoRepo"}
        ]}"#,
    );
    let policies = PolicySet {
        vpc_endpoint: Some(NamedPolicy::new("vpce-1", endpoint.unwrap())),
        ..identity([ManagedPolicy::AWSCodeCommitPowerUser.into()])
    };
    check(&policies, &[(pull(), true), (push(), false)]);
    assert_eq!(
        policies.evaluate(&push()).statement.unwrap().layer,
        Layer::VpcEndpoint
    );
}

#[test]
fn an_endpoint_policy_says_who() {
    let policies = |principal: &str| {
        PolicySet {
        vpc_endpoint: Some(NamedPolicy::new(
            "vpce-1",
            PolicyDocument::endpoint(&format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {principal}}}}}"#
            ))
            .unwrap(),
        )),
        ..identity([ManagedPolicy::AWSCodeCommitPowerUser.into()])
    }
    };
    let role = "arn:aws:iam::111111111111:role/Deployer";
    let session = Request {
        principal_arn: "arn:aws:sts::111111111111:assumed-role/Deployer/session".to_owned(),
        ..pull().with(key::PRINCIPAL_ARN, role)
    };
    for (principal, user, role) in [
        (r#""*""#, true, true),
        (r#"{"AWS": "*"}"#, true, true),
        (r#"{"AWS": "111111111111"}"#, true, true),
        (r#"{"AWS": ["arn:aws:iam::111111111111:root"]}"#, true, true),
        (r#"{"AWS": "222222222222"}"#, false, false),
        (&format!(r#"{{"AWS": "{ALICE}"}}"#), true, false),
        (
            &format!(r#"{{"AWS": ["{role}", "222222222222"]}}"#),
            false,
            true,
        ),
        (r#"{"Service": "codecommit.amazonaws.com"}"#, false, false),
    ] {
        check(
            &policies(principal),
            &[(pull(), user), (session.clone(), role)],
        );
    }
}

/// User guide, "AWS Key Management Service and encryption": no permission is needed, but none may be denied.
#[test]
fn denied_kms_actions_are_found() {
    let key = kms::key_arn("aws", "us-east-2", "111111111111");
    assert_ne!(key, kms::key_arn("aws", "us-west-2", "111111111111"));
    assert_eq!(kms::requests(&pull())[0].resource, key);

    let no_mention = identity([ManagedPolicy::AWSCodeCommitReadOnly.into()]);
    assert_eq!(kms::denial(&no_mention, &pull()), None);

    for (statement, denied) in [
        (r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}"#.to_owned(), Some("kms:Encrypt")),
        (format!(r#"{{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "{key}"}}"#), Some("kms:Decrypt")),
        (r#"{"Effect": "Deny", "Action": "kms:ReEncrypt*", "Resource": "*"}"#.to_owned(), Some("kms:ReEncryptFrom")),
        (
            r#"{"Effect": "Deny", "Action": "kms:DescribeKey", "Resource": "arn:aws:kms:us-west-2:*:key/*"}"#.to_owned(),
            None,
        ),
        (
            r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-2.amazonaws.com"}}}"#
                .to_owned(),
            None,
        ),
        (
            r#"{"Effect": "Deny", "Action": "kms:DescribeKey", "Resource": "*",
                "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/aws/codecommit"}}}"#
                .to_owned(),
            Some("kms:DescribeKey"),
        ),
    ] {
        let decision = kms::denial(&power_user_with(&statement), &pull());
        let action = decision.map(|decision| decision.action);
        assert_eq!(action.as_deref(), denied, "{statement}");
    }
}

#[test]
fn a_decision_names_its_statement_and_a_refusal_its_nearest_miss() {
    let sid = r#"{"Sid": "One", "Effect": "Allow", "Action": "codecommit:GitPull",
                  "Resource": "arn:aws:codecommit:us-east-2:111111111111:/MyDemoRepo"}"#;
    let policies = identity([policy(
        "team",
        &format!(r#"{{"Version": "2012-10-17", "Statement": [{sid}]}}"#),
    )]);
    let Decision { because, .. } = policies.evaluate(&pull());
    assert_eq!(
        because,
        "no identity-based policy allows codecommit:GitPull; statement 1 (One) of team would, but its Resource leaves this \
         resource out"
    );
    let policies = identity([statements(
        r#"{"Effect": "Allow", "Action": "codecommit:Git*", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}"#,
    )]);
    let Decision { because, .. } = policies.evaluate(&pull());
    assert!(
        because.ends_with(
            "its condition IpAddress aws:SourceIp [198.51.100.0/24] does not hold: the request has 203.0.113.7"
        ),
        "{because}"
    );

    let explanation = power_user_with(PROTECT).explain(&push().with(key::REFERENCES, MAIN));
    let statement = explanation.decision.statement.unwrap();
    assert_eq!(statement.policy, "own");
    assert_eq!((statement.name.number, statement.effect), (1, Effect::Deny));
    assert!(explanation.considered.len() > 5);
    assert_eq!(explanation.considered[0].mismatch, None);
    assert_eq!(explanation.considered[1].mismatch, Some(Mismatch::Action));
}

#[test]
fn a_decision_as_json() {
    let policies = identity([policy(
        "team",
        r#"{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    )]);
    let json = serde_json::to_value(policies.evaluate(&pull())).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "allowed": true,
            "action": "codecommit:GitPull",
            "resource": REPOSITORY,
            "because": "statement 1 (All) of team allows it",
            "statement": {"layer": "identity", "policy": "team", "number": 1, "sid": "All", "effect": "allow"},
        })
    );
}
