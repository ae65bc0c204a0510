//! Who comes from elsewhere: identity providers of accounts, `aws login`, and IAM Identity Center.

use serde::Deserialize;

use super::checks::{checked, checked_if_there, https_url, iam_name, instant, region, secret};
use super::role;
use crate::document::{DocumentError, Source, Spanned};
use crate::world::{
    IdentityProvider, IdentityToken, Login, Sso, SsoAssignment, SsoClient, SsoToken, World,
};

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityProviderEntry {
    /// Where it is: https://...
    url: Spanned<String>,
    /// The tokens that it has issued.
    #[serde(default)]
    token: Vec<IdentityTokenEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct IdentityTokenEntry {
    /// The token.
    token: Spanned<String>,
    /// Whom it is about.
    subject: String,
    /// For whom it is.
    #[serde(default = "sts_audience")]
    audience: String,
    /// When it ends. Never, if absent.
    expires: Option<Spanned<String>>,
}

/// The audience that AWS's guides tell people to configure.
fn sts_audience() -> String {
    "sts.amazonaws.com".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct LoginEntry {
    /// What new credentials are got with.
    refresh_token: Spanned<String>,
    /// When it ends. Never, if absent.
    expires: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct SsoEntry {
    /// Its start URL: https://...
    start_url: Spanned<String>,
    /// Its Region.
    region: Spanned<String>,
    /// Who has signed in; `alice`, if absent.
    user: Option<Spanned<String>>,
    /// Tokens of sign-ins.
    #[serde(default)]
    token: Vec<SsoTokenEntry>,
    /// Which roles of which accounts the user has.
    #[serde(default)]
    assignment: Vec<AssignmentEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct SsoTokenEntry {
    /// What keys are got with.
    access_token: Spanned<String>,
    /// What a new access token is got with.
    refresh_token: Option<Spanned<String>>,
    /// The client that signed in.
    client_id: Option<Spanned<String>>,
    /// Its secret.
    client_secret: Option<Spanned<String>>,
    /// When it ends. Never, if absent.
    expires: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct AssignmentEntry {
    /// The account.
    account: Spanned<String>,
    /// Its role, or the permission set that the role is made from.
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

#[cfg(test)]
mod tests {
    use crate::document::{DocumentError, Source};
    use crate::world::World;

    const ROLES: &str = "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.role]]\nname = \
                         \"AWSReservedSSO_Developer_0a1b2c\"\n[[account.role]]\nname = \"Builder\"\n";

    fn resolve(text: &str) -> Result<World, DocumentError> {
        let source = Source::new("world.toml", format!("{ROLES}{text}"));
        World::parse(&source)
    }

    const SSO: &str =
        "[[sso]]\nstart_url = \"https://d-1.awsapps.com/start\"\nregion = \"eu-west-1\"\n";

    #[test]
    fn a_permission_set_stands_for_its_role() {
        let assignment = "[[sso.assignment]]\naccount = \"111122223333\"\nrole = ";
        for (role, iam_role) in [
            ("Developer", "AWSReservedSSO_Developer_0a1b2c"),
            ("Builder", "Builder"),
        ] {
            let world = resolve(&format!("{SSO}{assignment}\"{role}\"\n")).unwrap();
            let assignment = &world.sso[0].assignments[0];
            assert_eq!((&*assignment.role, &*assignment.iam_role), (role, iam_role));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            (
                "[[sso]]\nstart_url = \"http://x\"\nregion = \"eu-west-1\"\n".to_owned(),
                "world.toml:9:13: this URL must start with https://",
            ),
            (
                format!("{SSO}[[sso.assignment]]\naccount = \"444455556666\"\nrole = \"x\"\n"),
                "world.toml:12:11: there is no account 444455556666",
            ),
            (
                format!("{SSO}[[sso.assignment]]\naccount = \"111122223333\"\nrole = \"Bilder\"\n"),
                "world.toml:13:8: account 111122223333 has no role `Bilder`",
            ),
            (
                format!("{SSO}[[sso.token]]\naccess_token = \"x\"\nclient_id = \"x\"\n"),
                "world.toml:13:13: client_id and client_secret come together",
            ),
            (
                "[instance]\naccount = \"111122223333\"\nrole = \"Nobody\"\n".to_owned(),
                "world.toml:10:8: account 111122223333 has no role `Nobody`",
            ),
            (
                "[container]\naccount = \"111122223333\"\nrole = \"Builder\"\nauthorization_token = \"x\"\n"
                    .to_owned(),
                "world.toml:10:8: role Builder trusts no service that runs containers",
            ),
            (
                "[[account.role]]\nname = \"Short\"\nmax_session_duration = 900\n".to_owned(),
                "world.toml:10:24: a role's sessions last 3600 to 43200 seconds at most",
            ),
            (
                "[[account.user]]\nname = \"bob\"\n[[account.user.mfa_device]]\nserial = \"1234\"\ntoken_code = \
                 \"123456\"\n"
                    .to_owned(),
                "world.toml:11:10: the serial of an MFA device is its ARN, or 9 or more letters and digits",
            ),
            (
                "[[account.user]]\nname = \"bob\"\n[[account.user.mfa_device]]\nserial = \"GAHT12345678\"\n\
                 token_code = \"12345\"\n"
                    .to_owned(),
                "world.toml:12:14: an MFA code has six digits",
            ),
        ] {
            assert_eq!(resolve(&text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_misspelt_role_gets_a_suggestion() {
        let error = resolve("[instance]\naccount = \"111122223333\"\nrole = \"Bilder\"\n");
        let help = error.unwrap_err().help;
        assert_eq!(help.as_deref(), Some("did you mean `Builder`?"));
    }
}
