use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use serde::Deserialize;

use super::policy::PolicyDocument;

/// A long-term access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The access key id, `AKIA...`.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// Whether IAM lets it sign.
    pub status: KeyStatus,
}

/// Whether an access key may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyStatus {
    /// It may.
    #[default]
    Active,
    /// It is kept, but refused.
    Inactive,
    /// It was there once: the endpoint answers as if it never was, the journal says more.
    Deleted,
}

/// Temporary security credentials, and who they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The access key id, `ASIA...`.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// The session token that has to come with it.
    pub token: Secret,
    /// When STS stops honouring it; never, if a world file does not say.
    pub expires: Option<Timestamp>,
    /// Whose session it is, in the account it stands in.
    pub holder: SessionHolder,
    /// Whether its requests count as made with multi-factor authentication. Only `GetSessionToken` makes such sessions:
    /// those of `AssumeRole` carry no MFA information (IAM user guide, "Secure API access with MFA").
    pub mfa_authenticated: bool,
    /// The policy it was issued with: it can do no more than this allows.
    pub policy: Option<PolicyDocument>,
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionHolder {
    /// A user's, by name.
    User(String),
    /// A role's.
    Role {
        /// The role, by name.
        role: String,
        /// What the session is called.
        session_name: String,
    },
}

/// A device for multi-factor authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaDevice {
    /// `arn:aws:iam::111122223333:mfa/alice`, or the number of a hardware device.
    pub serial: String,
    /// The six digits that it shows. A real device shows others every 30 seconds; a world stands still.
    pub token_code: Secret,
}

/// HTTPS Git credentials: a static user name and password that IAM makes for a user. Bound to no repository or Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitCredential {
    /// The generated user name, `alice-at-111122223333`.
    pub user_name: String,
    /// The generated password.
    pub password: Secret,
    /// The password before it was reset, which is refused with a word about that.
    pub former_password: Option<Secret>,
    /// Whether IAM lets it be used.
    pub status: GitCredentialStatus,
}

/// Whether an HTTPS Git credential may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum GitCredentialStatus {
    /// It may.
    #[default]
    Active,
    /// It is kept, but refused.
    Inactive,
}
