//! Who comes from elsewhere: identity providers of accounts, `aws login`, and IAM Identity Center.

use serde::Deserialize;
use toml::Spanned;

use super::checks::{checked, checked_if_there, https_url, iam_name, instant, region, secret};
use super::role;
use crate::document::{DocumentError, Source};
use crate::world::{
    IdentityProvider, IdentityToken, Login, Sso, SsoAssignment, SsoClient, SsoToken, World,
};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityProviderEntry {
    url: Spanned<String>,
    #[serde(default)]
    token: Vec<IdentityTokenEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityTokenEntry {
    token: Spanned<String>,
    subject: String,
    #[serde(default = "sts_audience")]
    audience: String,
    expires: Option<Spanned<String>>,
}

/// The audience that AWS's guides tell people to configure.
fn sts_audience() -> String {
    "sts.amazonaws.com".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginEntry {
    refresh_token: Spanned<String>,
    expires: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SsoEntry {
    start_url: Spanned<String>,
    region: Spanned<String>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    token: Vec<SsoTokenEntry>,
    #[serde(default)]
    assignment: Vec<AssignmentEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SsoTokenEntry {
    access_token: Spanned<String>,
    refresh_token: Option<Spanned<String>>,
    client_id: Option<Spanned<String>>,
    client_secret: Option<Spanned<String>>,
    expires: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignmentEntry {
    account: Spanned<String>,
    role: Spanned<String>,
}

impl IdentityProviderEntry {
    pub(super) fn resolve(&self, source: &Source) -> Result<IdentityProvider, DocumentError> {
        let tokens = self.token.iter().map(|entry| {
            Ok(IdentityToken {
                token: checked(source, &entry.token, secret)?,
                subject: entry.subject.clone(),
                audience: entry.audience.clone(),
                expires: checked_if_there(source, entry.expires.as_ref(), instant)?,
            })
        });
        Ok(IdentityProvider {
            url: checked(source, &self.url, https_url)?,
            tokens: tokens.collect::<Result<_, DocumentError>>()?,
        })
    }
}

impl LoginEntry {
    pub(super) fn resolve(&self, source: &Source) -> Result<Login, DocumentError> {
        Ok(Login {
            refresh_token: checked(source, &self.refresh_token, secret)?,
            expires: checked_if_there(source, self.expires.as_ref(), instant)?,
        })
    }
}

impl SsoEntry {
    /// The accounts and roles that it assigns must be in `world` already.
    pub(super) fn resolve(&self, source: &Source, world: &World) -> Result<Sso, DocumentError> {
        let tokens = self.token.iter().map(|entry| entry.resolve(source));
        let assignments = self
            .assignment
            .iter()
            .map(|entry| entry.resolve(source, world));
        Ok(Sso {
            start_url: checked(source, &self.start_url, https_url)?,
            region: checked(source, &self.region, region)?,
            user: checked_if_there(source, self.user.as_ref(), iam_name)?
                .unwrap_or_else(|| "alice".to_owned()),
            tokens: tokens.collect::<Result<_, _>>()?,
            assignments: assignments.collect::<Result<_, _>>()?,
        })
    }
}

impl SsoTokenEntry {
    fn resolve(&self, source: &Source) -> Result<SsoToken, DocumentError> {
        let client = match (&self.client_id, &self.client_secret) {
            (Some(id), Some(client_secret)) => Some(SsoClient {
                id: checked(source, id, secret)?.expose().to_owned(),
                secret: checked(source, client_secret, secret)?,
            }),
            (None, None) => None,
            (Some(alone), None) | (None, Some(alone)) => {
                return Err(source.error_at(
                    alone.span(),
                    "client_id and client_secret come together",
                    None,
                ));
            }
        };
        Ok(SsoToken {
            access_token: checked(source, &self.access_token, secret)?,
            refresh_token: checked_if_there(source, self.refresh_token.as_ref(), secret)?,
            client,
            expires: checked_if_there(source, self.expires.as_ref(), instant)?,
        })
    }
}

impl AssignmentEntry {
    fn resolve(&self, source: &Source, world: &World) -> Result<SsoAssignment, DocumentError> {
        let (account, iam_role) =
            role(source, world, &self.account, &self.role, |name, wanted| {
                let reserved = name.strip_prefix("AWSReservedSSO_");
                name == wanted
                    || reserved
                        .and_then(|rest| rest.rsplit_once('_'))
                        .is_some_and(|(permission_set, _)| permission_set == wanted)
            })?;
        Ok(SsoAssignment {
            account,
            role: self.role.get_ref().clone(),
            iam_role,
        })
    }
}
