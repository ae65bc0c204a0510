//! IAM Identity Center: a role of an account, for the token that `aws sso login` has left in `~/.aws/sso/cache`.

use std::time::Duration;

use serde_json::{Value, json};

use super::cache::{self, Cache};
use super::lookup::Lookup;
use super::profile::{Profile, Setting};
use super::service::{Service, ServiceError, refused};
use super::{Credentials, CredentialsError, Location, Origin};
use crate::network::{Call, host};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

const TIMEOUT: Duration = Duration::from_secs(60);
/// A token with less time left is refreshed, where it can be.
const REFRESH: time::Duration = time::Duration::minutes(15);

/// IAM Identity Center cannot be asked as it is set up, or wants a new login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsoFault {
    /// Settings are missing.
    #[error("it has no {}", keys.join(", no "))]
    Missing {
        /// Their keys.
        keys: Vec<&'static str>,
    },
    /// The `[sso-session ...]` section does not exist.
    #[error("there is no [sso-session {name}] in the config file")]
    NoSession {
        /// Its name.
        name: String,
    },
    /// Profile and section contradict each other.
    #[error("its {key} is not that of [sso-session {name}]")]
    Inconsistent {
        /// The key.
        key: String,
        /// The name of the section.
        name: String,
    },
    /// Nobody has logged in.
    #[error("nobody has logged in to {to}")]
    NoToken {
        /// The session's name, or the start URL.
        to: String,
    },
    /// The login has ended.
    #[error("the login to {to} ended at {ended}, and it is {now}")]
    Expired {
        /// The session's name, or the start URL.
        to: String,
        /// When.
        ended: Timestamp,
        /// The helper's time.
        now: Timestamp,
    },
    /// The service no longer knows the login.
    #[error("the login to {to} is not accepted any more")]
    Refused {
        /// The session's name, or the start URL.
        to: String,
    },
}

/// Where to log in, and as what.
struct Settings {
    account: String,
    role: String,
    start_url: String,
    region: String,
    session: Option<String>,
}

/// The keys of the role, of the cache or from the service; `None` if the profile is not set up for it.
pub(super) fn credentials(
    lookup: &Lookup<'_>,
    name: &str,
    profile: Profile<'_>,
) -> Result<Option<Credentials>, CredentialsError> {
    let set_up = ["sso_account_id", "sso_role_name"]
        .iter()
        .find_map(|key| profile.setting(key));
    let Some(at) = set_up.map(|setting| setting.location()) else {
        return Ok(None);
    };
    let fault = |fault| CredentialsError::Sso {
        profile: name.to_owned(),
        at: at.clone(),
        fault,
    };
    let settings = settings(lookup, profile).map_err(fault)?;
    let origin = Origin::Sso {
        profile: name.to_owned(),
        account: settings.account.clone(),
        role: settings.role.clone(),
    };
    let (key, value) = match &settings.session {
        Some(session) => ("sessionName", session),
        None => ("startUrl", &settings.start_url),
    };
    let arguments = [
        ("roleName", Value::from(settings.role.as_str())),
        ("accountId", Value::from(settings.account.as_str())),
        (key, Value::from(value.as_str())),
    ];
    let key = cache::key(&cache::python_json(&arguments, true));
    lookup
        .sessions()
        .session_or(&key, Some("sso"), lookup.now, &origin, || {
            let token = token(lookup, name, &at, &settings)?;
            role_credentials(lookup, &settings, &token, &origin)?.map_err(|error| match error {
                ServiceError::Refused { status: 401, .. } => {
                    fault(SsoFault::Refused { to: value.clone() })
                }
                error => CredentialsError::Service {
                    origin: origin.clone(),
                    error,
                },
            })
        })
        .map(Some)
}

fn settings(lookup: &Lookup<'_>, profile: Profile<'_>) -> Result<Settings, SsoFault> {
    let session = profile.setting("sso_session").map(Setting::value);
    let section = match session {
        None => None,
        Some(name) => Some(
            lookup
                .profiles
                .section("sso-session", name)
                .ok_or_else(|| SsoFault::NoSession {
                    name: name.to_owned(),
                })?,
        ),
    };
    let mut missing = Vec::new();
    let mut find = |key: &'static str| {
        let of_profile = profile.setting(key).map(Setting::value);
        let of_section = section
            .and_then(|section| section.entry(key))
            .map(|entry| entry.value.expose());
        if let (Some(one), Some(other), Some(name)) = (of_profile, of_section, session)
            && one != other
        {
            return Err(SsoFault::Inconsistent {
                key: key.to_owned(),
                name: name.to_owned(),
            });
        }
        let found = of_section.or(of_profile).filter(|value| !value.is_empty());
        if found.is_none() {
            missing.push(key);
        }
        Ok(found.unwrap_or_default().to_owned())
    };
    let settings = Settings {
        account: find("sso_account_id")?,
        role: find("sso_role_name")?,
        start_url: find("sso_start_url")?,
        region: find("sso_region")?,
        session: session.map(str::to_owned),
    };
    if missing.is_empty() {
        Ok(settings)
    } else {
        Err(SsoFault::Missing { keys: missing })
    }
}

/// The token of the login. That of an `[sso-session]` is refreshed when it ends soon.
fn token(
    lookup: &Lookup<'_>,
    name: &str,
    at: &Location,
    settings: &Settings,
) -> Result<Secret, CredentialsError> {
    let to = settings.session.as_ref().unwrap_or(&settings.start_url);
    let fault = |fault| CredentialsError::Sso {
        profile: name.to_owned(),
        at: at.clone(),
        fault,
    };
    let tokens = Cache::new(lookup.in_aws_folder(&["sso", "cache"]));
    let key = cache::key(to);
    let read = || {
        let stored = tokens.read(&key)?;
        let token = Secret::new(stored["accessToken"].as_str()?);
        let ends = Timestamp::parse_aws(stored["expiresAt"].as_str()?).ok()?;
        Some((stored, token, ends))
    };
    let none = || fault(SsoFault::NoToken { to: to.clone() });
    let (_, mut token, mut ends) = read().ok_or_else(none)?;
    let ends_soon = |ends: Timestamp| ends.since(lookup.now) < REFRESH;
    if settings.session.is_some() && ends_soon(ends) {
        // A refresh token may be good for one use: two gits must not both use it.
        let _lock = tokens.lock(&key);
        let stored;
        (stored, token, ends) = read().ok_or_else(none)?;
        if ends_soon(ends)
            && let Some(renewed) = refresh(lookup, settings, &stored)?
        {
            // As below: what cannot be stored is asked for again.
            let _ = tokens.write(&key, &renewed);
            if let Some(text) = renewed["accessToken"].as_str() {
                return Ok(Secret::new(text));
            }
        }
    }
    if ends <= lookup.now {
        return Err(fault(SsoFault::Expired {
            to: to.clone(),
            ended: ends,
            now: lookup.now,
        }));
    }
    Ok(token)
}

/// A new token for the refresh token; `None` if there is none, or it is not taken: then the old one is used to its end.
fn refresh(
    lookup: &Lookup<'_>,
    settings: &Settings,
    stored: &Value,
) -> Result<Option<Value>, CredentialsError> {
    let text = |key: &str| stored[key].as_str();
    let (Some(id), Some(secret), Some(refresh), Some(registered)) = (
        text("clientId"),
        text("clientSecret"),
        text("refreshToken"),
        text("registrationExpiresAt"),
    ) else {
        return Ok(None);
    };
    if Timestamp::parse_aws(registered).is_ok_and(|ends| ends <= lookup.now) {
        return Ok(None);
    }
    let url = format!("{}/token", Service::SsoOidc.url(lookup, &settings.region)?);
    let body = Secret::new(
        json!({
            "clientId": id,
            "clientSecret": secret,
            "grantType": "refresh_token",
            "refreshToken": refresh,
        })
        .to_string(),
    );
    let call = Call {
        method: "POST",
        url: &url,
        headers: &[("content-type", Secret::new("application/json"))],
        body: Some(&body),
        timeout: TIMEOUT,
    };
    let Ok(reply) = call.send(&lookup.route()?) else {
        return Ok(None);
    };
    let answer: Value = serde_json::from_str(reply.body.expose()).unwrap_or_default();
    let (200, Some(token), Some(seconds)) = (
        reply.status,
        answer["accessToken"].as_str(),
        answer["expiresIn"].as_i64(),
    ) else {
        return Ok(None);
    };
    let mut renewed = json!({
        "startUrl": settings.start_url,
        "region": settings.region,
        "accessToken": token,
        "expiresAt": lookup.now.plus(time::Duration::seconds(seconds)).to_string(),
        "clientId": id,
        "clientSecret": secret,
        "registrationExpiresAt": registered,
    });
    if let Some(refresh) = answer["refreshToken"].as_str() {
        renewed["refreshToken"] = refresh.into();
    }
    Ok(Some(renewed))
}

fn role_credentials(
    lookup: &Lookup<'_>,
    settings: &Settings,
    token: &Secret,
    origin: &Origin,
) -> Result<Result<Credentials, ServiceError>, CredentialsError> {
    let url = format!(
        "{}/federation/credentials?role_name={}&account_id={}",
        Service::Sso.url(lookup, &settings.region)?,
        escape(&settings.role),
        escape(&settings.account),
    );
    let call = Call {
        method: "GET",
        url: &url,
        headers: &[("x-amz-sso_bearer_token", token.clone())],
        body: None,
        timeout: TIMEOUT,
    };
    let route = lookup.route()?;
    let ask = || -> Result<Credentials, ServiceError> {
        let reply = call.send(&route)?;
        if reply.status != 200 {
            return Err(refused(&call, &reply));
        }
        let answer: Value = serde_json::from_str(reply.body.expose()).unwrap_or_default();
        let answer = &answer["roleCredentials"];
        let part = |key: &str, what| {
            answer[key]
                .as_str()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| ServiceError::Unreadable {
                    host: host(&url).to_owned(),
                    what,
                })
        };
        let milliseconds = answer["expiration"].as_i64();
        Ok(Credentials {
            access_key_id: part("accessKeyId", "an accessKeyId")?.to_owned(),
            secret_access_key: Secret::new(part("secretAccessKey", "a secretAccessKey")?),
            session_token: Some(Secret::new(part("sessionToken", "a sessionToken")?)),
            expires: milliseconds.map(|ms| Timestamp::from_unix_seconds(ms / 1000)),
            origin: origin.clone(),
        })
    };
    Ok(ask())
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
