//! What is refused in a policy document, where it is found, and what is said.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use codecommit_mock::world::policy::{PolicyDocument, Version};

/// Reads a statement with some elements replaced, and says what is wrong.
fn error_in(statement: &str) -> String {
    let json = format!("{{\"Version\": \"2012-10-17\",\n\"Statement\": [{statement}]}}");
    error(&json)
}

fn error(json: &str) -> String {
    let error = PolicyDocument::identity(json).unwrap_err();
    match error.help() {
        Some(help) => format!("{error} | {help}"),
        None => error.to_string(),
    }
}

#[test]
fn an_error_says_where_and_what_was_meant() {
    let json = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"},
        {
            "Resource": "*", "Efect": "Deny",
            "Sid": "DenyMain"
        }
    ]
}"#;
    let error = PolicyDocument::identity(json).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 6, column 30, statement 2 (DenyMain): unknown element `Efect`"
    );
    assert_eq!(error.help().as_deref(), Some("did you mean `Effect`?"));
    assert_eq!(&json[error.offset..][..7], "\"Efect\"");
    let statement = error.statement.unwrap();
    assert_eq!(
        (statement.number, statement.sid.as_deref()),
        (2, Some("DenyMain"))
    );
}

#[test]
fn documents() {
    for (json, expected) in [
        ("", "line 1, column 1: not JSON: EOF while parsing a value"),
        (
            "{\n  \"Version\" 3}",
            "line 2, column 13: not JSON: expected `:`",
        ),
        ("{\n\"é\": é}", "line 2, column 6: not JSON: expected value"),
        ("{} x", "line 1, column 4: not JSON: trailing characters"),
        (
            "[]",
            "line 1, column 1: `the policy` must be an object, not a list",
        ),
        ("{}", "line 1, column 1: the policy has no statement"),
        (
            "{\"Statement\": []}",
            "line 1, column 15: the policy has no statement",
        ),
        (
            "{\"Statement\": 3}",
            "line 1, column 15, statement 1: `Statement` must be an object, not a number",
        ),
        (
            "{\"Version\": \"2012-10-18\"}",
            "line 1, column 13: unknown version `2012-10-18` of the policy language | write \"2012-10-17\"",
        ),
        (
            "{\"Version\": 2012}",
            "line 1, column 13: `Version` must be a string, not a number",
        ),
        (
            "{\"statement\": []}",
            "line 1, column 2: unknown element `statement` | did you mean `Statement`?",
        ),
        (
            "{\"zzz\": []}",
            "line 1, column 2: unknown element `zzz` | known here: Version, Id, Statement",
        ),
        (
            "{\"Id\": \"a\", \"Id\": \"a\"}",
            "line 1, column 13: `Id` stands here twice",
        ),
        (
            "{\"Version\": \"\\ud800\"}",
            "line 1, column 20: not JSON: unexpected end of hex escape",
        ),
    ] {
        assert_eq!(error(json), expected, "{json}");
    }
}

#[test]
fn statements() {
    for (statement, expected) in [
        (r#""Allow""#, "`Statement` must be an object, not a string"),
        (
            "{}",
            "the statement has no Effect | write \"Effect\": \"Allow\" or \"Effect\": \"Deny\"",
        ),
        (
            r#"{"Effect": "allow"}"#,
            "unknown effect `allow` | write \"Allow\" or \"Deny\", with a capital letter",
        ),
        (
            r#"{"Effect": "Allow"}"#,
            "the statement has no Action or NotAction",
        ),
        (
            r#"{"Effect": "Allow", "Action": "*"}"#,
            "the statement has no Resource or NotResource | write \"Resource\": \"*\", or a repository's ARN",
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "NotAction": "*"}"#,
            "`Action` and `NotAction` exclude each other",
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "NotResource": "*", "Resource": "*"}"#,
            "`Resource` and `NotResource` exclude each other",
        ),
        (
            r#"{"Effect": "Allow", "Effect": "Allow"}"#,
            "`Effect` stands here twice",
        ),
        (
            r#"{"Effect": "Allow", "Action": []}"#,
            "`Action` is an empty list",
        ),
        (
            r#"{"Effect": "Allow", "Action": {}}"#,
            "`Action` must be a string or a list of strings, not an object",
        ),
        (
            r#"{"Effect": "Allow", "Action": ["a:b", null]}"#,
            "`Action` must be a string or a list of strings, not null",
        ),
        (
            r#"{"Effect": "Allow", "Action": "GitPull"}"#,
            "the action `GitPull` is not `service:Action` | an action looks like `codecommit:GitPull`, or is `*`",
        ),
        (
            r#"{"Effect": "Allow", "Action": "codecommit:codecommit:GitPull"}"#,
            "the action `codecommit:codecommit:GitPull` is not `service:Action` | an action looks like \
             `codecommit:GitPull`, or is `*`",
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}"#,
            "`Principal` cannot stand in this kind of policy | take it out: the policy is about whom it is attached to",
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "NotPrincipal": "*"}"#,
            "`NotPrincipal` cannot stand in this kind of policy | name the principals in `Principal`",
        ),
        (
            r#"{"Sid": "a b"}"#,
            "the Sid `a b` has other characters than letters and digits",
        ),
    ] {
        let error = error_in(statement);
        let (place, problem) = error.split_once(": ").unwrap();
        assert_eq!(problem, expected, "{statement}");
        assert!(place.starts_with("line 2, column "), "{error}");
        assert!(place.ends_with(", statement 1"), "{error}");
    }
    let twice = r#"{"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    assert_eq!(
        error_in(&format!("{twice}, {twice}")),
        "line 2, column 88, statement 2: another statement has the Sid `a` too"
    );
}

#[test]
fn actions_that_do_not_exist() {
    for (action, problem, help) in [
        (
            "codecommit:GitPul",
            "unknown action `codecommit:GitPul`",
            "did you mean `codecommit:GitPull`?",
        ),
        (
            "CodeCommit:git-push",
            "unknown action `CodeCommit:git-push`",
            "did you mean `codecommit:GitPush`?",
        ),
        (
            "codecommit:Pull",
            "unknown action `codecommit:Pull`",
            "did you mean `codecommit:GitPull`?",
        ),
        (
            "codecommit:Gti*",
            "unknown action `codecommit:Gti*`",
            "did you mean `codecommit:Git*`?",
        ),
        (
            "codecommit:ReadEverything",
            "unknown action `codecommit:ReadEverything`",
            "CodeCommit has no action of this name; an action looks like `codecommit:GitPull`",
        ),
        (
            "codecomit:GitPull",
            "unknown service in the action `codecomit:GitPull`",
            "did you mean `codecommit:GitPull`?",
        ),
        (
            "code-commit:Git*",
            "unknown service in the action `code-commit:Git*`",
            "did you mean `codecommit:Git*`?",
        ),
        (
            "awscodecommit:GitPul",
            "unknown service in the action `awscodecommit:GitPul`",
            "did you mean `codecommit:GitPull`?",
        ),
        (
            "kms:Decypt",
            "unknown action `kms:Decypt`",
            "did you mean `kms:Decrypt`?",
        ),
        (
            "kms:ReEncrypt",
            "unknown action `kms:ReEncrypt`",
            "did you mean `kms:ReEncrypt*`?",
        ),
    ] {
        for (element, column) in [("Action", 50), ("NotAction", 53)] {
            let statement =
                format!(r#"{{"Effect": "Deny", "{element}": ["*", "{action}"], "Resource": "*"}}"#);
            assert_eq!(
                error_in(&statement),
                format!("line 2, column {column}, statement 1: {problem} | {help}")
            );
        }
    }
    let endpoint = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "codecommit:GitPul", "Resource": "*"}}"#;
    let error = PolicyDocument::endpoint(endpoint).unwrap_err();
    assert_eq!(
        error.problem.to_string(),
        "unknown action `codecommit:GitPul`"
    );
}

#[test]
fn condition_keys_that_do_not_exist() {
    let unknown = |key: &str| {
        let error = error_in(&format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringLike": {{"{key}": "a"}}}}}}"#
        ));
        let expected = format!("line 2, column 96, statement 1: unknown condition key `{key}` | ");
        error.strip_prefix(&expected).unwrap_or(&error).to_owned()
    };
    for (key, meant) in [
        ("aws:SourceIpp", "aws:SourceIp"),
        ("aws:UserNames", "aws:username"),
        ("AWS:ResourceTags/Team", "aws:ResourceTag/Team"),
        ("aws:ResourceTag", "aws:ResourceTag/TAG"),
        ("aws:PrincipalTag/", "aws:PrincipalTag/TAG"),
        ("aws:RequestedRegion/x", "aws:RequestedRegion"),
        ("aws:References", "codecommit:References"),
        ("codecommit:Reference", "codecommit:References"),
        ("codecommit:SourceIp", "aws:SourceIp"),
        ("codecomit:References", "codecommit:References"),
    ] {
        assert_eq!(unknown(key), format!("did you mean `{meant}`?"), "{key}");
    }
    assert_eq!(
        unknown("aws:Weather"),
        "a condition key looks like `aws:SourceIp` or `codecommit:References`"
    );
    for key in [
        "AWS:SOURCEIP",
        "aws:TagKeys",
        "aws:RequestTag/a/b",
        "CodeCommit:references",
        "kms:ViaService",
        "saml:sub",
    ] {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"StringLike": {{"{key}": "a"}}}}}}}}"#
        );
        assert!(PolicyDocument::identity(&json).is_ok(), "{key}");
    }
}

#[test]
fn a_long_value_is_shown_by_its_beginning() {
    let long = "é".repeat(4000);
    for statement in [
        format!(r#"{{"Effect": "{long}"}}"#),
        format!(r#"{{"Sid": "{long}"}}"#),
        format!(r#"{{"{long}": 1}}"#),
        format!(r#"{{"Effect": "Allow", "Action": "{long}"}}"#),
        format!(r#"{{"Effect": "Allow", "Action": "codecommit:{long}"}}"#),
        format!(r#"{{"Effect": "Allow", "Action": "codecomit:{long}"}}"#),
        format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:codecommit/{long}"}}"#),
        format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"Bool": {{"aws:Tags/{long}": 1}}}}}}"#
        ),
        format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"Bool": {{"aws:ResourceTags/{long}": 1}}}}}}"#
        ),
        format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{"Bool": {{"aws:SecureTransport": "{long}"}}}}}}"#
        ),
    ] {
        let error = error_in(&statement);
        assert!(error.contains("é…"), "{error}");
        assert!(error.chars().count() < 320, "{error}");
    }
    let arn = format!("arn:aws:codecommit:us-east-2/{}", "x".repeat(51));
    for (resource, shown) in [
        (arn.clone(), arn.clone()),
        (format!("{arn}y"), format!("{}…", &arn[..79])),
    ] {
        let error = error_in(&format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "{resource}"}}"#
        ));
        assert!(error.contains(&format!("the ARN `{shown}` has")), "{error}");
    }
}

#[test]
fn resources() {
    let arn_help = "a repository's ARN is arn:aws:codecommit:REGION:ACCOUNT:NAME, with colons only";
    for (resource, problem, help) in [
        (
            "MyDemoRepo",
            "the resource `MyDemoRepo` is not an ARN",
            arn_help,
        ),
        (
            "arn::codecommit:::x",
            "the resource `arn::codecommit:::x` is not an ARN",
            arn_help,
        ),
        (
            "*:aws:codecommit:::x",
            "the resource `*:aws:codecommit:::x` is not an ARN",
            arn_help,
        ),
        (
            "arn:aws:codecommit:us-east-2:111122223333/MyDemoRepo",
            "the ARN `arn:aws:codecommit:us-east-2:111122223333/MyDemoRepo` has fewer than six parts",
            arn_help,
        ),
        (
            "arn:aws:codecommit",
            "the ARN `arn:aws:codecommit` has fewer than six parts",
            arn_help,
        ),
        (
            "arn:aws:code*:us-east-2:111122223333:x",
            "the ARN `arn:aws:code*:us-east-2:111122223333:x` has a wildcard for its service",
            "write the service, such as `codecommit`",
        ),
        (
            "arn:aws:codecommit:us-east-2:${aws:PrincipalAccount}:x",
            "the ARN `arn:aws:codecommit:us-east-2:${aws:PrincipalAccount}:x` has a variable before its fifth colon",
            "put the variable into the resource's name, or compare a condition key with it",
        ),
    ] {
        let statement =
            format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": ["*", "{resource}"]}}"#);
        assert_eq!(
            error_in(&statement),
            format!("line 2, column 68, statement 1: {problem} | {help}")
        );
    }
    let unclosed = r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:codecommit:us-east-2:1:${aws:username"}"#;
    assert_eq!(
        error_in(unclosed),
        "line 2, column 62, statement 1: `arn:aws:codecommit:us-east-2:1:${aws:username`: a variable has no closing brace"
    );
    for accepted in [
        "arn:aws:codecommit:*",
        "arn:aws:codecommit:us-east-2:*",
        "arn:aws:codecommit:us-east-2:111122223333:${aws:username, 'a:b'}",
        "arn:*:codecommit:us-east-2:111122223333:?",
        "arn:aws:s3:::bucket/a:b/*",
    ] {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "{accepted}"}}}}"#
        );
        assert!(PolicyDocument::identity(&json).is_ok(), "{accepted}");
    }
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("[]", "`Condition` must be an object, not a list"),
        (
            r#"{"StringEquals": "a"}"#,
            "`StringEquals` must be an object, not a string",
        ),
        (
            r#"{"StringEqual": {"aws:username": "a"}}"#,
            "unknown condition operator `StringEqual` | did you mean `StringEquals`?",
        ),
        (
            r#"{"ForAnyValues:StringLikeIfExists": {"aws:username": "a"}}"#,
            "unknown condition operator `ForAnyValues:StringLikeIfExists` | did you mean `ForAnyValue:StringLikeIfExists`?",
        ),
        (
            r#"{"NullIfExists": {"aws:username": "true"}}"#,
            "`Null` takes no `IfExists` | write `Null`",
        ),
        (
            r#"{"StringEquals": {"References": "a"}}"#,
            "the condition key `References` is not `service:Key` | a condition key looks like `aws:SourceIp` or \
             `codecommit:References`",
        ),
        (
            r#"{"StringEquals": {"aws:username": []}}"#,
            "`aws:username` is an empty list",
        ),
        (
            r#"{"StringEquals": {"aws:username": {"a": "b"}}}"#,
            "`aws:username` must be a value or a list of values, not an object",
        ),
        (
            r#"{"StringEquals": {"aws:username": "a", "AWS:UserName": "b"}}"#,
            "`AWS:UserName` stands here twice",
        ),
        (
            r#"{"StringEquals": {"aws:username": "a"}, "StringEquals": {"aws:userid": "b"}}"#,
            "`StringEquals` stands here twice",
        ),
        (
            r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "1h"}}"#,
            "`1h` is not a number, which `NumericLessThan` compares",
        ),
        (
            r#"{"DateLessThan": {"aws:CurrentTime": "tomorrow"}}"#,
            "`tomorrow` is not a date of ISO 8601 or seconds since 1970, which `DateLessThan` compares",
        ),
        (
            r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false", "no"]}}"#,
            "`no` is not true or false, which `BoolIfExists` compares",
        ),
        (
            r#"{"Null": {"aws:userid": 0}}"#,
            "`0` is not true or false, which `Null` compares",
        ),
        (
            r#"{"BinaryEquals": {"x:y": "*"}}"#,
            "`*` is not base64, which `BinaryEquals` compares",
        ),
        (
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.*"}}"#,
            "`203.0.113.*` is not an address or a CIDR range, which `IpAddress` compares",
        ),
        (
            r#"{"NotIpAddress": {"aws:SourceIp": "${aws:SourceIp}"}}"#,
            "`NotIpAddress` takes no variables, but `${aws:SourceIp}` has one",
        ),
        (
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:*"}}"#,
            "`arn:aws:iam:*` is not an ARN of six parts, which `ArnLike` compares",
        ),
        (
            r#"{"StringLike": {"aws:username": "${aws:userid, none}"}}"#,
            "`${aws:userid, none}`: the default of a variable stands in single quotes",
        ),
    ] {
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
        );
        let error = error_in(&statement);
        let (_, problem) = error.split_once(", statement 1: ").unwrap();
        assert_eq!(problem, expected, "{condition}");
    }
}

#[test]
fn principals_of_an_endpoint_policy() {
    for (principal, problem) in [
        (r#""111122223333""#, "`111122223333` is not a principal"),
        ("[]", "`Principal` must be an object, not a list"),
        ("{}", "`{}` is not a principal"),
        (r#"{"AWS": "alice"}"#, "`alice` is not a principal"),
        (
            r#"{"AWS": "arn:aws:iam::1:user/*"}"#,
            "`arn:aws:iam::1:user/*` is not a principal",
        ),
        (r#"{"Aws": "*"}"#, "unknown element `Aws`"),
    ] {
        let json = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {principal}}}}}"#
        );
        let error = PolicyDocument::endpoint(&json).unwrap_err();
        assert_eq!(error.problem.to_string(), problem, "{principal}");
    }
    let json = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let error = PolicyDocument::endpoint(json).unwrap_err();
    assert_eq!(error.problem.to_string(), "the statement has no Principal");
}

#[test]
fn what_is_right_is_kept() {
    let json = r#"{"Id": "x y", "Statement": {"Sid": "", "Effect": "Deny", "NotAction": "CodeCommit:GitP*", "NotResource": "*"}}"#;
    let document = PolicyDocument::identity(json).unwrap();
    assert_eq!(document.json(), json);
    assert_eq!(document.version(), Version::V2008);
    assert_eq!(document.id(), Some("x y"));
    let [statement] = document.statements() else {
        unreachable!("one statement");
    };
    assert_eq!(statement.name.to_string(), "statement 1");
}
