//! What became of a request: accepted for a principal, or refused for a reason.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Hypothesis;
use crate::printable::printable;
use crate::stable_ids::stable_ids;

/// The outcome of an exchange's checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request was served.
    Accepted(Principal),
    /// It was not.
    Refused(Box<Refusal>),
}

impl Verdict {
    /// `accepted`, or the id of the reason.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Refused(refusal) => refusal.reason.as_str(),
        }
    }
}

/// An object with `id`, and what belongs to that outcome beside it.
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            id: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            principal: Option<&'a Principal>,
            #[serde(flatten)]
            refusal: Option<&'a Refusal>,
        }
        let (principal, refusal) = match self {
            Self::Accepted(principal) => (Some(principal), None),
            Self::Refused(refusal) => (None, Some(&**refusal)),
        };
        Shape {
            id: self.id(),
            principal,
            refusal,
        }
        .serialize(serializer)
    }
}

/// Who a request was accepted as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Principal {
    /// `arn:aws:iam::111122223333:user/alice`.
    pub arn: String,
    /// The account, taken from the credentials, never from the URL.
    pub account: String,
    /// What identified it: an access key id, or the user name of an HTTPS Git credential.
    pub credential: String,
}

/// Why a request was refused, and what the server saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The stable reason.
    #[serde(skip)]
    pub reason: Reason,
    /// What happened, in a sentence.
    pub detail: String,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The canonical request as the server computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
    /// The string to sign as the server computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
    /// What would have matched instead, likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<Hypothesis>,
}

impl Refusal {
    /// A refusal of which nothing more is known than a sentence.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: printable(detail.into()),
            help: None,
            canonical_request: None,
            string_to_sign: None,
            hypotheses: Vec::new(),
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(printable(help.into()));
        self
    }
}

impl From<Refusal> for Verdict {
    fn from(mut refusal: Refusal) -> Self {
        for hypothesis in &mut refusal.hypotheses {
            let explanation = std::mem::take(&mut hypothesis.explanation);
            hypothesis.explanation = printable(explanation);
            hypothesis.help = printable(std::mem::take(&mut hypothesis.help));
        }
        refusal.canonical_request = refusal.canonical_request.map(printable);
        refusal.string_to_sign = refusal.string_to_sign.map(printable);
        Self::Refused(Box::new(refusal))
    }
}

stable_ids! {
    /// Why a request is refused. The ids are public: scenarios, the journal, reports and documents use them as they are.
    Reason;
    /// `CONNECT` to a host that this laboratory does not play.
    HostUnknown = "host-unknown", "the laboratory does not serve this host";
    /// A Git request without TLS.
    PlainHttp = "plain-http", "CodeCommit serves Git over HTTPS only";
    /// The request itself cannot be read.
    RequestMalformed = "request-malformed", "the request cannot be understood";
    /// The request's line and headers are larger than the laboratory's limit.
    HeadTooLarge = "head-too-large", "the request's line and headers are too large";
    /// A body that is not a pack is larger than the laboratory's limit, or a packed one than anything that it could be.
    BodyTooLarge = "body-too-large", "the request's body is too large";
    /// The client was silent for longer than the laboratory waits.
    ClientTooSlow = "client-too-slow", "the client took too long";
    /// TLS ended before there was a request: it is the client that says no here, mostly to the certificate.
    TlsFailed = "tls-failed", "TLS ended before there was a request";
    /// Not a path of the Git endpoint.
    PathUnknown = "path-unknown", "no such path on the Git endpoint";
    /// No `Authorization` header: the challenge that every operation starts with.
    CredentialsMissing = "credentials-missing", "no credentials were sent";
    /// An `Authorization` header that is not Basic with a user name and password.
    AuthorizationMalformed = "authorization-malformed", "the authorization header is not basic authentication";
    /// A user name with an empty password, as libcurl sends for `https://user@host/`.
    PasswordEmpty = "password-empty", "the password is empty";
    /// The user name has the form of a Git credential that does not exist.
    GitCredentialUnknown = "git-credential-unknown", "no such HTTPS Git credential";
    /// The Git credential is inactive.
    GitCredentialInactive = "git-credential-inactive", "the HTTPS Git credential is inactive";
    /// Another password than the Git credential's.
    GitCredentialMismatch = "git-credential-mismatch", "the password is not that of the HTTPS Git credential";
    /// The password is not a time stamp and a signature.
    PasswordMalformed = "password-malformed", "the password is not a SigV4 Git password";
    /// No account has this access key.
    AccessKeyUnknown = "access-key-unknown", "no such access key";
    /// The access key is inactive.
    AccessKeyInactive = "access-key-inactive", "the access key is inactive";
    /// A temporary key without its session token.
    SessionTokenMissing = "session-token-missing", "the session token is missing";
    /// A temporary key with another token.
    SessionTokenWrong = "session-token-wrong", "the session token is not the one issued with this key";
    /// A long-term key with a session token.
    SessionTokenUnexpected = "session-token-unexpected", "a long-term key takes no session token";
    /// The session has ended.
    SessionExpired = "session-expired", "the temporary credentials have expired";
    /// The signature is not the one that this key makes of this request.
    SignatureMismatch = "signature-mismatch", "the signature does not match";
    /// A right signature, made too long ago.
    PasswordExpired = "password-expired", "the password has expired";
    /// A right signature, made too far in the future.
    PasswordFromTheFuture = "password-from-the-future", "the password was signed in the future";
    /// The account of these credentials has no such repository in this Region.
    RepositoryNotFound = "repository-not-found", "no such repository";
    /// No policy allows it, or one denies it.
    AccessDenied = "access-denied", "no permission";
    /// A policy denies the use of the key `aws/codecommit`, which encrypts every repository.
    KmsDenied = "kms-denied", "no permission for the encryption key";
    /// The account makes too many requests in this Region.
    Throttled = "throttled", "too many requests";
    /// The laboratory was told to break this: see [`fault`](crate::fault).
    FaultInjected = "fault-injected", "a fault was injected: this is not CodeCommit's doing";
    /// The local git failed.
    GitFailed = "git-failed", "the local git failed";
    /// A header that must be signed is not: the host, the date, and every `x-amz-*` header.
    HeaderUnsigned = "header-unsigned", "a header that must be signed is not";
    /// The credential scope names another date, Region or service than the request has.
    ScopeWrong = "scope-wrong", "the credential scope is not that of the request";
    /// A right signature, made too far from the server's time.
    RequestTimeSkewed = "request-time-skewed", "the request was signed too far from the server's time";
    /// No operation that this laboratory plays.
    OperationUnknown = "operation-unknown", "no such operation";
    /// A parameter of an operation is missing, or not what it must be.
    ParameterInvalid = "parameter-invalid", "a parameter is missing or wrong";
    /// The role to assume does not exist.
    RoleUnknown = "role-unknown", "no such role";
    /// The role's trust policy does not name the caller.
    RoleNotTrusting = "role-not-trusting", "the role does not trust the caller";
    /// The trust policy asks for an external id that was not given.
    ExternalIdWrong = "external-id-wrong", "the external id is missing or wrong";
    /// The trust policy asks for multi-factor authentication.
    MfaMissing = "mfa-missing", "multi-factor authentication is missing";
    /// The device or the code is not the user's.
    MfaWrong = "mfa-wrong", "the multi-factor authentication failed";
    /// The token of an identity provider is not one that it issued.
    IdentityTokenUnknown = "identity-token-unknown", "no identity provider issued this token";
    /// The token of an identity provider has expired.
    IdentityTokenExpired = "identity-token-expired", "the identity provider's token has expired";
    /// No sign-in has this access, refresh or client token.
    SsoTokenUnknown = "sso-token-unknown", "the sign-in session is not known";
    /// The access token has expired.
    SsoTokenExpired = "sso-token-expired", "the sign-in session has expired";
    /// The proof that a request comes from whoever logged in (DPoP) is missing or wrong.
    ProofWrong = "proof-wrong", "the proof of possession is missing or wrong";
    /// The account and role are not assigned to who signed in.
    SsoRoleUnassigned = "sso-role-unassigned", "the role is not assigned to this user";
    /// The world has no instance or container, or the metadata has no such path.
    MetadataAbsent = "metadata-absent", "there is no such metadata";
    /// A metadata request without a token.
    MetadataTokenMissing = "metadata-token-missing", "the metadata token is missing";
    /// A metadata token that was not issued, or that has expired.
    MetadataTokenWrong = "metadata-token-wrong", "the metadata token is not valid";
}

/// The text is not the id of a reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason `{0}`")]
pub struct UnknownReason(String);

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kebab_case_and_read_back() {
        for reason in Reason::ALL {
            let id = reason.as_str();
            assert!(
                id.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{id}"
            );
            assert_eq!(id.parse(), Ok(*reason));
        }
    }
}
