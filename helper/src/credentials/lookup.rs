//! One look for credentials, from source to source in botocore's order.
//!
//! | order | source | set up by |
//! | --- | --- | --- |
//! | 1 | environment ([`super::environment`]), unless `--profile` names a profile | `AWS_ACCESS_KEY_ID` |
//! | 2 | role ([`super::role`]) | `role_arn` with `source_profile` or `credential_source` |
//! | 3 | web identity ([`super::role`]) | `AWS_WEB_IDENTITY_TOKEN_FILE`, `web_identity_token_file` |
//! | 4 | IAM Identity Center ([`super::sso`]) | `sso_account_id`, `sso_role_name` |
//! | 5 | keys of the credentials file ([`super::profile`]) | `aws_access_key_id` |
//! | 6 | `aws login` ([`super::login`]) | `login_session` |
//! | 7 | a program ([`super::process`]) | `credential_process` |
//! | 8 | keys of the config file ([`super::profile`]) | `aws_access_key_id` |
//! | 9 | container ([`super::container`]) | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `..._FULL_URI` |
//! | 10 | instance ([`super::instance`]) | nothing: it is asked last |
//!
//! Botocore also reads the files of Boto 2 and `AWS_CREDENTIAL_FILE`, which nobody has had for a decade; we do not.

use std::path::PathBuf;

use super::cache::Cache;
use super::error::NoKeys;
use super::profile::{ACCESS_KEY_ID, Profile, Profiles, SECRET_ACCESS_KEY};
use super::{
    Credentials, CredentialsError, Origin, ProfileChoice, Session, container, environment,
    instance, login, process, role, sso,
};
use crate::network::{Proxies, Route};
use crate::timestamp::Timestamp;
use crate::variables::Variables;

/// What the sources may look at.
pub(super) struct Lookup<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) variables: &'a Variables,
    pub(super) choice: &'a ProfileChoice,
    pub(super) profiles: &'a Profiles,
    pub(super) now: Timestamp,
}

impl Lookup<'_> {
    /// The credentials of the first source that is set up.
    pub(super) fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let name = self.choice.name();
        let profile = self.profiles.chosen(self.choice)?.unwrap_or(Profile::NONE);
        if let Some(role) = role::of(profile) {
            return role::credentials(self, name, profile, role, &mut vec![name.to_owned()]);
        }
        let is_explicit = matches!(self.choice, ProfileChoice::Option(_));
        if let Some(found) = self.of_profile(name, profile, !is_explicit)? {
            return Ok(found);
        }
        if let Some(found) = container::credentials(self)? {
            return Ok(found);
        }
        // Botocore goes on to the instance's role here, and a half key looks like no key at all.
        if let Some(secret) = profile.setting(SECRET_ACCESS_KEY) {
            return Err(CredentialsError::Partial {
                origin: Origin::Profile {
                    profile: name.to_owned(),
                    at: secret.location(),
                },
                has: SECRET_ACCESS_KEY,
                lacks: ACCESS_KEY_ID,
            });
        }
        let why_not = match instance::credentials(self)? {
            Ok(found) => return Ok(found),
            Err(why_not) => why_not,
        };
        let environment = match self.variables.text(environment::SECRET_ACCESS_KEY)? {
            _ if is_explicit => NoKeys::NotAsked,
            Some(_) => NoKeys::SecretAlone,
            None => NoKeys::NotSet,
        };
        Err(CredentialsError::NoneFound {
            choice: self.choice.clone(),
            files: self.profiles.summaries(),
            environment,
            instance: why_not,
        })
    }

    /// The sources that a profile sets up, but for a role; those that a `source_profile` may have.
    pub(super) fn of_profile(
        &self,
        name: &str,
        profile: Profile<'_>,
        with_environment: bool,
    ) -> Result<Option<Credentials>, CredentialsError> {
        if let Some(found) = role::of_web_identity(self, name, profile, with_environment)? {
            return Ok(Some(found));
        }
        if let Some(found) = sso::credentials(self, name, profile)? {
            return Ok(Some(found));
        }
        if let Some(keys) = profile.keys_of_credentials_file(name)? {
            return Ok(Some(keys));
        }
        if let Some(session) = profile.setting("login_session") {
            return login::credentials(self, name, session).map(Some);
        }
        if let Some(command) = profile.setting("credential_process") {
            return process::credentials(name, command).map(Some);
        }
        profile.keys_of_config_file(name)
    }

    /// The Region of a service that gives out keys: the configured one, else that of the host that is to be signed for.
    /// (Botocore goes to `us-east-1` then, where a key for China is not known.)
    pub(super) fn region(&self) -> Result<String, CredentialsError> {
        let region = match self.session.region()? {
            Some(region) => Some(region),
            None => self.session.host_region.clone(),
        };
        Ok(region.unwrap_or_else(|| "us-east-1".to_owned()))
    }

    /// How to get to a service: `AWS_CA_BUNDLE`, `ca_bundle` of the profile, and the proxies.
    pub(super) fn route(&self) -> Result<Route, CredentialsError> {
        let ca_bundle = match self.variables.text("AWS_CA_BUNDLE")? {
            Some(file) => Some(file.to_owned()),
            None => self
                .profiles
                .chosen(self.choice)?
                .and_then(|profile| profile.setting("ca_bundle"))
                .map(|setting| setting.value().to_owned())
                .filter(|file| !file.is_empty()),
        };
        Ok(Route {
            ca_bundle: ca_bundle.map(|file| self.path(&file)),
            proxies: Proxies::read(self.variables)?,
        })
    }

    /// The sessions that the AWS CLI keeps. Without a home directory they go to waste.
    pub(super) fn sessions(&self) -> Cache {
        Cache::new(self.in_aws_folder(&["cli", "cache"]))
    }

    /// A folder in `~/.aws`.
    pub(super) fn in_aws_folder(&self, names: &[&str]) -> PathBuf {
        let mut folder = self.variables.home().unwrap_or_default().join(".aws");
        folder.extend(names);
        folder
    }

    /// A path as people write it, with `~` and `$NAME`.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        super::shared_file::expand(text.as_ref(), self.variables)
    }
}
