//! `aws login`: keys for a quarter of an hour, in `~/.aws/login/cache`, and a token to get new ones with.
//!
//! A request for new ones carries a proof (DPoP, RFC 9449) that it comes from whoever logged in: a small document signed
//! with the key that `aws login` made.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::cache::{self, Cache};
use super::lookup::Lookup;
use super::profile::Setting;
use super::service::{Service, ServiceError, refused};
use super::{Credentials, CredentialsError, Origin};
use crate::network::Call;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

const TIMEOUT: Duration = Duration::from_secs(60);
/// Botocore renews them when less is left.
const LEAST: time::Duration = time::Duration::minutes(5);

/// The login is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginFault {
    /// Nobody has logged in.
    #[error("nobody has logged in as {session}")]
    NoLogin {
        /// `login_session` of the profile.
        session: String,
    },
    /// What `aws login` left cannot be used.
    #[error("the login as {session} has no {missing}")]
    Incomplete {
        /// `login_session` of the profile.
        session: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// The login has ended.
    #[error("the login as {session} has ended: {says}")]
    Ended {
        /// `login_session` of the profile.
        session: String,
        /// What the service says.
        says: String,
    },
}

/// The keys of the login, renewed if they end soon.
pub(super) fn credentials(
    lookup: &Lookup<'_>,
    name: &str,
    setting: Setting<'_>,
) -> Result<Credentials, CredentialsError> {
    let session = setting.value();
    let origin = Origin::Login {
        profile: name.to_owned(),
        session: session.to_owned(),
    };
    let fault = |fault| CredentialsError::Login {
        profile: name.to_owned(),
        at: setting.location(),
        fault,
    };
    let folder = match lookup.variables.text("AWS_LOGIN_CACHE_DIRECTORY")? {
        Some(folder) => lookup.path(folder),
        None => lookup.in_aws_folder(&["login", "cache"]),
    };
    let login = Login {
        lookup,
        cache: Cache::new(folder),
        key: cache::sha256_key(session),
        session,
        origin: &origin,
    };
    let ends_late = |found: &Credentials| {
        found
            .expires
            .is_some_and(|end| end.since(lookup.now) > LEAST)
    };
    let found = login.read().and_then(|stored| login.keys(&stored));
    if let Some(found) = found.clone().ok().filter(ends_late) {
        return Ok(found);
    }
    // A refresh token is good for one use: two gits must not both use it.
    let _lock = login.cache.lock(&login.key);
    let stored = login.read().map_err(fault)?;
    let found = login.keys(&stored).map_err(fault)?;
    if ends_late(&found) {
        return Ok(found);
    }
    let answer = login.renew(&stored)?;
    let renewed = match answer {
        Ok(renewed) => renewed,
        Err(ServiceError::Refused {
            status,
            message,
            code,
            ..
        }) if (400..500).contains(&status) => {
            let says = if message.is_empty() { code } else { message };
            let session = session.to_owned();
            return Err(fault(LoginFault::Ended { session, says }));
        }
        Err(error) => return Err(CredentialsError::Service { origin, error }),
    };
    // The old refresh token may be void now: what cannot be stored ends the login when these keys end.
    login
        .cache
        .write(&login.key, &renewed)
        .map_err(|error| CredentialsError::Unwritable {
            file: login.cache.path(&login.key),
            error: error.to_string(),
        })?;
    login.keys(&renewed).map_err(fault)
}

struct Login<'a> {
    lookup: &'a Lookup<'a>,
    cache: Cache,
    key: String,
    session: &'a str,
    origin: &'a Origin,
}

impl Login<'_> {
    fn read(&self) -> Result<Value, LoginFault> {
        self.cache
            .read(&self.key)
            .ok_or_else(|| LoginFault::NoLogin {
                session: self.session.to_owned(),
            })
    }

    fn keys(&self, stored: &Value) -> Result<Credentials, LoginFault> {
        let part = |key: &str, missing| {
            let found = stored["accessToken"][key].as_str();
            found
                .filter(|text| !text.is_empty())
                .ok_or_else(|| self.incomplete(missing))
        };
        let expires = part("expiresAt", "expiresAt")?;
        let expires = Timestamp::parse_aws(expires)
            .map_err(|_| self.incomplete("expiresAt that is a time"))?;
        Ok(Credentials {
            access_key_id: part("accessKeyId", "accessKeyId")?.to_owned(),
            secret_access_key: Secret::new(part("secretAccessKey", "secretAccessKey")?),
            session_token: Some(Secret::new(part("sessionToken", "sessionToken")?)),
            expires: Some(expires),
            origin: self.origin.clone(),
        })
    }

    fn incomplete(&self, missing: &'static str) -> LoginFault {
        LoginFault::Incomplete {
            session: self.session.to_owned(),
            missing,
        }
    }

    /// The document with new keys and a new token in it.
    fn renew(&self, stored: &Value) -> Result<Result<Value, ServiceError>, CredentialsError> {
        let lookup = self.lookup;
        let fault = |missing| CredentialsError::Login {
            profile: match self.origin {
                Origin::Login { profile, .. } => profile.clone(),
                _ => String::new(),
            },
            at: super::Location {
                file: self.cache.path(&self.key),
                line: 1,
            },
            fault: self.incomplete(missing),
        };
        let text = |key: &'static str| stored[key].as_str().ok_or_else(|| fault(key));
        let region = match stored["signInRegion"].as_str() {
            Some(region) => region.to_owned(),
            None => lookup.region()?,
        };
        let url = format!("{}/v1/token", Service::Signin.url(lookup, &region)?);
        let body = Secret::new(
            json!({
                "clientId": text("clientId")?,
                "grantType": "refresh_token",
                "refreshToken": text("refreshToken")?,
            })
            .to_string(),
        );
        let proof = proof(text("dpopKey")?, &url, lookup.now)
            .ok_or_else(|| fault("dpopKey that is a key"))?;
        let headers = [
            ("content-type", Secret::new("application/json")),
            ("dpop", Secret::new(proof)),
        ];
        let call = Call {
            method: "POST",
            url: &url,
            headers: &headers,
            body: Some(&body),
            timeout: TIMEOUT,
        };
        let reply = match call.send(&lookup.route()?) {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Ok(Err(refused(&call, &reply))),
            Err(error) => return Ok(Err(error.into())),
        };
        let answer: Value = serde_json::from_str(reply.body.expose()).unwrap_or_default();
        let (Some(seconds), Some(refresh)) = (
            answer["expiresIn"].as_i64(),
            answer["refreshToken"].as_str(),
        ) else {
            return Ok(Err(ServiceError::Unreadable {
                host: crate::network::host(&url).to_owned(),
                what: "expiresIn and refreshToken",
            }));
        };
        let mut renewed = stored.clone();
        let mut keys = answer["accessToken"].clone();
        keys["accountId"] = stored["accessToken"]["accountId"].clone();
        keys["expiresAt"] = lookup
            .now
            .plus(time::Duration::seconds(seconds))
            .to_string()
            .into();
        renewed["accessToken"] = keys;
        renewed["refreshToken"] = refresh.into();
        Ok(Ok(renewed))
    }
}

/// A DPoP proof for a POST to `url`; `None` if the PEM text holds no P-256 key.
fn proof(pem: &str, url: &str, now: Timestamp) -> Option<String> {
    let random = SystemRandom::new();
    let (private, public) = key_in(pem)?;
    let key = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &private,
        &public,
        &random,
    )
    .ok()?;
    let mut number = [0; 16];
    random.fill(&mut number).ok()?;
    let (x, y) = key.public_key().as_ref().get(1..65)?.split_at(32);
    let header = json!({
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": {
            "kty": "EC",
            "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(x),
            "y": URL_SAFE_NO_PAD.encode(y),
        },
    });
    let payload = json!({
        "htm": "POST",
        "htu": url,
        "iat": now.unix_seconds(),
        "jti": URL_SAFE_NO_PAD.encode(number),
    });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(payload.to_string())
    );
    let signature = key.sign(&random, signed.as_bytes()).ok()?;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The private and the public half of a P-256 key, from SEC 1 (`EC PRIVATE KEY`, RFC 5915) or from PKCS #8, which wraps it:
/// `04 20` and 32 bytes, then `03 42 00 04` and 64 bytes.
fn key_in(pem: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(|line| line.trim().chars())
        .collect();
    let der = STANDARD.decode(base64).ok()?;
    let version_and_private = [2, 1, 1, 4, 32];
    let begins = position(&der, &version_and_private)? + version_and_private.len();
    let private = der.get(begins..begins + 32)?;
    let rest = &der[begins + 32..];
    let begins = position(rest, &[3, 66, 0, 4])? + 3;
    let public = rest.get(begins..begins + 65)?;
    Some((private.to_vec(), public.to_vec()))
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// A new key in both of its forms: PKCS #8, and SEC 1, which is what PKCS #8 wraps.
    fn new_key() -> [String; 2] {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let pkcs8 = pkcs8.unwrap().as_ref().to_vec();
        let inner = position(&pkcs8, &[2, 1, 1, 4, 32]).unwrap() - 2;
        [("PRIVATE", &pkcs8[..]), ("EC PRIVATE", &pkcs8[inner..])].map(|(kind, der)| {
            let text = STANDARD.encode(der);
            let (first, rest) = text.split_at(64);
            format!("-----BEGIN {kind} KEY-----\n{first}\n{rest}\n-----END {kind} KEY-----\n")
        })
    }

    #[test]
    fn a_proof_is_a_token_that_its_own_key_verifies() {
        let now = Timestamp::parse_compact("20250115T083000").unwrap();
        let url = "https://us-east-1.signin.aws.amazon.com/v1/token";
        for pem in new_key() {
            let proof = proof(&pem, url, now).unwrap();
            let (signed, signature) = proof.rsplit_once('.').unwrap();
            let (_, public) = key_in(&pem).unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public)
                .verify(signed.as_bytes(), &signature)
                .unwrap();
            let payload = URL_SAFE_NO_PAD
                .decode(signed.split('.').nth(1).unwrap())
                .unwrap();
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(payload["htu"], url);
            assert_eq!(payload["iat"], 1_736_929_800);
        }
    }

    #[test]
    fn what_is_no_key_makes_no_proof() {
        let now = Timestamp::parse_compact("20250115T083000").unwrap();
        for pem in ["", "hunter2", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n"] {
            assert_eq!(proof(pem, "https://x", now), None);
        }
    }
}
