//! The verification of API requests, compared with what `aws-sigv4` signs: what is accepted, what is refused, and which mistake
//! is recognised.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use codecommit_helper::timestamp::Timestamp;
use codecommit_mock::authn::sigv4_header::{SignedRequest, Target, verify};
use codecommit_mock::authn::verdict::{Reason, Refusal};
use codecommit_mock::document::Source;
use codecommit_mock::world::World;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use time::Duration;

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE/+==";

fn now() -> Timestamp {
    Timestamp::parse_compact("20250115T083000").unwrap()
}

fn world() -> World {
    let source = Source::new(
        "world.toml",
        format!(
            r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.temporary_credential]]
id = "ASIAIOSFODNN7EXAMPLE"
secret = "{SECRET}"
session_token = "{TOKEN}"
expires = "2025-01-15T09:00:00Z"
[[account.user]]
name = "bob"
[[account.user.access_key]]
id = "AKIAI44QH8DHBEXAMPLE"
secret = "{OTHER_SECRET}"
[[account.user.access_key]]
id = "AKIAINACTIVE0EXAMPLE"
secret = "x"
status = "inactive"
"#
        ),
    );
    World::parse(&source).unwrap()
}

/// A request, and how it is signed.
#[derive(Clone, Debug)]
struct Client {
    method: &'static str,
    authority: &'static str,
    target: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static [u8],
    key_id: &'static str,
    secret: String,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
    at: Timestamp,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            method: "POST",
            authority: "sts.us-east-2.amazonaws.com",
            target: "/",
            headers: vec![("content-type", "application/x-www-form-urlencoded")],
            body: b"Action=GetCallerIdentity&Version=2011-06-15",
            key_id: KEY_ID,
            secret: SECRET.to_owned(),
            token: None,
            region: "us-east-2",
            service: "sts",
            at: now(),
        }
    }
}

impl Client {
    /// The headers of the request with those that `aws-sigv4` adds.
    fn headers(&self) -> HeaderMap {
        let identity = Credentials::new(
            self.key_id,
            &*self.secret,
            self.token.map(str::to_owned),
            None,
            "test",
        )
        .into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(self.at.to_system_time())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let uri = format!("https://{}{}", self.authority, self.target);
        let headers = self.headers.iter().copied();
        let body = SignableBody::Bytes(self.body);
        let request = SignableRequest::new(self.method, &uri, headers, body).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        let mut all = HeaderMap::new();
        let mut add = |name: &str, value: &str| {
            all.append(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        };
        for (name, value) in &self.headers {
            add(name, value);
        }
        for (name, value) in instructions.headers() {
            add(name, value);
        }
        all
    }

    /// What the endpoint says to it. `change` is what happens on the way.
    fn send(&self, change: impl FnOnce(&mut HeaderMap)) -> Result<String, Refusal> {
        let mut headers = self.headers();
        change(&mut headers);
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let request = SignedRequest {
            method: self.method,
            authority: self.authority,
            path,
            query,
            headers: &headers,
            body: self.body,
        };
        let target = Target {
            service: "sts",
            region: Some("us-east-2"),
            now: now(),
            tolerance: Duration::minutes(5),
        };
        let world = world();
        verify(&world, &request, &target).map(|holder| holder.key.id().to_owned())
    }

    #[track_caller]
    fn is_accepted(&self) {
        let said = self.send(|_| ()).map_err(|refusal| refusal.detail);
        assert_eq!(said.as_deref(), Ok(self.key_id), "{self:?}");
    }

    #[track_caller]
    fn is_refused(&self, reason: Reason) -> Refusal {
        self.is_refused_with(reason, |_| ())
    }

    #[track_caller]
    fn is_refused_with(&self, reason: Reason, change: impl FnOnce(&mut HeaderMap)) -> Refusal {
        let refusal = self.send(change).unwrap_err();
        assert_eq!(refusal.reason, reason, "{}", refusal.detail);
        refusal
    }
}

fn set(name: &'static str, value: &str) -> impl FnOnce(&mut HeaderMap) {
    let value = HeaderValue::from_str(value).unwrap();
    move |headers| {
        headers.insert(name, value);
    }
}

/// Changes the Authorization header.
fn rewritten(from: &'static str, to: &'static str) -> impl FnOnce(&mut HeaderMap) {
    move |headers| {
        let value = headers["authorization"].to_str().unwrap();
        assert!(value.contains(from), "{value}");
        let value = HeaderValue::from_str(&value.replace(from, to)).unwrap();
        headers.insert("authorization", value);
    }
}

#[test]
fn every_shape_of_request_that_aws_sigv4_signs_is_accepted() {
    let plain = Client::default();
    plain.is_accepted();
    for target in [
        "/",
        "/a/b",
        "/a%20b/c",
        "/a/../b/./c",
        "/a//b/",
        "/?b=2&a=1&a=0",
        "/?flag",
        "/?empty=&x=%2F%20~",
        "/?x=a/b:c",
        "/?A=1&a=2&aa=3",
    ] {
        for method in ["GET", "POST"] {
            let body: &[u8] = if method == "GET" { b"" } else { plain.body };
            Client {
                method,
                target,
                body,
                ..plain.clone()
            }
            .is_accepted();
        }
    }
    for headers in [
        vec![],
        vec![("x-amz-target", "CodeCommit_20150413.GetRepository")],
        vec![("content-type", "  a   b ")],
        vec![("x-custom", "1"), ("x-custom", "2")],
        vec![("x-empty", "")],
    ] {
        Client {
            headers,
            ..plain.clone()
        }
        .is_accepted();
    }
    for authority in ["127.0.0.1:8080", "localhost:1", "sts.amazonaws.com"] {
        Client {
            authority,
            ..plain.clone()
        }
        .is_accepted();
    }
    Client {
        key_id: "ASIAIOSFODNN7EXAMPLE",
        token: Some(TOKEN),
        ..plain
    }
    .is_accepted();
}

#[test]
fn the_canonical_request_is_shown_and_holds_no_token() {
    let refusal = Client {
        key_id: "ASIAIOSFODNN7EXAMPLE",
        token: Some(TOKEN),
        secret: "wrong".to_owned(),
        ..Client::default()
    }
    .is_refused(Reason::SignatureMismatch);
    assert_eq!(
        refusal.canonical_request.unwrap(),
        "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:sts.us-east-2.amazonaws.com\n\
         x-amz-date:20250115T083000Z\nx-amz-security-token:<redacted>\n\n\
         content-type;host;x-amz-date;x-amz-security-token\n\
         ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843"
    );
    assert!(
        refusal.string_to_sign.unwrap().starts_with(
            "AWS4-HMAC-SHA256\n20250115T083000Z\n20250115/us-east-2/sts/aws4_request\n"
        )
    );
}

#[test]
fn what_was_changed_on_the_way_is_noticed() {
    let client = Client::default();
    client.is_refused_with(Reason::SignatureMismatch, set("content-type", "text/plain"));
    client.is_refused_with(Reason::CredentialsMissing, |headers| {
        headers.remove("authorization");
    });
    client.is_refused_with(Reason::AuthorizationMalformed, |headers| {
        headers.append("authorization", HeaderValue::from_static("x"));
    });
    client.is_refused_with(Reason::AuthorizationMalformed, |headers| {
        headers.remove("x-amz-date");
    });
    client.is_refused_with(Reason::AuthorizationMalformed, set("x-amz-date", "now"));
    client.is_refused_with(Reason::AuthorizationMalformed, |headers| {
        headers.remove("content-type");
    });
    client.is_refused_with(Reason::HeaderUnsigned, set("x-amz-extra", "1"));
    client.is_refused_with(
        Reason::HeaderUnsigned,
        rewritten("host;x-amz-date", "x-amz-date"),
    );
    client.is_refused_with(Reason::HeaderUnsigned, rewritten("host;x-amz-date", "host"));
    client.is_refused_with(
        Reason::AuthorizationMalformed,
        rewritten("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
    );
    client.is_refused_with(
        Reason::AccessKeyUnknown,
        rewritten(KEY_ID, "AKIAUNKNOWN000000000"),
    );
}

#[test]
fn the_scope_must_be_that_of_the_request() {
    let client = Client::default();
    for wrong in [
        Client {
            region: "us-east-1",
            ..client.clone()
        },
        Client {
            service: "iam",
            ..client.clone()
        },
    ] {
        wrong.is_refused(Reason::ScopeWrong);
    }
    client.is_refused_with(Reason::ScopeWrong, set("x-amz-date", "20250116T083000Z"));
}

#[test]
fn the_key_and_its_session_must_be_usable() {
    let client = Client::default();
    let temporary = Client {
        key_id: "ASIAIOSFODNN7EXAMPLE",
        ..client.clone()
    };
    temporary.is_refused(Reason::SessionTokenMissing);
    for (wrong, reason) in [
        (
            Client {
                token: Some("other"),
                ..temporary
            },
            Reason::SessionTokenWrong,
        ),
        (
            Client {
                token: Some(TOKEN),
                ..client.clone()
            },
            Reason::SessionTokenUnexpected,
        ),
        (
            Client {
                key_id: "AKIAINACTIVE0EXAMPLE",
                ..client
            },
            Reason::AccessKeyInactive,
        ),
    ] {
        wrong.is_refused(reason);
    }
}

#[test]
fn the_time_may_be_five_minutes_off_in_either_direction() {
    for (offset, accepted) in [(300, true), (301, false), (-300, true), (-301, false)] {
        let client = Client {
            at: now().plus(Duration::seconds(offset)),
            ..Client::default()
        };
        if accepted {
            client.is_accepted();
        } else {
            let refusal = client.is_refused(Reason::RequestTimeSkewed);
            assert_eq!(refusal.hypotheses[0].id.as_str(), "clock-off");
        }
    }
}

#[test]
fn usual_mistakes_are_recognised() {
    let client = Client::default();
    for (secret, id) in [
        (OTHER_SECRET.to_owned(), "other-secret"),
        (format!("{SECRET}\n"), "secret-with-white-space"),
    ] {
        let refusal = Client {
            secret,
            ..client.clone()
        }
        .is_refused(Reason::SignatureMismatch);
        assert_eq!(refusal.hypotheses[0].id.as_str(), id);
    }
    let signed = |change: &dyn Fn(&mut Client)| {
        let mut other = client.clone();
        change(&mut other);
        let headers = other.headers();
        move |all: &mut HeaderMap| *all = headers
    };
    let at_port = Client {
        authority: "127.0.0.1:8080",
        ..client.clone()
    };
    let bare = signed(&|other| other.authority = "127.0.0.1");
    let refusal = at_port.is_refused_with(Reason::SignatureMismatch, bare);
    assert_eq!(refusal.hypotheses[0].id.as_str(), "host-different");
    let unsigned = signed(&|other| other.body = b"");
    let refusal = client.is_refused_with(Reason::SignatureMismatch, unsigned);
    assert_eq!(refusal.hypotheses[0].id.as_str(), "body-different");
}
