//! How a refusal looks on the wire: status, headers and body.

use hyper::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};

use super::{Body, full};
use crate::authn::verdict::{Reason, Refusal};
use crate::fidelity::{Challenge, ErrorType, Fidelity, YesOrNo};

/// The realm of the challenge. The service's own is not known; git shows it to nobody.
const REALM: &str = "Basic realm=\"AWS CodeCommit\"";

/// The bodies as users have reported them. Their Content-Type is not known.
const NOT_AUTHORIZED: &str = "<NotAuthorizedException>\n  <Message>SPNEGO token required</Message>\n</NotAuthorizedException>";
const ACCESS_DENIED: &str =
    "<AccessDeniedException>\n  <Message>Invalid request</Message>\n</AccessDeniedException>";
const UNRECOGNIZED_CLIENT: &str = "<UnrecognizedClientException>\n  <Message>The security token included in the request is invalid</Message>\n</UnrecognizedClientException>\n\n";
const NO_REPOSITORY: &str = "<RepositoryDoesNotExistException/>";
/// The body of a throttled API request, of the same family (terraform-provider-aws#7075: 80 bytes).
const THROTTLED: &str =
    "<ThrottlingException>\n  <Message>Rate exceeded</Message>\n</ThrottlingException>\n";

/// The answer that the Git endpoint gives.
///
/// Everything wrong with credentials is 403, never 401: on 401 git would erase the password and ask again, which the real
/// service does not let it do (a stale password stays stuck, user guide "Troubleshooting the credential helper").
pub(crate) fn respond(refusal: &Refusal, fidelity: &Fidelity) -> Response<Body> {
    let mut response = faithful(refusal, fidelity);
    // The challenge is no failure: git goes on to ask for a password.
    if fidelity.explain == YesOrNo::Yes && refusal.reason != Reason::CredentialsMissing {
        let plain = plain(response.status(), refusal);
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().extend(plain.headers().clone());
        *response.body_mut() = plain.into_body();
    }
    response
}

fn faithful(refusal: &Refusal, fidelity: &Fidelity) -> Response<Body> {
    let xml = |status, body| xml(status, body, fidelity.error_type);
    let forbidden = |status: u16| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let response = xml(status, ACCESS_DENIED);
        match status {
            StatusCode::UNAUTHORIZED => challenged(response, fidelity.challenge),
            _ => response,
        }
    };
    match refusal.reason {
        Reason::CredentialsMissing => {
            let response = xml(StatusCode::UNAUTHORIZED, NOT_AUTHORIZED);
            challenged(response, fidelity.challenge)
        }
        Reason::PasswordEmpty => forbidden(fidelity.empty_password_status.0),
        Reason::PasswordExpired => forbidden(fidelity.expired_password_status.0),
        Reason::SignatureMismatch => forbidden(fidelity.signature_mismatch_status.0),
        Reason::AccessDenied => match fidelity.missing_permission_status.0 {
            404 => xml(StatusCode::NOT_FOUND, NO_REPOSITORY),
            status => forbidden(status),
        },
        Reason::AccessKeyUnknown
        | Reason::SessionTokenMissing
        | Reason::SessionTokenWrong
        | Reason::SessionTokenUnexpected => xml(StatusCode::FORBIDDEN, UNRECOGNIZED_CLIENT),
        Reason::AuthorizationMalformed
        | Reason::GitCredentialUnknown
        | Reason::GitCredentialInactive
        | Reason::GitCredentialMismatch
        | Reason::PasswordMalformed
        | Reason::AccessKeyInactive
        | Reason::SessionExpired
        | Reason::KmsDenied
        | Reason::PasswordFromTheFuture => xml(StatusCode::FORBIDDEN, ACCESS_DENIED),
        Reason::RepositoryNotFound => xml(StatusCode::NOT_FOUND, NO_REPOSITORY),
        Reason::Throttled => xml(StatusCode::TOO_MANY_REQUESTS, THROTTLED),
        // What follows has no counterpart at AWS: the laboratory says in plain words what is wrong.
        Reason::PathUnknown => plain(StatusCode::NOT_FOUND, refusal),
        Reason::HostUnknown | Reason::PlainHttp => plain(StatusCode::FORBIDDEN, refusal),
        Reason::RequestMalformed => plain(StatusCode::BAD_REQUEST, refusal),
        Reason::HeadTooLarge => plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, refusal),
        Reason::BodyTooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, refusal),
        Reason::ClientTooSlow => plain(StatusCode::REQUEST_TIMEOUT, refusal),
        // Faults give answers of their own, and without TLS there is nobody to answer.
        Reason::FaultInjected | Reason::TlsFailed | Reason::GitFailed => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, refusal)
        }
        // These are said by the AWS APIs and the metadata service, in their own words.
        Reason::HeaderUnsigned
        | Reason::ScopeWrong
        | Reason::RequestTimeSkewed
        | Reason::OperationUnknown
        | Reason::ParameterInvalid
        | Reason::RoleUnknown
        | Reason::RoleNotTrusting
        | Reason::ExternalIdWrong
        | Reason::MfaMissing
        | Reason::MfaWrong
        | Reason::IdentityTokenUnknown
        | Reason::IdentityTokenExpired
        | Reason::SsoTokenUnknown
        | Reason::SsoTokenExpired
        | Reason::ProofWrong
        | Reason::SsoRoleUnassigned
        | Reason::MetadataAbsent
        | Reason::MetadataTokenMissing
        | Reason::MetadataTokenWrong => plain(StatusCode::BAD_REQUEST, refusal),
    }
}

fn challenged(mut response: Response<Body>, challenge: Challenge) -> Response<Body> {
    let headers = response.headers_mut();
    if challenge == Challenge::NegotiateAndBasic {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Negotiate"));
    }
    headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(REALM));
    response
}

fn xml(status: StatusCode, body: &'static str, error_type: ErrorType) -> Response<Body> {
    let mut response = answer(status, "application/xml", body.as_bytes().to_vec());
    if error_type == ErrorType::Absent {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response
}

fn plain(status: StatusCode, refusal: &Refusal) -> Response<Body> {
    let text = explain(refusal).into_bytes();
    // Git shows bodies of this type, and of no other, as `remote:` lines.
    answer(status, "text/plain; charset=utf-8", text)
}

/// A refusal in words for a terminal: the reason, what happened, what was expected, what to do.
pub(crate) fn explain(refusal: &Refusal) -> String {
    let mut text = format!(
        "codecommit-lab: {}: {}\n",
        refusal.reason,
        refusal.reason.summary()
    );
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!("  {label}: {value}\n"));
    };
    line("why", &refusal.detail);
    for hypothesis in &refusal.hypotheses {
        if hypothesis.explanation != refusal.detail {
            line("maybe", &hypothesis.explanation);
        }
    }
    if let Some(request) = &refusal.canonical_request {
        line("expected canonical request", &format!("{request:?}"));
    }
    if let Some(string) = &refusal.string_to_sign {
        line("expected string to sign", &format!("{string:?}"));
    }
    if let Some(help) = &refusal.help {
        line("help", help);
    }
    text
}

fn answer(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
