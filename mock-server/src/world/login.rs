use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;

/// A session that `aws login` has opened for a user, as clients keep it in `~/.aws/login/cache`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// What gets new credentials, once; a new one comes with them.
    pub refresh_token: Secret,
    /// When the session ends, whatever is refreshed; never, if a world file does not say.
    pub expires: Option<Timestamp>,
}
