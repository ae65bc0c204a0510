//! The keys of a container's task or pod, from the endpoint that ECS and EKS tell it about.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::lookup::Lookup;
use super::service::{ServiceError, refused};
use super::{Credentials, CredentialsError, Origin};
use crate::network::{Call, Reply, Route, host};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// Where `RELATIVE_URI` is.
const ECS: &str = "http://169.254.170.2";
/// Who may be asked without TLS, beside loopback addresses: the token goes there.
const PLAIN_HOSTS: [&str; 4] = [
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::23]",
    "localhost",
];
/// Botocore's, and its number of attempts.
const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 3;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: String,
    expiration: String,
}

/// The keys; `None` if no variable says that there are any.
pub(super) fn credentials(lookup: &Lookup<'_>) -> Result<Option<Credentials>, CredentialsError> {
    let variables = lookup.variables;
    let (variable, url) = if let Some(path) = variables.text(RELATIVE_URI)? {
        (RELATIVE_URI, format!("{ECS}{path}"))
    } else if let Some(url) = variables.text(FULL_URI)? {
        (FULL_URI, url.to_owned())
    } else {
        return Ok(None);
    };
    if !may_be_asked(&url) {
        return Err(CredentialsError::NotAContainerEndpoint { variable, url });
    }
    let origin = Origin::Container { variable };
    let mut headers = vec![("accept", Secret::new("application/json"))];
    if let Some(token) = token(lookup)? {
        headers.push(("authorization", token));
    }
    let call = Call {
        method: "GET",
        url: &url,
        headers: &headers,
        body: None,
        timeout: TIMEOUT,
    };
    // No proxy: it is on this machine or beside it. Its certificate, if it has one, is one of those that are trusted.
    let route = Route {
        ca_bundle: lookup.route()?.ca_bundle,
        ..Route::default()
    };
    ask(&call, &route, &origin)
        .map(Some)
        .map_err(|error| CredentialsError::Service { origin, error })
}

fn token(lookup: &Lookup<'_>) -> Result<Option<Secret>, CredentialsError> {
    let token = match lookup.variables.text(TOKEN_FILE)? {
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|error| CredentialsError::Unreadable {
                file: PathBuf::from(file),
                error: error.to_string(),
            })?;
            Some((TOKEN_FILE, Secret::new(text)))
        }
        None => lookup
            .variables
            .text(TOKEN)?
            .map(|token| (TOKEN, Secret::new(token))),
    };
    match token {
        // It would be a header of its own.
        Some((variable, token)) if token.expose().contains(char::is_control) => {
            Err(CredentialsError::NotAToken { variable })
        }
        token => Ok(token.map(|(_, token)| token)),
    }
}

fn ask(call: &Call<'_>, route: &Route, origin: &Origin) -> Result<Credentials, ServiceError> {
    let mut attempt = 1;
    loop {
        match call.send(route) {
            Ok(reply) if reply.status == 200 => return read(call.url, &reply, origin),
            // It means what it says; the others may be a start that takes a moment.
            Ok(reply) if (400..500).contains(&reply.status) => {
                return Err(refused(call, &reply));
            }
            Ok(reply) if attempt == ATTEMPTS => return Err(refused(call, &reply)),
            Err(error) if attempt == ATTEMPTS => return Err(error.into()),
            _ => attempt += 1,
        }
    }
}

fn read(url: &str, reply: &Reply, origin: &Origin) -> Result<Credentials, ServiceError> {
    let unreadable = |what| ServiceError::Unreadable {
        host: host(url).to_owned(),
        what,
    };
    let answer: Answer = serde_json::from_str(reply.body.expose())
        .map_err(|_| unreadable("AccessKeyId, SecretAccessKey, Token and Expiration"))?;
    let expires = Timestamp::parse_aws(&answer.expiration)
        .map_err(|_| unreadable("an Expiration that is a time"))?;
    Ok(Credentials {
        access_key_id: answer.access_key_id,
        secret_access_key: Secret::new(answer.secret_access_key),
        session_token: Some(Secret::new(answer.token)),
        expires: Some(expires),
        origin: origin.clone(),
    })
}

/// Over TLS anybody, else only this machine and the addresses of ECS and EKS.
fn may_be_asked(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once("://") else {
        return false;
    };
    let name = crate::endpoint::without_port(host(url)).to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = || {
        address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
    };
    match scheme {
        "https" => !name.is_empty(),
        "http" => PLAIN_HOSTS.contains(&name.as_str()) || is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_aws_addresses_are_asked_without_tls() {
        for (url, expected) in [
            ("http://169.254.170.2/v2/credentials/x", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://127.0.0.1:8080/x", true),
            ("http://[::1]:8080/x", true),
            ("http://localhost/x", true),
            ("https://anybody.example/x", true),
            ("http://anybody.example/x", false),
            ("http://169.254.169.254/x", false),
            ("http://localhost.evil.example/x", false),
            ("http://localhost@evil.example/x", false),
            ("ftp://localhost/x", false),
            ("/v2/credentials", false),
            ("https:///x", false),
        ] {
            assert_eq!(may_be_asked(url), expected, "{url}");
        }
    }
}
