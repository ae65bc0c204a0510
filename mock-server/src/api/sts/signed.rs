//! The signature of a call, and how STS answers one that is not right.

use hyper::StatusCode;
use time::Duration;

use super::{Call, Fault};
use crate::authn::Authenticated;
use crate::authn::sigv4_header::{self, Target};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::world::{Identity, Key, KeyHolder};

/// How far a client's clock may be away. Elsewhere in AWS it is five minutes; users of STS have reported fifteen, in messages
/// that end in `(20220127T015928Z - 15 min.)` (aws/aws-cli#6676).
const TOLERANCE: Duration = Duration::minutes(15);

/// Who signed a call.
pub(super) struct Caller<'a>(KeyHolder<'a>);

impl<'a> Caller<'a> {
    /// Checks the call's signature.
    pub(super) fn of(call: &Call<'a>) -> Result<Self, Fault> {
        let target = Target {
            service: "sts",
            region: call.region,
            now: call.context.now,
            tolerance: TOLERANCE,
        };
        sigv4_header::verify(call.context.world, &call.request.signed(), &target)
            .map(Self)
            .map_err(|refusal| fault(refusal, &target))
    }

    pub(super) fn holder(&self) -> &KeyHolder<'a> {
        &self.0
    }

    pub(super) fn arn(&self) -> String {
        self.0.account.arn(&self.0.identity)
    }

    pub(super) fn is_temporary(&self) -> bool {
        matches!(self.0.key, Key::Temporary(_))
    }

    /// Whether the session was opened with multi-factor authentication.
    pub(super) fn has_mfa(&self) -> bool {
        matches!(&self.0.key, Key::Temporary(session) if session.mfa_authenticated)
    }

    /// Whether the caller has assumed a role already.
    pub(super) fn is_role(&self) -> bool {
        matches!(self.0.identity, Identity::RoleSession { .. })
    }

    pub(super) fn principal(&self) -> Principal {
        Authenticated::from(self.0.clone()).principal()
    }
}

/// `AccessDenied` for an operation on a resource.
pub(super) fn access_denied(
    refusal: Refusal,
    caller: &Caller<'_>,
    action: &str,
    resource: &str,
) -> Fault {
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource}",
        caller.arn()
    );
    Fault::new(refusal, StatusCode::FORBIDDEN, "AccessDenied", message)
}

fn fault(refusal: Refusal, target: &Target<'_>) -> Fault {
    let (status, code, message) = match refusal.reason {
        Reason::CredentialsMissing => (
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token".to_owned(),
        ),
        Reason::AuthorizationMalformed => (
            StatusCode::BAD_REQUEST,
            "IncompleteSignature",
            refusal.detail.clone(),
        ),
        Reason::AccessKeyUnknown
        | Reason::AccessKeyInactive
        | Reason::SessionTokenMissing
        | Reason::SessionTokenWrong
        | Reason::SessionTokenUnexpected => (
            StatusCode::FORBIDDEN,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.".to_owned(),
        ),
        Reason::SessionExpired => (
            StatusCode::FORBIDDEN,
            "ExpiredToken",
            "The security token included in the request is expired".to_owned(),
        ),
        Reason::ScopeWrong => (
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            format!(
                "Credential should be scoped to a valid region and to correct service: '{}'.",
                target.service
            ),
        ),
        Reason::RequestTimeSkewed => (
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            skewed(&refusal, target),
        ),
        _ => (
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            mismatch(&refusal),
        ),
    };
    Fault::new(refusal, status, code, message)
}

/// `Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)`.
fn skewed(refusal: &Refusal, target: &Target<'_>) -> String {
    let signed = refusal
        .string_to_sign
        .as_deref()
        .and_then(|text| text.lines().nth(1))
        .unwrap_or_default();
    let (now, tolerance) = (target.now, target.tolerance);
    let minutes = tolerance.whole_minutes();
    let earliest = now.plus(-tolerance).compact();
    let now_compact = now.compact();
    if signed < &*format!("{earliest}Z") {
        format!(
            "Signature expired: {signed} is now earlier than {earliest}Z ({now_compact}Z - {minutes} min.)"
        )
    } else {
        let latest = now.plus(tolerance).compact();
        format!(
            "Signature not yet current: {signed} is still later than {latest}Z ({now_compact}Z + {minutes} min.)"
        )
    }
}

fn mismatch(refusal: &Refusal) -> String {
    let mut message =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
         and signing method. Consult the service documentation for details."
            .to_owned();
    if let (Some(canonical), Some(string)) = (&refusal.canonical_request, &refusal.string_to_sign) {
        message.push_str(&format!(
            "\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have \
             been\n'{string}'\n"
        ));
    }
    message
}
