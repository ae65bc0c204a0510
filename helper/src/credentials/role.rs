//! Roles: assumed with another key (`role_arn`), or with a token that a file holds (`web_identity_token_file`).

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::cache;
use super::lookup::Lookup;
use super::profile::{ACCESS_KEY_ID, Profile, SECRET_ACCESS_KEY, Setting};
use super::{
    Credentials, CredentialsError, Location, Origin, container, environment, instance, sts,
};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// A profile's role cannot be assumed as it is set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleFault {
    /// Two places to take the key from.
    #[error("it has both source_profile and credential_source")]
    TwoSources,
    /// No place to take the key from.
    #[error("its role_arn needs a source_profile or a credential_source")]
    NoSource,
    /// The profile to take the key from does not exist.
    #[error("its source_profile `{source_profile}` does not exist")]
    UnknownSource {
        /// The name of that profile.
        source_profile: String,
    },
    /// The profile to take the key from has none.
    #[error("its source_profile `{source_profile}` has no credentials")]
    EmptySource {
        /// The name of that profile.
        source_profile: String,
    },
    /// Profiles that take their key from each other.
    #[error("its roles go round in a circle: {}", chain.join(" -> "))]
    Circle {
        /// The names, the first one again at the end.
        chain: Vec<String>,
    },
    /// A place that does not exist.
    #[error(
        "its credential_source is `{value}`; there are Environment, Ec2InstanceMetadata and EcsContainer"
    )]
    UnknownPlace {
        /// Its value.
        value: String,
    },
    /// A place that has no key.
    #[error("its credential_source {value} has no credentials")]
    EmptyPlace {
        /// The place.
        value: String,
    },
    /// Not a number of seconds.
    #[error("its duration_seconds `{value}` is not a number")]
    NotADuration {
        /// Its value.
        value: String,
    },
    /// A web identity without a role.
    #[error("its web identity has no role_arn")]
    NoRole,
    /// The role needs an MFA code, and there is no terminal.
    #[error(
        "its role needs an MFA code of {serial}, and there is no terminal to ask for it on: {why}"
    )]
    NoTerminal {
        /// The device.
        serial: String,
        /// What the system says.
        why: String,
    },
}

/// The role of a profile that is assumed with another key. With a web identity token it is a matter of that.
pub(super) fn of(profile: Profile<'_>) -> Option<Setting<'_>> {
    let role = profile.setting("role_arn")?;
    profile
        .setting("web_identity_token_file")
        .is_none()
        .then_some(role)
}

/// A session of the role, of the cache or from the service. `visited` are the profiles on the way here.
pub(super) fn credentials(
    lookup: &Lookup<'_>,
    name: &str,
    profile: Profile<'_>,
    role: Setting<'_>,
    visited: &mut Vec<String>,
) -> Result<Credentials, CredentialsError> {
    let fault = |at: Location, fault: RoleFault| CredentialsError::Role {
        profile: name.to_owned(),
        at,
        fault,
    };
    let value = |key: &str| profile.setting(key).map(|setting| setting.value());
    let duration = match profile.setting("duration_seconds") {
        None => None,
        Some(setting) => Some(setting.value().trim().parse::<u32>().map_err(|_| {
            let value = setting.value().to_owned();
            fault(setting.location(), RoleFault::NotADuration { value })
        })?),
    };
    let mfa_serial = value("mfa_serial");

    let mut arguments = vec![("RoleArn", Value::from(role.value()))];
    for (argument, key) in [
        ("RoleSessionName", "role_session_name"),
        ("ExternalId", "external_id"),
        ("SerialNumber", "mfa_serial"),
    ] {
        arguments.extend(value(key).map(|value| (argument, Value::from(value))));
    }
    arguments.extend(duration.map(|seconds| ("DurationSeconds", Value::from(seconds))));
    let key = cache::key(&cache::python_json(&arguments, false));

    let origin = Origin::Role {
        profile: name.to_owned(),
        arn: role.value().to_owned(),
    };
    // Before the cache is asked: what is set up wrongly is said also while a session lasts.
    let source = source(lookup, name, profile, role, visited)?;
    lookup
        .sessions()
        .session_or(&key, None, lookup.now, &origin, || {
            let signer = source.credentials(lookup, visited)?;
            let mut parameters = vec![("Action", Secret::new("AssumeRole"))];
            parameters.extend(parameters_of(&arguments, lookup.now));
            if let Some(serial) = mfa_serial {
                let code = lookup.session.ask(serial).map_err(|why| {
                    let serial = serial.to_owned();
                    fault(role.location(), RoleFault::NoTerminal { serial, why })
                })?;
                parameters.push(("TokenCode", code));
            }
            sts::session(lookup, &parameters, Some(&signer), &origin)?.map_err(|error| {
                CredentialsError::Service {
                    origin: origin.clone(),
                    error,
                }
            })
        })
}

fn parameters_of<'a>(arguments: &[(&'a str, Value)], now: Timestamp) -> Vec<(&'a str, Secret)> {
    let mut parameters: Vec<_> = arguments
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (*name, Secret::new(text))
        })
        .collect();
    if !arguments.iter().any(|(name, _)| *name == "RoleSessionName") {
        let session = format!("codecommit-helper-{}", now.unix_seconds());
        parameters.push(("RoleSessionName", Secret::new(session)));
    }
    parameters
}

/// Where the key comes from that assumes a role.
enum Source<'a> {
    Place {
        place: Place,
        /// As it is written.
        value: String,
        /// The profile that names it, and where.
        asked_by: (String, Location),
    },
    Profile {
        name: String,
        profile: Profile<'a>,
        /// The profile that names it, and where.
        asked_by: (String, Location),
    },
}

#[derive(Clone, Copy)]
enum Place {
    Environment,
    Instance,
    Container,
}

fn source<'a>(
    lookup: &'a Lookup<'_>,
    name: &str,
    profile: Profile<'a>,
    role: Setting<'_>,
    visited: &[String],
) -> Result<Source<'a>, CredentialsError> {
    let fault = |at: Location, fault: RoleFault| CredentialsError::Role {
        profile: name.to_owned(),
        at,
        fault,
    };
    match (
        profile.setting("source_profile"),
        profile.setting("credential_source"),
    ) {
        (Some(setting), Some(_)) => Err(fault(setting.location(), RoleFault::TwoSources)),
        (None, None) => Err(fault(role.location(), RoleFault::NoSource)),
        (None, Some(setting)) => {
            let value = setting.value().to_owned();
            let place = match value.to_ascii_lowercase().as_str() {
                "environment" => Place::Environment,
                "ec2instancemetadata" => Place::Instance,
                "ecscontainer" => Place::Container,
                _ => {
                    return Err(fault(setting.location(), RoleFault::UnknownPlace { value }));
                }
            };
            Ok(Source::Place {
                place,
                value,
                asked_by: (name.to_owned(), setting.location()),
            })
        }
        (Some(setting), None) => {
            let source_profile = setting.value().to_owned();
            let Some(source) = lookup.profiles.profile(&source_profile) else {
                let unknown = RoleFault::UnknownSource { source_profile };
                return Err(fault(setting.location(), unknown));
            };
            // A profile may name itself, for the keys that stand beside its role.
            let names_itself = source_profile == name && has_keys(source);
            if visited.contains(&source_profile) && !names_itself {
                let mut chain = visited.to_vec();
                chain.push(source_profile);
                return Err(fault(setting.location(), RoleFault::Circle { chain }));
            }
            Ok(Source::Profile {
                name: source_profile,
                profile: source,
                asked_by: (name.to_owned(), setting.location()),
            })
        }
    }
}

impl Source<'_> {
    fn credentials(
        &self,
        lookup: &Lookup<'_>,
        visited: &mut Vec<String>,
    ) -> Result<Credentials, CredentialsError> {
        match self {
            Self::Place {
                place,
                value,
                asked_by: (asked_by, at),
            } => {
                let found = match place {
                    Place::Environment => environment::credentials(lookup.variables)?,
                    Place::Container => container::credentials(lookup)?,
                    Place::Instance => instance::credentials(lookup)?.ok(),
                };
                found.ok_or_else(|| CredentialsError::Role {
                    profile: asked_by.clone(),
                    at: at.clone(),
                    fault: RoleFault::EmptyPlace {
                        value: value.clone(),
                    },
                })
            }
            Self::Profile {
                name,
                profile,
                asked_by: (asked_by, at),
            } => {
                visited.push(name.clone());
                if let Some(role) = of(*profile)
                    && !has_keys(*profile)
                {
                    return credentials(lookup, name, *profile, role, visited);
                }
                lookup
                    .of_profile(name, *profile, false)?
                    .ok_or_else(|| CredentialsError::Role {
                        profile: asked_by.clone(),
                        at: at.clone(),
                        fault: RoleFault::EmptySource {
                            source_profile: name.clone(),
                        },
                    })
            }
        }
    }
}

fn has_keys(profile: Profile<'_>) -> bool {
    [ACCESS_KEY_ID, SECRET_ACCESS_KEY]
        .iter()
        .any(|key| profile.setting(key).is_some())
}

/// A session for a token that a file holds, as in EKS and in CI systems. The variables come before the profile.
pub(super) fn of_web_identity(
    lookup: &Lookup<'_>,
    name: &str,
    profile: Profile<'_>,
    with_environment: bool,
) -> Result<Option<Credentials>, CredentialsError> {
    let find = |variable, key| -> Result<_, CredentialsError> {
        if with_environment && let Some(value) = lookup.variables.text(variable)? {
            return Ok(Some((value.to_owned(), None)));
        }
        let setting = profile.setting(key);
        let setting = setting.filter(|setting| !setting.value().is_empty());
        Ok(setting.map(|setting| (setting.value().to_owned(), Some(setting.location()))))
    };
    let token_file = find("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")?;
    let Some((file, at)) = token_file else {
        return Ok(None);
    };
    let Some((role, _)) = find("AWS_ROLE_ARN", "role_arn")? else {
        return Err(match at {
            Some(at) => CredentialsError::Role {
                profile: name.to_owned(),
                at,
                fault: RoleFault::NoRole,
            },
            None => CredentialsError::NoRoleForToken,
        });
    };
    let mut arguments = vec![("RoleArn", Value::from(role.as_str()))];
    if let Some((session, _)) = find("AWS_ROLE_SESSION_NAME", "role_session_name")? {
        arguments.push(("RoleSessionName", Value::from(session)));
    }
    let token = fs::read_to_string(lookup.path(&file))
        .map(Secret::new)
        .map_err(|error| CredentialsError::Unreadable {
            file: PathBuf::from(&file),
            error: error.to_string(),
        })?;
    // The session is that of the token: the next token may be somebody else's.
    arguments.push(("WebIdentityToken", Value::from(token.expose())));
    let key = cache::key(&cache::python_json(&arguments, false));
    let origin = Origin::WebIdentity {
        arn: role.clone(),
        file: PathBuf::from(&file),
    };
    lookup
        .sessions()
        .session_or(&key, None, lookup.now, &origin, || {
            let mut parameters = vec![("Action", Secret::new("AssumeRoleWithWebIdentity"))];
            parameters.extend(parameters_of(&arguments, lookup.now));
            sts::session(lookup, &parameters, None, &origin)?.map_err(|error| {
                CredentialsError::Service {
                    origin: origin.clone(),
                    error,
                }
            })
        })
        .map(Some)
}
