//! Every condition operator, against a request that has the key, lacks it, or has several values.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use codecommit_mock::authz::{NamedPolicy, PolicySet, Request};
use codecommit_mock::world::policy::PolicyDocument;

/// Whether a statement with a condition applies. An `Allow` and a `Deny` are asked, and must agree unless the request
/// has several values.
#[track_caller]
fn applies(condition: &str, key: &str, values: &[&str]) -> bool {
    let [allow, deny] = applies_each(condition, key, values);
    assert_eq!(allow, deny, "{condition} {values:?}");
    allow
}

#[track_caller]
fn applies_each(condition: &str, key: &str, values: &[&str]) -> [bool; 2] {
    let request = Request::new("arn:aws:iam::1:user/a", "x:Y", "*")
        .with("aws:username", "a*")
        .with_all(key, values.iter().copied());
    let statement = |effect: &str, condition: &str| {
        format!(
            r#"{{"Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
        )
    };
    let allowed = |statements: String| {
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let document = PolicyDocument::identity(&json);
        let document = document.unwrap_or_else(|error| panic!("{json}: {error}"));
        let policies = PolicySet {
            identity: vec![NamedPolicy::new("test", document)],
            ..PolicySet::default()
        };
        policies.evaluate(&request).allowed
    };
    let with_deny = format!(
        "{},{}",
        statement("Allow", "{}"),
        statement("Deny", condition)
    );
    [allowed(statement("Allow", condition)), !allowed(with_deny)]
}

#[track_caller]
fn table(cases: &[(&str, &str, &str, bool)]) {
    for (operator, policy, request, expected) in cases {
        let condition = format!(r#"{{"{operator}": {{"x:key": {policy}}}}}"#);
        assert_eq!(
            applies(&condition, "X:Key", &[request]),
            *expected,
            "{operator} {policy} {request}"
        );
    }
}

#[test]
fn strings() {
    table(&[
        ("StringEquals", r#""a""#, "a", true),
        ("StringEquals", r#""a""#, "A", false),
        ("StringEquals", r#"["b", "a"]"#, "a", true),
        ("StringEquals", r#""a*""#, "ab", false),
        ("StringEquals", r#""a*""#, "a*", true),
        ("StringEquals", r#""${aws:username}""#, "a*", true),
        ("StringEquals", r#""${aws:username}""#, "ab", false),
        ("StringEquals", "5", "5", true),
        ("StringEquals", "true", "true", true),
        ("StringNotEquals", r#""a""#, "a", false),
        ("StringNotEquals", r#""a""#, "b", true),
        // None of several may match.
        ("StringNotEquals", r#"["a", "b"]"#, "b", false),
        ("StringNotEquals", r#"["a", "b"]"#, "c", true),
        ("StringEqualsIgnoreCase", r#""Äb""#, "äB", true),
        ("StringEqualsIgnoreCase", r#""ab""#, "ac", false),
        ("StringNotEqualsIgnoreCase", r#""Ab""#, "aB", false),
        ("StringLike", r#""refs/heads/*""#, "refs/heads/a/b", true),
        ("StringLike", r#""refs/heads/*""#, "refs/tags/a", false),
        ("StringLike", r#""v?.?""#, "v1.2", true),
        ("StringLike", r#""v?.?""#, "v1.22", false),
        ("StringLike", r#""A*""#, "ab", false),
        // Wildcards of the value are characters, those of the policy are not.
        ("StringLike", r#""${aws:username}""#, "ab", false),
        ("StringLike", r#""${aws:username}*""#, "a*b", true),
        ("StringLike", r#""${*}""#, "a", false),
        ("StringLike", r#""${*}${?}${$}""#, "*?$", true),
        ("StringNotLike", r#"["a*", "b*"]"#, "bc", false),
        ("StringNotLike", r#"["a*", "b*"]"#, "c", true),
    ]);
}

#[test]
fn numbers() {
    table(&[
        ("NumericEquals", r#""10""#, "10.0", true),
        ("NumericEquals", "[9, 10]", "10", true),
        ("NumericNotEquals", "[9, 10]", "10", false),
        ("NumericNotEquals", "[9, 10]", "11", true),
        ("NumericLessThan", "10", "9.99", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "10", "9", false),
        ("NumericGreaterThan", "-1", "0", true),
        ("NumericGreaterThanEquals", "10", "10", true),
        // What is not a number equals none.
        ("NumericEquals", "10", "ten", false),
        ("NumericNotEquals", "10", "ten", true),
        ("NumericLessThan", "10", "ten", false),
    ]);
}

#[test]
fn dates() {
    let noon = "2025-01-15T12:00:00Z";
    table(&[
        ("DateEquals", r#""2025-01-15T13:00:00+01:00""#, noon, true),
        (
            "DateNotEquals",
            r#""2025-01-15T13:00:00+01:00""#,
            noon,
            false,
        ),
        ("DateLessThan", r#""2025-01-16""#, noon, true),
        ("DateLessThan", r#""2025-01-15T12:00:00Z""#, noon, false),
        (
            "DateLessThanEquals",
            r#""2025-01-15T12:00:00Z""#,
            noon,
            true,
        ),
        ("DateGreaterThan", r#""2025-01-15""#, noon, true),
        ("DateGreaterThanEquals", r#""2025-02""#, noon, false),
        ("DateGreaterThan", "1736900000", noon, true),
        ("DateGreaterThan", "1736900000", "1736900001", true),
        ("DateLessThan", "1736900000", "never", false),
    ]);
}

#[test]
fn booleans_bytes_addresses_and_arns() {
    let role = "arn:aws:iam::111122223333:role/Deployer";
    table(&[
        ("Bool", r#""true""#, "true", true),
        ("Bool", "false", "true", false),
        ("Bool", "false", "False", true),
        ("Bool", "true", "yes", false),
        ("BinaryEquals", r#""QmluYXJ5""#, "QmluYXJ5", true),
        ("BinaryEquals", r#""QmluYXJ5""#, "qmluyxj5", false),
        ("IpAddress", r#""203.0.113.0/24""#, "203.0.113.255", true),
        ("IpAddress", r#""203.0.113.0/24""#, "203.0.114.1", false),
        (
            "IpAddress",
            r#"["203.0.113.7", "2001:db8::/32"]"#,
            "2001:db8::1",
            true,
        ),
        ("IpAddress", r#""203.0.113.7""#, "203.0.113.8", false),
        ("IpAddress", r#""0.0.0.0/0""#, "2001:db8::1", false),
        (
            "NotIpAddress",
            r#"["203.0.113.0/24", "198.51.100.0/24"]"#,
            "198.51.100.1",
            false,
        ),
        ("NotIpAddress", r#""203.0.113.0/24""#, "198.51.100.1", true),
        ("ArnEquals", r#""arn:aws:iam::*:role/*""#, role, true),
        (
            "ArnLike",
            r#""arn:aws:iam::111122223333:role/Deploy??""#,
            role,
            true,
        ),
        ("ArnLike", r#""arn:aws:iam:*:role/Deployer:*""#, role, false),
        ("ArnLike", r#""*""#, role, true),
        ("ArnNotEquals", r#""arn:aws:iam::*:user/*""#, role, true),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, role, false),
        ("ArnLike", r#""arn:aws:iam::*:*""#, "not an ARN", false),
        ("ArnNotLike", r#""arn:aws:iam::*:*""#, "not an ARN", true),
    ]);
}

#[test]
fn a_missing_key() {
    for (operator, value, expected) in [
        ("StringEquals", "a", false),
        ("StringNotEquals", "a", true),
        ("StringLike", "*", false),
        ("StringNotLike", "*", true),
        ("NumericLessThan", "1", false),
        ("NumericNotEquals", "1", true),
        ("DateGreaterThan", "1", false),
        ("DateNotEquals", "1", true),
        ("Bool", "false", false),
        ("BinaryEquals", "QQ==", false),
        ("IpAddress", "0.0.0.0/0", false),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("ArnLike", "*", false),
        ("ArnNotLike", "*", true),
    ] {
        let with = |operator: &str| {
            let condition = format!(r#"{{"{operator}": {{"x:key": "{value}"}}}}"#);
            applies(&condition, "x:other", &["1"])
        };
        assert_eq!(with(operator), expected, "{operator}");
        assert!(with(&format!("{operator}IfExists")), "{operator}IfExists");
        assert!(
            with(&format!("ForAllValues:{operator}")),
            "ForAllValues:{operator}"
        );
        assert!(
            !with(&format!("ForAnyValue:{operator}")),
            "ForAnyValue:{operator}"
        );
    }
}

#[test]
fn null_asks_whether_the_key_is_there() {
    for (value, there, absent) in [
        ("false", true, false),
        (r#""false""#, true, false),
        (r#""true""#, false, true),
        (r#"["true", "false"]"#, true, true),
    ] {
        let condition = format!(r#"{{"Null": {{"x:key": {value}}}}}"#);
        assert_eq!(applies(&condition, "x:key", &["", "b"]), there, "{value}");
        assert_eq!(applies(&condition, "x:key", &[]), absent, "{value}");
    }
}

#[test]
fn several_values() {
    for (operator, none, some, every) in [
        // Values of the request: none, one, all of [a, b] listed; and always a third in `some`.
        ("ForAllValues:StringEquals", false, false, true),
        ("ForAnyValue:StringEquals", false, true, true),
        ("ForAllValues:StringNotEquals", true, false, false),
        ("ForAnyValue:StringNotEquals", true, true, false),
        ("ForAllValues:StringLike", false, false, true),
        ("ForAnyValue:StringNotLike", true, true, false),
        ("ForAllValues:StringEqualsIfExists", false, false, true),
    ] {
        let condition = format!(r#"{{"{operator}": {{"x:key": ["a", "b"]}}}}"#);
        let with = |values: &[&str]| applies(&condition, "x:key", values);
        assert_eq!(with(&["c", "d"]), none, "{operator}");
        assert_eq!(with(&["a", "c"]), some, "{operator}");
        assert_eq!(with(&["b", "a"]), every, "{operator}");
    }
}

/// AWS documents no meaning for this; ours is that a `Deny` needs one value that passes, and an `Allow` all of them.
#[test]
fn several_values_and_no_quantifier() {
    let each = |operator: &str, values: &[&str]| {
        let condition = format!(r#"{{"{operator}": {{"x:key": ["a", "b"]}}}}"#);
        applies_each(&condition, "x:key", values)
    };
    let [allow_and_deny, deny_only, neither] = [[true, true], [false, true], [false, false]];
    assert_eq!(each("StringEquals", &["a", "b"]), allow_and_deny);
    assert_eq!(each("StringEquals", &["a", "c"]), deny_only);
    assert_eq!(each("StringEquals", &["c", "d"]), neither);
    assert_eq!(each("StringNotEquals", &["c", "d"]), allow_and_deny);
    assert_eq!(each("StringNotEquals", &["a", "c"]), deny_only);
    assert_eq!(each("StringNotEquals", &["a", "b"]), neither);
}

#[test]
fn all_keys_and_all_operators_must_hold() {
    let condition =
        r#"{"StringEquals": {"x:key": "a", "aws:username": "a*"}, "StringLike": {"x:key": "?"}}"#;
    assert!(applies(condition, "x:key", &["a"]));
    assert!(!applies(
        &condition.replace("\"a*\"", "\"b\""),
        "x:key",
        &["a"]
    ));
    assert!(!applies(
        &condition.replace("\"?\"", "\"??\""),
        "x:key",
        &["a"]
    ));
}

/// "Any attempt to match it fails and causes the statement to be invalid" (IAM user guide, "Variables and tags").
#[test]
fn a_variable_without_value_matches_nothing() {
    for operator in [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
    ] {
        let condition = format!(r#"{{"{operator}": {{"x:key": "${{x:missing}}"}}}}"#);
        assert!(!applies(&condition, "x:key", &["a"]), "{operator}");
        assert!(
            !applies(&condition, "x:key", &["${x:missing}"]),
            "{operator}"
        );
    }
    // Another value of the list still can.
    let condition = r#"{"StringEquals": {"x:key": ["${x:missing}", "a"]}}"#;
    assert!(applies(condition, "x:key", &["a"]));
    let condition = r#"{"StringEquals": {"x:key": "${x:missing, 'a'}"}}"#;
    assert!(applies(condition, "x:key", &["a"]));
}
