use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;

/// An OpenID Connect identity provider that an account knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its issuer, `https://token.actions.githubusercontent.com`.
    pub url: String,
    /// The tokens that it has issued. They are compared, not decoded: any text will do.
    pub tokens: Vec<IdentityToken>,
}

/// A token of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityToken {
    /// The token itself.
    pub token: Secret,
    /// Whom it stands for.
    pub subject: String,
    /// Whom it is meant for.
    pub audience: String,
    /// When it expires; never, if a world file does not say.
    pub expires: Option<Timestamp>,
}

impl IdentityProvider {
    /// The issuer as it stands in ARNs: without `https://`.
    pub fn name(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }
}
