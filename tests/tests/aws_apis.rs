//! STS and IAM Identity Center over the wire: what they issue opens a repository, and what they refuse is refused in AWS's words.

use codecommit_mock::{Clock, MockServer};
use codecommit_tests::aws::{Keys, between, json, lists_as, sts};
use codecommit_tests::wire::{Answer, Wire, say};
use codecommit_tests::{Lab, SECRET, world};
use time::Duration;

const STS: &str = "sts.us-east-2.amazonaws.com";
const DEPLOYER: &str = "arn:aws:iam::111122223333:role/Deployer";
const SERIAL: &str = "arn:aws:iam::111122223333:mfa/alice";

const WORLD: &str = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.mfa_device]]
serial = "arn:aws:iam::111122223333:mfa/alice"
token_code = "123456"
[[account.user.inline_policy]]
name = "roles"
document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}'
[[account.user]]
name = "mallory"
[[account.user.access_key]]
id = "AKIAMALLORY0EXAMPLE0"
secret = "mallorys"
[[account.user.temporary_credential]]
id = "ASIAEXPIRED0EXAMPLE0"
secret = "mallorys"
session_token = "over"
expires = "2020-01-01T00:00:00Z"
[[account.role]]
name = "Deployer"
trusted = ["arn:aws:iam::111122223333:user/alice"]
managed_policies = ["AWSCodeCommitPowerUser"]
[[account.role]]
name = "Partner"
trusted = ["arn:aws:iam::111122223333:root"]
external_id = "agreed-upon"
max_session_duration = 43200
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Guarded"
trusted = ["arn:aws:iam::111122223333:root"]
require_mfa = true
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Next"
trusted = ["arn:aws:iam::111122223333:role/Deployer"]
max_session_duration = 43200
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "Actions"
trusted = ["https://token.actions.githubusercontent.com"]
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role]]
name = "AWSReservedSSO_Developer_f0e1d2c3b4a59687"
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.identity_provider]]
url = "https://token.actions.githubusercontent.com"
[[account.identity_provider.token]]
token = "header.payload.signature"
subject = "repo:octo-org/octo-repo:ref:refs/heads/main"
[[account.identity_provider.token]]
token = "header.old.signature"
subject = "repo:octo-org/octo-repo:ref:refs/heads/main"
expires = "2020-01-01T00:00:00Z"

[[sso]]
start_url = "https://d-1234567890.awsapps.com/start"
region = "eu-west-1"
user = "alice@example.com"
[[sso.token]]
access_token = "good-access-token"
[[sso.token]]
access_token = "expired-access-token"
refresh_token = "the-refresh-token"
client_id = "the-client"
client_secret = "the-client-secret"
expires = "2020-01-01T00:00:00Z"
[[sso.assignment]]
account = "111122223333"
role = "Developer"
"#;

fn lab() -> Lab {
    Lab::start(MockServer::builder().world(world(WORLD)))
}

/// Calls STS as alice.
fn call(lab: &Lab, form: &str) -> Answer {
    call_as(lab, &Keys::alice(), form)
}

fn call_as(lab: &Lab, keys: &Keys, form: &str) -> Answer {
    sts(lab, STS, "us-east-2", keys, form)
}

fn assume(role: &str, more: &str) -> String {
    format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=test{more}")
}

#[track_caller]
fn refused(lab: &Lab, answer: &Answer, status: u16, code: &str, message: &str, verdict: &str) {
    let text = answer.text();
    assert_eq!(
        (
            answer.status,
            &*between(&text, "<Code>", "</Code>"),
            &*between(&text, "<Message>", "</Message>")
        ),
        (status, code, message)
    );
    assert_eq!(lab.last_verdict(), verdict);
}

#[test]
fn get_caller_identity_says_who_signed() {
    let lab = lab();
    let answer = call(&lab, "Action=GetCallerIdentity");
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    assert!(answer.headers.contains("content-type: text/xml"));
    assert!(answer.headers.contains("x-amzn-requestid: "));
    assert_eq!(
        between(&text, "<Arn>", "</Arn>"),
        "arn:aws:iam::111122223333:user/alice"
    );
    assert_eq!(between(&text, "<Account>", "</Account>"), "111122223333");
    assert!(between(&text, "<UserId>", "</UserId>").starts_with("AIDA"));
    assert_eq!(lab.last_verdict(), "accepted");
}

#[test]
fn the_global_and_the_fips_endpoint_and_loopback_are_served_too() {
    let lab = lab();
    let form = "Action=GetCallerIdentity";
    for (host, region) in [
        ("sts.amazonaws.com", "us-east-1"),
        ("sts-fips.us-west-2.amazonaws.com", "us-west-2"),
    ] {
        let answer = sts(&lab, host, region, &Keys::alice(), form);
        assert_eq!(answer.status, 200, "{host}");
    }
    let host = format!("127.0.0.1:{}", lab.server.port());
    let body = format!("{form}&Version=2011-06-15");
    let headers = codecommit_tests::aws::signed(&lab, &host, "ap-south-1", &Keys::alice(), &body);
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let heard = say(
        &lab,
        &format!(
            "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        ),
    );
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
}

#[test]
fn an_assumed_role_opens_the_repository() {
    let lab = lab();
    let answer = call(&lab, &assume(DEPLOYER, ""));
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    let arn = "arn:aws:sts::111122223333:assumed-role/Deployer/test";
    assert_eq!(between(&text, "<Arn>", "</Arn>"), arn);
    let keys = Keys::of_xml(&text);
    assert!(keys.id.starts_with("ASIA"));
    assert_eq!(lists_as(&lab, &keys), arn);
    let who = call_as(&lab, &keys, "Action=GetCallerIdentity").text();
    assert_eq!(between(&who, "<Arn>", "</Arn>"), arn);
    assert!(between(&who, "<UserId>", "</UserId>").ends_with(":test"));
}

#[test]
fn a_session_ends_when_it_was_said_to() {
    let start = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    let clock = Clock::frozen(start);
    let lab = Lab::start(MockServer::builder().world(world(WORLD)).clock(clock));
    let answer = call(&lab, &assume(DEPLOYER, "&DurationSeconds=900"));
    let text = answer.text();
    assert_eq!(
        between(&text, "<Expiration>", "</Expiration>"),
        "2027-01-15T08:15:00Z"
    );
    let keys = Keys::of_xml(&text);
    let status = || call_as(&lab, &keys, "Action=GetCallerIdentity");
    lab.server.clock().advance(Duration::seconds(899));
    assert_eq!(status().status, 200);
    lab.server.clock().advance(Duration::seconds(1));
    refused(
        &lab,
        &status(),
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
        "session-expired",
    );
}

#[test]
fn a_wrong_signature_is_refused_with_what_should_have_been_signed() {
    let lab = lab();
    let wrong = Keys {
        secret: "wrong".to_owned(),
        ..Keys::alice()
    };
    let answer = call_as(&lab, &wrong, "Action=GetCallerIdentity");
    let text = answer.text();
    assert_eq!(answer.status, 403);
    assert_eq!(between(&text, "<Code>", "</Code>"), "SignatureDoesNotMatch");
    assert!(text.contains("The Canonical String for this request should have been\n'POST\n/\n"));
    assert!(text.contains("/us-east-2/sts/aws4_request"));
    assert_eq!(lab.last_verdict(), "signature-mismatch");
}

#[test]
fn keys_that_are_not_good_are_refused_as_sts_does() {
    let lab = lab();
    let unknown = Keys {
        id: "AKIAUNKNOWN000000000".to_owned(),
        ..Keys::alice()
    };
    let form = "Action=GetCallerIdentity";
    refused(
        &lab,
        &call_as(&lab, &unknown, form),
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        "access-key-unknown",
    );
    let expired = Keys {
        id: "ASIAEXPIRED0EXAMPLE0".to_owned(),
        secret: "mallorys".to_owned(),
        token: Some("over".to_owned()),
    };
    let answer = call_as(&lab, &expired, form);
    assert_eq!(between(&answer.text(), "<Code>", "</Code>"), "ExpiredToken");
    let unsigned =
        Wire::connect(&lab, STS).post("/", &[], b"Action=GetCallerIdentity&Version=2011-06-15");
    refused(
        &lab,
        &unsigned,
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
        "credentials-missing",
    );
    let elsewhere = sts(&lab, STS, "us-east-1", &Keys::alice(), form);
    assert_eq!(elsewhere.status, 403);
    assert_eq!(lab.last_verdict(), "scope-wrong");
}

#[test]
fn a_clock_that_is_wrong_is_told_its_time() {
    let start = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    let lab = Lab::start(
        MockServer::builder()
            .world(world(WORLD))
            .clock(Clock::frozen(start)),
    );
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let headers = codecommit_tests::aws::signed(&lab, STS, "us-east-2", &Keys::alice(), body);
    let headers: Vec<_> = headers.iter().map(|(a, b)| (&**a, &**b)).collect();
    lab.server.clock().advance(Duration::minutes(16));
    let late = Wire::connect(&lab, STS).post("/", &headers, body.as_bytes());
    refused(
        &lab,
        &late,
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20270115T080000Z is now earlier than 20270115T080100Z (20270115T081600Z - 15 min.)",
        "request-time-skewed",
    );
    assert!(
        late.headers
            .contains("date: Fri, 15 Jan 2027 08:16:00 GMT\n")
    );
    lab.server.clock().advance(Duration::minutes(-32));
    let early = Wire::connect(&lab, STS).post("/", &headers, body.as_bytes());
    refused(
        &lab,
        &early,
        403,
        "SignatureDoesNotMatch",
        "Signature not yet current: 20270115T080000Z is still later than 20270115T075900Z (20270115T074400Z + 15 min.)",
        "request-time-skewed",
    );
}

#[test]
fn a_role_is_for_those_whom_it_trusts() {
    let lab = lab();
    let mallory = Keys {
        id: "AKIAMALLORY0EXAMPLE0".to_owned(),
        secret: "mallorys".to_owned(),
        token: None,
    };
    refused(
        &lab,
        &call_as(&lab, &mallory, &assume(DEPLOYER, "")),
        403,
        "AccessDenied",
        "User: arn:aws:iam::111122223333:user/mallory is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::111122223333:role/Deployer",
        "role-not-trusting",
    );
    call(&lab, &assume("arn:aws:iam::111122223333:role/Nobody", ""));
    assert_eq!(lab.last_verdict(), "role-unknown");
}

#[test]
fn an_external_id_has_to_be_the_one_that_was_agreed_upon() {
    let lab = lab();
    let partner = "arn:aws:iam::111122223333:role/Partner";
    for (more, verdict) in [
        ("", "external-id-wrong"),
        ("&ExternalId=guessed", "external-id-wrong"),
        ("&ExternalId=agreed-upon", "accepted"),
        ("&ExternalId=agreed-upon&DurationSeconds=43200", "accepted"),
    ] {
        call(&lab, &assume(partner, more));
        assert_eq!(lab.last_verdict(), verdict, "{more}");
    }
}

#[test]
fn multi_factor_authentication_is_asked_for_and_checked() {
    let lab = lab();
    let guarded = "arn:aws:iam::111122223333:role/Guarded";
    for (more, verdict) in [
        (String::new(), "mfa-missing"),
        (
            format!("&SerialNumber={SERIAL}&TokenCode=654321"),
            "mfa-wrong",
        ),
        (format!("&SerialNumber={SERIAL}"), "mfa-wrong"),
        (
            format!("&SerialNumber={SERIAL}x&TokenCode=123456"),
            "mfa-wrong",
        ),
        (
            format!("&SerialNumber={SERIAL}&TokenCode=123456"),
            "accepted",
        ),
    ] {
        call(&lab, &assume(guarded, &more));
        assert_eq!(lab.last_verdict(), verdict, "{more}");
    }
    let wrong = call(
        &lab,
        &format!("Action=GetSessionToken&SerialNumber={SERIAL}&TokenCode=000000"),
    );
    refused(
        &lab,
        &wrong,
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        "mfa-wrong",
    );
    // A session that was opened with a code needs none to assume the role.
    let form = format!("Action=GetSessionToken&SerialNumber={SERIAL}&TokenCode=123456");
    let session = Keys::of_xml(&call(&lab, &form).text());
    assert_eq!(
        lists_as(&lab, &session),
        "arn:aws:iam::111122223333:user/alice"
    );
    assert_eq!(call_as(&lab, &session, &assume(guarded, "")).status, 200);
    let without = Keys::of_xml(&call(&lab, "Action=GetSessionToken").text());
    call_as(&lab, &without, &assume(guarded, ""));
    assert_eq!(lab.last_verdict(), "mfa-missing");
    refused(
        &lab,
        &call_as(&lab, &session, "Action=GetSessionToken"),
        403,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
        "access-denied",
    );
}

#[test]
fn from_role_to_role_it_is_an_hour_at_most() {
    let lab = lab();
    let deployer = Keys::of_xml(&call(&lab, &assume(DEPLOYER, "")).text());
    let next = "arn:aws:iam::111122223333:role/Next";
    call(&lab, &assume(next, ""));
    assert_eq!(lab.last_verdict(), "role-not-trusting");
    refused(
        &lab,
        &call_as(&lab, &deployer, &assume(next, "&DurationSeconds=3601")),
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        "parameter-invalid",
    );
    let keys = Keys::of_xml(&call_as(&lab, &deployer, &assume(next, "")).text());
    assert_eq!(
        lists_as(&lab, &keys),
        "arn:aws:sts::111122223333:assumed-role/Next/test"
    );
}

#[test]
fn parameters_are_held_to_their_constraints() {
    let lab = lab();
    for (form, code, message) in [
        (
            "Action=AssumeRole".to_owned(),
            "ValidationError",
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
        ),
        (
            format!("Action=AssumeRole&RoleArn={DEPLOYER}&RoleSessionName=a%20b"),
            "ValidationError",
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]*",
        ),
        (
            assume(DEPLOYER, "&DurationSeconds=899"),
            "ValidationError",
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must \
             have value greater than or equal to 900",
        ),
        (
            assume(DEPLOYER, "&DurationSeconds=43201"),
            "ValidationError",
            "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must \
             have value less than or equal to 43200",
        ),
        (
            assume(DEPLOYER, "&DurationSeconds=3601"),
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            assume(DEPLOYER, "&Policy=%7B%7D"),
            "MalformedPolicyDocument",
            "line 1, column 1: the policy has no statement",
        ),
        (
            assume(DEPLOYER, "&PolicyArns.member.1.arn=x"),
            "ValidationError",
            "the laboratory plays no managed session policies, and PolicyArns.member.1.arn is one",
        ),
        (
            "Action=Evil%3C".to_owned(),
            "InvalidAction",
            "Could not find operation Evil&lt; for version 2011-06-15",
        ),
    ] {
        let text = call(&lab, &form).text();
        assert_eq!(
            (
                &*between(&text, "<Code>", "</Code>"),
                &*between(&text, "<Message>", "</Message>")
            ),
            (code, message)
        );
    }
}

#[test]
fn a_token_of_a_trusted_identity_provider_opens_a_role() {
    let lab = lab();
    let actions = "arn:aws:iam::111122223333:role/Actions";
    let assume = |role: &str, token: &str| {
        let body = format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={role}&RoleSessionName=build&WebIdentityToken={token}"
        );
        Wire::connect(&lab, STS).post("/", &[], body.as_bytes())
    };
    let text = assume(actions, "header.payload.signature").text();
    assert_eq!(
        between(
            &text,
            "<SubjectFromWebIdentityToken>",
            "</SubjectFromWebIdentityToken>"
        ),
        "repo:octo-org/octo-repo:ref:refs/heads/main"
    );
    assert_eq!(
        lists_as(&lab, &Keys::of_xml(&text)),
        "arn:aws:sts::111122223333:assumed-role/Actions/build"
    );
    for (role, token, code, verdict) in [
        (
            actions,
            "forged.payload.signature",
            "InvalidIdentityToken",
            "identity-token-unknown",
        ),
        (
            actions,
            "header.old.signature",
            "ExpiredTokenException",
            "identity-token-expired",
        ),
        (
            DEPLOYER,
            "header.payload.signature",
            "AccessDenied",
            "role-not-trusting",
        ),
    ] {
        let text = assume(role, token).text();
        assert_eq!(between(&text, "<Code>", "</Code>"), code);
        assert_eq!(lab.last_verdict(), verdict);
    }
}

const PORTAL: &str = "portal.sso.eu-west-1.amazonaws.com";
const OIDC: &str = "oidc.eu-west-1.amazonaws.com";

fn role_credentials(lab: &Lab, host: &str, role: &str, token: &str) -> Answer {
    let mut wire = Wire::connect(lab, host);
    wire.head(
        &format!("GET /federation/credentials?role_name={role}&account_id=111122223333"),
        &[("x-amz-sso_bearer_token", token)],
    );
    wire.answer()
}

#[test]
fn an_access_token_gets_the_credentials_of_an_assigned_role() {
    let lab = lab();
    let answer = role_credentials(&lab, PORTAL, "Developer", "good-access-token");
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    assert!(answer.headers.contains("content-type: application/json"));
    let keys = Keys::of_json(&text, ["accessKeyId", "secretAccessKey", "sessionToken"]);
    assert_eq!(
        lists_as(&lab, &keys),
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_f0e1d2c3b4a59687/alice@example.com"
    );
    for (host, role, token, status, exception, verdict) in [
        (
            PORTAL,
            "Developer",
            "unknown",
            401,
            "UnauthorizedException",
            "sso-token-unknown",
        ),
        (
            PORTAL,
            "Developer",
            "expired-access-token",
            401,
            "UnauthorizedException",
            "sso-token-expired",
        ),
        (
            "portal.sso.us-east-1.amazonaws.com",
            "Developer",
            "good-access-token",
            401,
            "UnauthorizedException",
            "sso-token-unknown",
        ),
        (
            PORTAL,
            "Administrator",
            "good-access-token",
            403,
            "ForbiddenException",
            "sso-role-unassigned",
        ),
    ] {
        let answer = role_credentials(&lab, host, role, token);
        assert_eq!(answer.status, status);
        let header = format!("x-amzn-errortype: {exception}\n");
        assert!(answer.headers.contains(&header), "{}", answer.headers);
        assert_eq!(lab.last_verdict(), verdict);
    }
}

#[test]
fn a_refresh_token_gets_a_new_access_token() {
    let lab = lab();
    let create = |client_secret: &str, grant: &str, token: &str| {
        let body = format!(
            r#"{{"clientId":"the-client","clientSecret":"{client_secret}","grantType":"{grant}","refreshToken":"{token}"}}"#
        );
        let headers = [("content-type", "application/json")];
        Wire::connect(&lab, OIDC).post("/token", &headers, body.as_bytes())
    };
    let good = create("the-client-secret", "refresh_token", "the-refresh-token");
    let text = good.text();
    assert_eq!(good.status, 200, "{text}");
    assert!(text.contains("\"expiresIn\":3600"), "{text}");
    let access_token = json(&text, "accessToken");
    let answer = role_credentials(&lab, PORTAL, "Developer", &access_token);
    assert_eq!(answer.status, 200);
    for (client_secret, grant, token, status, error) in [
        (
            "the-client-secret",
            "refresh_token",
            "unknown",
            400,
            "invalid_grant",
        ),
        (
            "wrong",
            "refresh_token",
            "the-refresh-token",
            401,
            "invalid_client",
        ),
        (
            "the-client-secret",
            "password",
            "x",
            400,
            "unsupported_grant_type",
        ),
    ] {
        let answer = create(client_secret, grant, token);
        assert_eq!(
            (answer.status, &*json(&answer.text(), "error")),
            (status, error)
        );
    }
    let broken = Wire::connect(&lab, OIDC).post("/token", &[], b"{");
    assert_eq!(
        (broken.status, &*json(&broken.text(), "error")),
        (400, "invalid_request")
    );
}

#[test]
fn no_secret_gets_into_the_journal() {
    let lab = lab();
    let keys = Keys::of_xml(&call(&lab, &assume(DEPLOYER, "")).text());
    let wrong = Keys {
        secret: "wrong".to_owned(),
        ..keys.clone()
    };
    call_as(&lab, &wrong, "Action=GetCallerIdentity");
    assert_eq!(lab.last_verdict(), "signature-mismatch");
    let form = format!("Action=GetSessionToken&SerialNumber={SERIAL}&TokenCode=123456");
    call(&lab, &form);
    let mut wire = Wire::connect(&lab, STS);
    wire.head(
        "GET /?Action=AssumeRoleWithWebIdentity&WebIdentityToken=header.payload.signature&Version=2011-06-15",
        &[],
    );
    wire.answer();
    role_credentials(&lab, PORTAL, "Developer", "good-access-token");
    lists_as(&lab, &keys);
    let written = serde_json::to_string(&lab.exchanges()).unwrap();
    for secret in [
        SECRET,
        "123456",
        "header.payload",
        "good-access-token",
        &keys.secret,
        keys.token.as_deref().unwrap(),
    ] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
    assert!(written.contains("WebIdentityToken=<redacted>"));
    let known = lab.server.secrets();
    for secret in [&keys.secret, keys.token.as_ref().unwrap()] {
        assert!(known.iter().any(|known| known.expose() == secret));
    }
    assert!(written.contains("x-amz-security-token:<redacted>"));
}
