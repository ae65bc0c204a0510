use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;

use super::AccountId;

/// An IAM Identity Center instance (once AWS SSO) with one user, who has signed in or can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sso {
    /// What profiles name, `https://d-example.awsapps.com/start`.
    pub start_url: String,
    /// The Region of its portal: `portal.sso.REGION.amazonaws.com`.
    pub region: String,
    /// Who signs in. Sessions of the roles that are assigned bear this name.
    pub user: String,
    /// The sign-in sessions that are there from the start. What is refreshed later stands in the world.
    pub tokens: Vec<SsoToken>,
    /// Which roles of which accounts the user may have credentials for.
    pub assignments: Vec<SsoAssignment>,
}

/// A sign-in session, as clients keep it in `~/.aws/sso/cache`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoToken {
    /// What the portal wants to see.
    pub access_token: Secret,
    /// What gets a new access token.
    pub refresh_token: Option<Secret>,
    /// The client that the refresh token was issued to; any client if not said.
    pub client: Option<SsoClient>,
    /// When the portal stops honouring the access token; never, if a world file does not say.
    pub expires: Option<Timestamp>,
}

/// A client that is registered for sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoClient {
    /// `clientId` in the cache file.
    pub id: String,
    /// `clientSecret` in the cache file.
    pub secret: Secret,
}

/// A role of an account that the user may have credentials for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoAssignment {
    /// The account.
    pub account: AccountId,
    /// What clients call the role: the name of a permission set, `sso_role_name` in a profile.
    pub role: String,
    /// The IAM role behind it. Identity Center names it `AWSReservedSSO_` and the permission set's name, with digits behind.
    pub iam_role: String,
}
