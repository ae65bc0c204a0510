//! Our evaluator against another, `iam-rs`, where both speak; where they differ on purpose, each difference is a case with
//! its reason.

use codecommit_mock::authz::{NamedPolicy, PolicySet, Request};
use codecommit_mock::world::policy::PolicyDocument;
use iam_rs::{
    Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId,
    evaluate_policies,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::RngSeed;

const PRINCIPAL: &str = "arn:aws:iam::111122223333:user/alice";
const REPOSITORY: &str = "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo";

/// A request that both can be asked.
#[derive(Clone, Debug)]
struct Question {
    action: &'static str,
    resource: &'static str,
    context: Vec<(&'static str, Vec<&'static str>)>,
}

fn ours(policies: &[String], question: &Question) -> Option<bool> {
    let identity = policies.iter().map(|json| {
        let document = PolicyDocument::identity(json).ok()?;
        Some(NamedPolicy::new("test", document))
    });
    let policies = PolicySet {
        identity: identity.collect::<Option<_>>()?,
        ..PolicySet::default()
    };
    let mut request = Request::new(PRINCIPAL, question.action, question.resource);
    for (key, values) in &question.context {
        request = request.with_all(key, values.iter().copied());
    }
    Some(policies.evaluate(&request).allowed)
}

fn theirs(policies: &[String], question: &Question) -> Option<bool> {
    let policies = policies.iter().map(|json| IAMPolicy::from_json(json).ok());
    let policies: Vec<IAMPolicy> = policies.collect::<Option<_>>()?;
    let mut context = Context::new();
    for (key, values) in &question.context {
        let value = match &values[..] {
            // Its Booleans are not strings.
            ["true"] => ContextValue::Boolean(true),
            ["false"] => ContextValue::Boolean(false),
            [value] => ContextValue::String((*value).to_owned()),
            values => {
                ContextValue::StringList(values.iter().map(|&value| value.to_owned()).collect())
            }
        };
        context.insert((*key).to_owned(), value);
    }
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(PRINCIPAL.to_owned())),
        question.action,
        Arn::parse(question.resource).ok()?,
        context,
    );
    let decision = evaluate_policies(&policies, &request).ok()?;
    Some(decision == Decision::Allow)
}

fn element(name: &'static str, values: &'static [&'static str]) -> impl Strategy<Value = String> {
    let prefix = prop_oneof![4 => Just(""), 1 => Just("Not")];
    (prefix, subsequence(values, 1..=2))
        .prop_map(move |(prefix, values)| format!(r#""{prefix}{name}": {values:?}"#))
}

/// A condition in the part of the language that both have, with the values that fit its operator.
fn condition() -> impl Strategy<Value = String> {
    let of = |operators: &'static [&'static str],
              keys: &'static [&'static str],
              values: &'static [&'static str]| {
        let suffix = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
        (
            select(operators),
            suffix,
            select(keys),
            subsequence(values, 1..=2),
        )
            .prop_map(|(operator, suffix, key, values)| {
                let suffix = if operator.starts_with("For") {
                    ""
                } else {
                    suffix
                };
                format!(r#""{operator}{suffix}": {{"{key}": {values:?}}}"#)
            })
    };
    prop_oneof![
        4 => of(
            &[
                "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
                "StringLike", "StringNotLike",
            ],
            &["aws:username", "aws:RequestedRegion", "codecommit:References"],
            &["alice", "ALICE", "us-east-2", "refs/heads/main", "refs/heads/*", "a?ice", "${aws:username}"],
        ),
        2 => of(
            &[
                "ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAllValues:StringLike", "ForAnyValue:StringLike",
                "ForAllValues:StringNotEquals", "ForAnyValue:StringNotEquals", "ForAnyValue:StringNotLike",
            ],
            &["x:many", "codecommit:References"],
            &["refs/heads/main", "refs/heads/*", "refs/tags/v1"],
        ),
        2 => of(
            &["IpAddress", "NotIpAddress"],
            &["aws:SourceIp"],
            &["203.0.113.0/24", "198.51.100.7", "2001:db8::/32", "0.0.0.0/0"],
        ),
        1 => of(
            &[
                "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            &["aws:MultiFactorAuthAge"],
            &["600", "3600", "0.5"],
        ),
        1 => of(
            &["DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThan", "DateGreaterThanEquals"],
            &["aws:CurrentTime"],
            &["2025-01-15T08:30:00Z", "2024-12-31T00:00:00Z", "1736929801"],
        ),
        1 => of(&["ArnLike", "ArnNotLike"], &["aws:PrincipalArn"], &[PRINCIPAL, "arn:aws:iam::*:role/*", "arn:aws:iam::*:user/a*"]),
        1 => select(vec!["true", "false"]).prop_map(|value| format!(r#""Bool": {{"aws:MultiFactorAuthPresent": "{value}"}}"#)),
        1 => (select(vec!["true", "false"]), select(vec!["codecommit:References", "aws:SourceIp"]))
            .prop_map(|(value, key)| format!(r#""Null": {{"{key}": "{value}"}}"#)),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let action = element(
        "Action",
        &[
            "*",
            "codecommit:*",
            "codecommit:Git*",
            "CodeCommit:gitpush",
            "codecommit:GitPull",
        ],
    );
    let resource = element(
        "Resource",
        &[
            "*",
            REPOSITORY,
            "arn:aws:codecommit:*:*:My*",
            "arn:aws:codecommit:us-east-2:111122223333:?ther",
            "arn:aws:codecommit:us-east-2:111122223333:/MyDemoRepo",
            "arn:aws:codecommit:us-east-2:111122223333:${aws:username, 'Other'}",
        ],
    );
    (effect, action, resource, option::of(condition())).prop_map(
        |(effect, action, resource, condition)| {
            let condition = condition.unwrap_or_default();
            format!(
                r#"{{"Effect": "{effect}", {action}, {resource}, "Condition": {{{condition}}}}}"#
            )
        },
    )
}

fn policies() -> impl Strategy<Value = Vec<String>> {
    let policy = vec(statement(), 1..4).prop_map(|statements| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        )
    });
    vec(policy, 1..3)
}

fn questions() -> impl Strategy<Value = Question> {
    let one = |key: &'static str, values: &'static [&'static str]| {
        option::weighted(0.8, select(values))
            .prop_map(move |value| value.map(|value| (key, vec![value])))
    };
    let many = subsequence(
        vec!["refs/heads/main", "refs/heads/a", "refs/tags/v1"],
        0..=3,
    )
    .prop_map(|values| (values.len() > 1).then_some(("x:many", values)));
    let context = (
        // Both take variables from it, so it is always there: without it they differ, see below.
        select(vec!["alice", "bob"]).prop_map(|user| Some(("aws:username", vec![user]))),
        one("aws:RequestedRegion", &["us-east-2", "us-west-2"]),
        one(
            "codecommit:References",
            &["refs/heads/main", "refs/heads/a", "refs/tags/v1"],
        ),
        one(
            "aws:SourceIp",
            &["203.0.113.7", "198.51.100.7", "2001:db8::1"],
        ),
        one("aws:MultiFactorAuthAge", &["600", "601"]),
        one("aws:CurrentTime", &["2025-01-15T08:30:00Z"]),
        one("aws:PrincipalArn", &[PRINCIPAL]),
        one("aws:MultiFactorAuthPresent", &["true", "false"]),
        many,
    );
    let action = select(vec![
        "codecommit:GitPull",
        "codecommit:GitPush",
        "codecommit:GetRepository",
    ]);
    let resource = select(vec![
        REPOSITORY,
        "arn:aws:codecommit:us-east-2:111122223333:Other",
    ]);
    (action, resource, context).prop_map(|(action, resource, context)| {
        let (a, b, c, d, e, f, g, h, i) = context;
        Question {
            action,
            resource,
            context: [a, b, c, d, e, f, g, h, i].into_iter().flatten().collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_250_115),
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_evaluators_agree(policies in policies(), question in questions()) {
        // StringEquals and the like take wildcards literally in both; a value with a variable is expanded by ours alone.
        prop_assume!(!policies.iter().any(|policy| in_condition(policy, "${")));
        let (ours, theirs) = (ours(&policies, &question), theirs(&policies, &question));
        prop_assert!(ours.is_some() && theirs.is_some(), "ours {:?}, theirs {:?}", ours, theirs);
        prop_assert_eq!(ours, theirs);
    }
}

fn in_condition(policy: &str, text: &str) -> bool {
    policy.split("\"Condition\": {").skip(1).any(|condition| {
        condition
            .split('}')
            .next()
            .is_some_and(|inside| inside.contains(text))
    })
}

/// A case in which the two differ, and why ours is right.
struct Difference {
    reason: &'static str,
    version: &'static str,
    statements: &'static str,
    question: Question,
    ours: Option<bool>,
    theirs: Option<bool>,
}

fn question(resource: &'static str, context: &[(&'static str, &[&'static str])]) -> Question {
    Question {
        action: "codecommit:GitPush",
        resource,
        context: context
            .iter()
            .map(|(key, values)| (*key, values.to_vec()))
            .collect(),
    }
}

#[test]
fn known_differences() {
    let current = r#""Version": "2012-10-17", "#;
    let repository = |context| question(REPOSITORY, context);
    let differences = [
        Difference {
            reason: "an action about no single resource is asked about `*`, which they cannot say",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            question: question("*", &[]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "Version may be left out, and is 2008-10-17 then (\"IAM JSON policy elements: Version\")",
            version: "",
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            question: repository(&[]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "2008-10-17 has no variables",
            version: r#""Version": "2008-10-17", "#,
            statements: r#"{"Effect": "Allow", "Action": "*",
                "Resource": "arn:aws:codecommit:us-east-2:111122223333:${aws:username}"}"#,
            question: repository(&[("aws:username", &["MyDemoRepo"])]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "the characters of a variable's value are literal: a user may be named like a pattern",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*",
                "Resource": "arn:aws:codecommit:us-east-2:111122223333:${aws:username}"}"#,
            question: repository(&[("aws:username", &["My*"])]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "conditions take variables too (\"Variables and tags\")",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}}}"#,
            question: repository(&[
                ("aws:username", &["alice"]),
                ("aws:ResourceTag/Owner", &["alice"]),
            ]),
            ours: Some(true),
            theirs: Some(false),
        },
        Difference {
            reason: "a variable without value makes the statement invalid; theirs is empty text",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*",
                "Resource": "arn:aws:codecommit:us-east-2:111122223333:${aws:username}MyDemoRepo"}"#,
            question: repository(&[]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "a star at the end of an ARN's part runs over colons (\"IAM JSON policy elements: Resource\")",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:codecommit:*"}"#,
            question: repository(&[]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "ArnEquals takes wildcards as ArnLike does (\"Amazon Resource Name (ARN) condition operators\")",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}}"#,
            question: repository(&[("aws:PrincipalArn", &[PRINCIPAL])]),
            ours: Some(true),
            theirs: Some(false),
        },
        Difference {
            reason: "the ARN operators compare part by part, so a star does not run over colons there",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:*:user:::/alice"}}}"#,
            question: repository(&[("aws:PrincipalArn", &["arn:aws:iam:a:b:user:::/alice"])]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "a plain operator on several values: an Allow of ours needs all of them to pass",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"StringEquals": {"codecommit:References": "refs/heads/a"}}}"#,
            question: repository(&[(
                "codecommit:References",
                &["refs/heads/a", "refs/heads/main"],
            )]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "base64 is case-sensitive",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"BinaryEquals": {"x:bytes": "QUFB"}}}"#,
            question: repository(&[("x:bytes", &["qufb"])]),
            ours: Some(false),
            theirs: Some(true),
        },
        Difference {
            reason: "dates may be shorter than to the second (W3C's forms of ISO 8601)",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2025-01-15"}}}"#,
            question: repository(&[("aws:CurrentTime", &["2025-01-15T08:30:00Z"])]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "ForAnyValue takes IfExists too (\"the end of any condition operator name except the Null condition\")",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"ForAnyValue:StringEqualsIfExists": {"codecommit:References": "refs/heads/a"}}}"#,
            question: repository(&[]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "every condition operator takes ForAllValues and ForAnyValue",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"ForAnyValue:IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}}"#,
            question: repository(&[("aws:VpcSourceIp", &["10.1.2.3"])]),
            ours: Some(true),
            theirs: None,
        },
        Difference {
            reason: "a wildcard for the service is refused when the policy is read, not passed over",
            version: current,
            statements: r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:code*:*:*:*"}"#,
            question: repository(&[]),
            ours: None,
            theirs: Some(false),
        },
    ];
    for difference in differences {
        let json = format!(
            r#"{{{}"Statement": [{}]}}"#,
            difference.version, difference.statements
        );
        let (reason, question) = (difference.reason, &difference.question);
        assert_eq!(
            ours(std::slice::from_ref(&json), question),
            difference.ours,
            "ours: {reason}"
        );
        assert_eq!(
            theirs(std::slice::from_ref(&json), question),
            difference.theirs,
            "theirs: {reason}"
        );
        assert_ne!(
            difference.ours, difference.theirs,
            "no difference: {reason}"
        );
    }
}
