use hyper::StatusCode;

use crate::authn::verdict::{Reason, Refusal};

/// A refusal in the words of AWS.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// For the journal.
    pub(super) refusal: Box<Refusal>,
    pub(super) status: StatusCode,
    /// `AccessDenied`.
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Fault {
    /// A refusal that AWS gives another message than our own.
    pub(super) fn new(
        refusal: Refusal,
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            refusal: Box::new(refusal),
            status,
            code,
            message: message.into(),
        }
    }

    /// `ValidationError`: a parameter is not what it must be.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        let message = message.into();
        let refusal = Refusal::new(Reason::ParameterInvalid, message.clone());
        Self::new(refusal, StatusCode::BAD_REQUEST, "ValidationError", message)
    }

    /// `MalformedPolicyDocument`: the policy that came with a request cannot be read.
    pub(super) fn malformed_policy(message: impl Into<String>) -> Self {
        let message = message.into();
        let refusal = Refusal::new(Reason::ParameterInvalid, message.clone());
        Self::new(
            refusal,
            StatusCode::BAD_REQUEST,
            "MalformedPolicyDocument",
            message,
        )
    }
}

/// What nothing of AWS says: the laboratory's own words.
impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.detail.clone();
        let status = match refusal.reason {
            Reason::ClientTooSlow => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(refusal, status, "InvalidRequest", message)
    }
}
