//! AWS's services that give out keys: where they are, and how they refuse.

use serde_json::Value;

use super::lookup::Lookup;
use super::{CredentialsError, profile::Profile};
use crate::endpoint::Partition;
use crate::network::{Call, NetworkError, Reply};
use crate::secret::Secret;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Security Token Service: roles.
    Sts,
    /// IAM Identity Center's portal: keys for a role of an account.
    Sso,
    /// IAM Identity Center's tokens.
    SsoOidc,
    /// Sign-in: what `aws login` uses.
    Signin,
}

/// The service did not give a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// There is no answer.
    #[error("failed to {0}")]
    Network(#[from] NetworkError),
    /// It refuses.
    #[error("{host} answered {status}{}{}", colon(code), colon(message))]
    Refused {
        /// Who.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The name of the error, `AccessDenied`.
        code: String,
        /// What it says.
        message: String,
    },
    /// It answers something else.
    #[error("{host} answered without {what}")]
    Unreadable {
        /// Who.
        host: String,
        /// What is missing.
        what: &'static str,
    },
}

fn colon(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(": {text}")
    }
}

impl Service {
    /// As it stands in the names of variables.
    fn variable(self) -> &'static str {
        match self {
            Self::Sts => "AWS_ENDPOINT_URL_STS",
            Self::Sso => "AWS_ENDPOINT_URL_SSO",
            Self::SsoOidc => "AWS_ENDPOINT_URL_SSO_OIDC",
            Self::Signin => "AWS_ENDPOINT_URL_SIGNIN",
        }
    }

    /// As it stands in a `[services ...]` section.
    fn key(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Sso => "sso",
            Self::SsoOidc => "sso_oidc",
            Self::Signin => "signin",
        }
    }

    /// Its URL in a Region, without a slash at the end: the one that is configured, in botocore's order, or its own.
    pub(super) fn url(self, lookup: &Lookup<'_>, region: &str) -> Result<String, CredentialsError> {
        if let Some(url) = self.configured(lookup)? {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        let suffix = Partition::of_region(region).dns_suffix();
        let fips = lookup.session.uses_fips()?;
        Ok(match (self, fips) {
            // GovCloud's is FIPS under its ordinary name.
            (Self::Sts, true) if !region.starts_with("us-gov-") => {
                format!("https://sts-fips.{region}.{suffix}")
            }
            (Self::Sts, _) => format!("https://sts.{region}.{suffix}"),
            (Self::Sso, true) => format!("https://portal.sso-fips.{region}.{suffix}"),
            (Self::Sso, false) => format!("https://portal.sso.{region}.{suffix}"),
            (Self::SsoOidc, true) => format!("https://oidc-fips.{region}.{suffix}"),
            (Self::SsoOidc, false) => format!("https://oidc.{region}.{suffix}"),
            (Self::Signin, _) => match Partition::of_region(region) {
                Partition::Aws => format!("https://{region}.signin.aws.amazon.com"),
                Partition::AwsCn => format!("https://{region}.signin.amazonaws.cn"),
                Partition::AwsUsGov => format!("https://{region}.signin.amazonaws-us-gov.com"),
            },
        })
    }

    fn configured(self, lookup: &Lookup<'_>) -> Result<Option<String>, CredentialsError> {
        let variables = lookup.variables;
        let profile = lookup.profiles.chosen(lookup.choice)?;
        let profile = profile.unwrap_or(Profile::NONE);
        let ignored = match variables.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
            Some(text) => Some(text),
            None => profile
                .setting("ignore_configured_endpoint_urls")
                .map(|setting| setting.value()),
        };
        if ignored.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        if let Some((_, url)) = variables.first_text([self.variable(), "AWS_ENDPOINT_URL"])? {
            return Ok(Some(url.to_owned()));
        }
        let of_service = profile
            .setting("services")
            .and_then(|name| lookup.profiles.section("services", name.value()))
            .and_then(|section| section.nested(self.key(), "endpoint_url"));
        let url = of_service.or_else(|| {
            let setting = profile.setting("endpoint_url")?;
            Some(setting.value().to_owned())
        });
        Ok(url.filter(|url| !url.is_empty()))
    }
}

/// How a service with a JSON protocol refuses.
pub(super) fn refused(call: &Call<'_>, reply: &Reply) -> ServiceError {
    let parsed: Value = serde_json::from_str(reply.body.expose()).unwrap_or_default();
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| parsed[*name].as_str());
        found.unwrap_or_default()
    };
    refusal(
        call,
        reply.status,
        // IAM Identity Center, sign-in, OAuth and the metadata services each have their own names for it.
        text(&["__type", "error", "code", "Code"]),
        text(&["message", "error_description", "Message"]),
    )
}

/// A refusal, without what was secret in the request: some services repeat what they do not like.
pub(super) fn refusal(call: &Call<'_>, status: u16, code: &str, message: &str) -> ServiceError {
    let told = |text: &str| {
        let mut text = text.to_owned();
        for secret in secrets(call) {
            text = text.replace(secret, "<redacted>");
        }
        short(&text)
    };
    ServiceError::Refused {
        host: crate::network::host(call.url).to_owned(),
        status,
        code: told(code),
        message: told(message),
    }
}

/// What may be secret in a request: the values of headers, and every longer word of a form or of JSON but the name of the
/// operation, which a refusal is about.
fn secrets<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a str> {
    const LEAST: usize = 6;
    let headers = call.headers.iter().map(|(_, value)| value.expose());
    let body = call.body.map_or("", Secret::expose);
    let words = body.split(['"', '&', '=', '+', ',', ' ']);
    let mut parameters = body.split('&');
    let operation = parameters.find_map(|pair| pair.strip_prefix("Action="));
    headers
        .flat_map(|value| value.split([' ', ',', '=']).chain([value]))
        .chain(words)
        .filter(move |word| {
            word.len() >= LEAST && !word.contains("application/") && Some(*word) != operation
        })
}

/// What a service says may be long, and is not ours to trust.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 500;
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST)
        .collect();
    line.trim().to_owned()
}
