//! The `Authorization: AWS4-HMAC-SHA256` header of an API request, checked step by step.

mod authorization;
mod canonical;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use codecommit_helper::endpoint::without_port;
use codecommit_helper::timestamp::Timestamp;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HeaderName};
use subtle::ConstantTimeEq as _;
use time::Duration;

use self::authorization::{Authorization, Scope, amz_date};
use self::canonical::{CanonicalRequest, canonical_value, sha256_hex};
use super::duration::span;
use super::verdict::{Reason, Refusal};
use super::{Hypothesis, Mistake, hypothesis, key};
use crate::world::{KeyHolder, World};

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// A request as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The `Host` header, or `:authority`.
    pub authority: &'a str,
    /// The path, percent-encoded as it came.
    pub path: &'a str,
    /// The query without `?`, percent-encoded as it came.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// What the request should have been signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The service in the credential scope.
    pub service: &'a str,
    /// The Region of the host; any, if the host does not tell.
    pub region: Option<&'a str>,
    /// When the request came, by the server's clock.
    pub now: Timestamp,
    /// How far the client's clock may be away, in either direction.
    pub tolerance: Duration,
}

/// Checks the header, in this order: is it whole, is everything signed that must be, is the scope that of this request, whose key
/// is it, is the key usable, does the session token belong to it, is the signature right, and is it from this time?
///
/// # Errors
/// The first check that fails, with what explains it.
pub fn verify<'a>(
    world: &'a World,
    request: &SignedRequest<'_>,
    target: &Target<'_>,
) -> Result<KeyHolder<'a>, Refusal> {
    let header = single(request.headers, &AUTHORIZATION)?.ok_or_else(|| {
        Refusal::new(
            Reason::CredentialsMissing,
            "the request had no Authorization header",
        )
    })?;
    let authorization = Authorization::parse(header).map_err(malformed)?;
    let date = single(request.headers, &DATE)?
        .ok_or_else(|| malformed("the request has no X-Amz-Date header"))?;
    let signed_at = amz_date(date).map_err(malformed)?;
    check_signed_headers(request.headers, &authorization)?;
    check_scope(&authorization.scope, signed_at, target)?;
    let holder = key::find(world, authorization.key_id)?;
    let token = single(request.headers, &SECURITY_TOKEN)?;
    key::check_session(&holder, token, target.now)?;
    let attempt = Attempt {
        canonical: canonical(request, &authorization),
        authorization,
        date,
        signed_at,
    };
    if !attempt.is_signed_by(holder.key.secret(), &attempt.canonical) {
        return Err(attempt.explain(world, request, &holder));
    }
    attempt.check_time(target)?;
    Ok(holder)
}

/// A header that may be there once at most.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| {
            malformed("a header that is part of the signature has bytes that are not ASCII")
        }),
        (Some(_), Some(_)) => Err(malformed(
            "a header that may be there once is there several times",
        )),
    }
}

fn malformed(problem: &str) -> Refusal {
    Refusal::new(Reason::AuthorizationMalformed, problem)
}

/// The host and every `x-amz-*` header that came must be signed (IAM user guide, "Create a signed AWS API request").
fn check_signed_headers(
    headers: &HeaderMap,
    authorization: &Authorization<'_>,
) -> Result<(), Refusal> {
    let required = headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
        .chain(["host"]);
    for name in required {
        if !authorization.signed_headers.contains(&name) {
            return Err(Refusal::new(
                Reason::HeaderUnsigned,
                format!("`{name}` is not among the SignedHeaders"),
            ));
        }
    }
    let mut signed = authorization.signed_headers.iter();
    match signed.find(|name| **name != "host" && !headers.contains_key(**name)) {
        Some(absent) => Err(malformed(&format!(
            "`{absent}` is among the SignedHeaders, but the request has no such header"
        ))),
        None => Ok(()),
    }
}

fn check_scope(
    scope: &Scope<'_>,
    signed_at: Timestamp,
    target: &Target<'_>,
) -> Result<(), Refusal> {
    let wrong = |what: &str, is: &str, expected: &str| {
        Refusal::new(
            Reason::ScopeWrong,
            format!("the credential scope has the {what} `{is}`; it is `{expected}`"),
        )
    };
    let date = signed_at.date();
    if scope.date != date {
        return Err(wrong("date", scope.date, &date));
    }
    if scope.service != target.service {
        return Err(wrong("service", scope.service, target.service)
            .with_help("check which endpoint the client was told to use for this service"));
    }
    match target.region {
        Some(region) if scope.region != region => Err(wrong("Region", scope.region, region)
            .with_help("let the client take the Region from the same place as the host name")),
        _ => Ok(()),
    }
}

fn canonical(request: &SignedRequest<'_>, authorization: &Authorization<'_>) -> CanonicalRequest {
    let value = |name: &str| {
        if name == "host" {
            return request.authority.to_owned();
        }
        let values = request.headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| canonical_value(&String::from_utf8_lossy(value.as_bytes())))
            .collect();
        values.join(",")
    };
    CanonicalRequest {
        method: request.method.to_owned(),
        path: request.path.to_owned(),
        query: request.query.to_owned(),
        headers: authorization
            .signed_headers
            .iter()
            .map(|name| ((*name).to_owned(), value(name)))
            .collect(),
        payload_hash: sha256_hex(request.body),
    }
}

/// A signature and what it should be of.
struct Attempt<'a> {
    canonical: CanonicalRequest,
    authorization: Authorization<'a>,
    date: &'a str,
    signed_at: Timestamp,
}

impl Attempt<'_> {
    fn string_to_sign(&self, canonical: &CanonicalRequest) -> String {
        let Scope {
            date,
            region,
            service,
        } = self.authorization.scope;
        canonical.string_to_sign(
            self.date,
            &format!("{date}/{region}/{service}/aws4_request"),
        )
    }

    fn is_signed_by(&self, secret: &str, canonical: &CanonicalRequest) -> bool {
        let Scope {
            region, service, ..
        } = self.authorization.scope;
        let key = generate_signing_key(secret, self.signed_at.to_system_time(), region, service);
        calculate_signature(key, self.string_to_sign(canonical).as_bytes())
            .as_bytes()
            .ct_eq(self.authorization.signature.as_bytes())
            .into()
    }

    fn check_time(&self, target: &Target<'_>) -> Result<(), Refusal> {
        let age = target.now.since(self.signed_at);
        if age.abs() <= target.tolerance {
            return Ok(());
        }
        let direction = if age.is_negative() {
            "ahead of"
        } else {
            "behind"
        };
        let mut refusal = Refusal::new(
            Reason::RequestTimeSkewed,
            format!(
                "the request was signed at {}, {} {direction} the server; {} are allowed",
                self.signed_at,
                span(age),
                span(target.tolerance)
            ),
        )
        .with_help("set the client's clock");
        self.show(&mut refusal);
        refusal.hypotheses = vec![hypothesis::clock_off(age)];
        Err(refusal)
    }

    fn explain(
        &self,
        world: &World,
        request: &SignedRequest<'_>,
        holder: &KeyHolder<'_>,
    ) -> Refusal {
        let mut hypotheses = self.other_requests(request, holder.key.secret());
        hypotheses.extend(hypothesis::secrets(world, holder, |secret| {
            self.is_signed_by(secret, &self.canonical)
        }));
        let id = holder.key.id();
        let (detail, help) = match hypotheses.first() {
            Some(first) => (first.explanation.clone(), first.help.clone()),
            None => (
                format!(
                    "{id} did not make this signature, and none of the usual mistakes explains it"
                ),
                format!("check the secret access key of {id}"),
            ),
        };
        let mut refusal = Refusal::new(Reason::SignatureMismatch, detail).with_help(help);
        self.show(&mut refusal);
        refusal.hypotheses = hypotheses;
        refusal
    }

    /// The same key, but another request was signed than the one that came.
    fn other_requests(&self, request: &SignedRequest<'_>, secret: &str) -> Vec<Hypothesis> {
        let mut found = Vec::new();
        let bare = without_port(request.authority);
        let mut canonical = self.canonical.clone();
        for (name, value) in &mut canonical.headers {
            if name == "host" {
                bare.clone_into(value);
            }
        }
        if bare != request.authority && self.is_signed_by(secret, &canonical) {
            found.push(Hypothesis {
                id: Mistake::HostDifferent,
                explanation: format!("signed for the host {bare}, without the port"),
                help: "sign the host exactly as it stands in the URL".to_owned(),
            });
        }
        for payload_hash in [sha256_hex(b""), "UNSIGNED-PAYLOAD".to_owned()] {
            let canonical = CanonicalRequest {
                payload_hash,
                ..self.canonical.clone()
            };
            if !request.body.is_empty() && self.is_signed_by(secret, &canonical) {
                found.push(Hypothesis {
                    id: Mistake::BodyDifferent,
                    explanation: "signed without the body".to_owned(),
                    help: "sign the SHA-256 of the body as it is sent".to_owned(),
                });
            }
        }
        found
    }

    fn show(&self, refusal: &mut Refusal) {
        refusal.canonical_request = Some(self.canonical.presentable());
        refusal.string_to_sign = Some(self.string_to_sign(&self.canonical));
    }
}
