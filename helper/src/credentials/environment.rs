//! Keys in environment variables, read as botocore's `EnvProvider` reads them.

use super::{Credentials, CredentialsError, Origin};
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::variables::Variables;

/// The access key id.
pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// The secret access key.
pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// When the session ends; `aws configure export-credentials` writes it.
pub const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";
/// The session token: the old name counts first, as in botocore.
pub const SESSION_TOKEN: [&str; 2] = ["AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];

/// The keys of the environment. `None` if there is no access key id; a secret alone is no key, as for the AWS CLI.
///
/// # Errors
/// [`CredentialsError`] if the secret is missing or a value cannot be read.
pub fn credentials(variables: &Variables) -> Result<Option<Credentials>, CredentialsError> {
    let Some(access_key_id) = variables.text(ACCESS_KEY_ID)? else {
        return Ok(None);
    };
    let Some(secret) = variables.text(SECRET_ACCESS_KEY)? else {
        return Err(CredentialsError::Partial {
            origin: Origin::Environment,
            has: ACCESS_KEY_ID,
            lacks: SECRET_ACCESS_KEY,
        });
    };
    let expires =
        match variables.text(EXPIRATION)? {
            None => None,
            Some(text) => Some(Timestamp::parse_rfc3339(text).map_err(|_| {
                CredentialsError::NotAnExpiration {
                    value: text.to_owned(),
                }
            })?),
        };
    Ok(Some(Credentials {
        access_key_id: access_key_id.to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: variables
            .first_text(SESSION_TOKEN)?
            .map(|(_, token)| Secret::new(token)),
        expires,
        origin: Origin::Environment,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<Option<Credentials>, CredentialsError> {
        credentials(&variables.iter().copied().collect())
    }

    #[test]
    fn a_key_needs_both_halves() {
        let both = found(&[(ACCESS_KEY_ID, "AKIA"), (SECRET_ACCESS_KEY, "s")]);
        assert_eq!(both.unwrap().unwrap().access_key_id, "AKIA");
        assert!(matches!(
            found(&[(ACCESS_KEY_ID, "AKIA"), (SECRET_ACCESS_KEY, "")]),
            Err(CredentialsError::Partial { .. })
        ));
        assert!(matches!(found(&[(SECRET_ACCESS_KEY, "s")]), Ok(None)));
        assert!(matches!(found(&[(ACCESS_KEY_ID, "")]), Ok(None)));
    }

    #[test]
    fn the_token_has_two_names_and_may_be_empty() {
        let key = [(ACCESS_KEY_ID, "AKIA"), (SECRET_ACCESS_KEY, "s")];
        for (security, session, expected) in [
            ("old", "new", Some("old")),
            ("", "new", Some("new")),
            ("", "", None),
        ] {
            let token = [(SESSION_TOKEN[0], security), (SESSION_TOKEN[1], session)];
            let credentials = found(&[key, token].concat()).unwrap().unwrap();
            let token = credentials.session_token;
            assert_eq!(token.as_ref().map(Secret::expose), expected);
        }
    }

    #[test]
    fn an_expiration_is_an_instant() {
        let with = |text| {
            found(&[
                (ACCESS_KEY_ID, "AKIA"),
                (SECRET_ACCESS_KEY, "s"),
                (EXPIRATION, text),
            ])
        };
        let expires = with("2025-01-15T08:30:00+00:00").unwrap().unwrap().expires;
        assert_eq!(expires.unwrap().to_string(), "2025-01-15T08:30:00Z");
        assert!(matches!(
            with("tomorrow"),
            Err(CredentialsError::NotAnExpiration { .. })
        ));
    }
}
