//! The keys of an EC2 instance's role, from its metadata service, version 2.
//!
//! Version 1, which botocore falls back to, hands the keys to whoever makes the instance send a plain GET; no instance that
//! is younger than 2019 needs it.

use std::time::Duration;

use serde_json::Value;

use super::lookup::Lookup;
use super::profile::Setting;
use super::service::{refused, short};
use super::{Credentials, CredentialsError, Origin};
use crate::network::{Call, NetworkError, Reply, Route};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

const DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
const CREDENTIALS: &str = "latest/meta-data/iam/security-credentials/";

/// Why the instance has no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoInstance {
    /// It is not to be asked.
    #[error("the instance metadata service was not asked: {DISABLED} is set")]
    Disabled,
    /// There is nobody: most likely this is no instance.
    #[error("no instance metadata service: failed to {0}")]
    NoAnswer(String),
    /// The instance has no role, or the service is not well.
    #[error("the instance metadata service has no keys: {0}")]
    NoKeys(String),
}

/// The keys, or why there are none.
pub(super) fn credentials(
    lookup: &Lookup<'_>,
) -> Result<Result<Credentials, NoInstance>, CredentialsError> {
    let disabled = lookup.variables.text(DISABLED)?;
    if disabled.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return Ok(Err(NoInstance::Disabled));
    }
    let service = Metadata::new(lookup)?;
    Ok(service.credentials(lookup.now))
}

struct Metadata {
    url: String,
    timeout: Duration,
    attempts: u32,
}

impl Metadata {
    fn new(lookup: &Lookup<'_>) -> Result<Self, CredentialsError> {
        let profile = lookup.profiles.chosen(lookup.choice)?;
        let find = |variable, key| -> Result<Option<String>, CredentialsError> {
            if let Some(text) = lookup.variables.text(variable)? {
                return Ok(Some(text.to_owned()));
            }
            let setting = profile.and_then(|profile| profile.setting(key));
            let value = setting.map(Setting::value).filter(|text| !text.is_empty());
            Ok(value.map(str::to_owned))
        };
        let mode = find(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            "ec2_metadata_service_endpoint_mode",
        )?;
        let url = find(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "ec2_metadata_service_endpoint",
        )?;
        let url = url.unwrap_or_else(|| match mode {
            Some(mode) if mode.eq_ignore_ascii_case("ipv6") => IPV6.to_owned(),
            _ => IPV4.to_owned(),
        });
        let timeout = find("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?;
        let attempts = find(
            "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
            "metadata_service_num_attempts",
        )?;
        let seconds = timeout
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|seconds| (0.001..3600.0).contains(seconds));
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            timeout: Duration::from_secs_f64(seconds.unwrap_or(1.0)),
            attempts: attempts.and_then(|text| text.parse().ok()).unwrap_or(1),
        })
    }

    fn credentials(&self, now: Timestamp) -> Result<Credentials, NoInstance> {
        let ttl = Secret::new("21600");
        let token = self.ask(
            "PUT",
            "latest/api/token",
            ("x-aws-ec2-metadata-token-ttl-seconds", ttl),
        )?;
        let token = || ("x-aws-ec2-metadata-token", token.body.clone());
        let role = self.ask("GET", CREDENTIALS, token())?;
        let role = role.body.expose().lines().next().unwrap_or_default().trim();
        let path = format!("{CREDENTIALS}{role}");
        let reply = self.ask("GET", &path, token())?;
        let answer: Value = serde_json::from_str(reply.body.expose()).unwrap_or_default();
        let text = |key: &str| answer[key].as_str().filter(|text| !text.is_empty());
        let (Some(id), Some(secret), Some(session), Some(expiration)) = (
            text("AccessKeyId"),
            text("SecretAccessKey"),
            text("Token"),
            text("Expiration"),
        ) else {
            let says = [text("Code"), text("Message")];
            let says: Vec<String> = says.into_iter().flatten().map(short).collect();
            return Err(NoInstance::NoKeys(format!(
                "for the role {} it says `{}`",
                short(role),
                says.join(": ")
            )));
        };
        let expires = Timestamp::parse_aws(expiration).ok();
        Ok(Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: Some(Secret::new(session)),
            // When the service that renews them is down, they go on working after their end; botocore uses them, too.
            expires: expires.filter(|end| *end > now),
            origin: Origin::Instance { role: short(role) },
        })
    }

    fn ask(
        &self,
        method: &'static str,
        path: &str,
        header: (&str, Secret),
    ) -> Result<Reply, NoInstance> {
        let url = format!("{}/{path}", self.url);
        let call = Call {
            method,
            url: &url,
            headers: &[header],
            body: None,
            timeout: self.timeout,
        };
        // Never through a proxy, which would have a metadata service of its own.
        let route = Route::default();
        let mut attempt = 1;
        loop {
            let last = attempt >= self.attempts;
            match call.send(&route) {
                Ok(reply) if reply.status == 200 && !reply.body.expose().is_empty() => {
                    return Ok(reply);
                }
                Ok(reply) if last || reply.status == 404 => {
                    let error = refused(&call, &reply);
                    return Err(NoInstance::NoKeys(format!("to {path} {error}")));
                }
                Err(error) if last => return Err(no_answer(&error)),
                _ => attempt += 1,
            }
        }
    }
}

fn no_answer(error: &NetworkError) -> NoInstance {
    NoInstance::NoAnswer(error.to_string())
}
