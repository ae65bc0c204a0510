//! HTTP, for the sources of credentials that need it. Nothing here is touched before the first request: no TLS roots are
//! read and no name is looked up for a key that lies in a file.
//!
//! Blocking, one connection a request: two or three requests are all that a process ever makes.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

use crate::secret::Secret;
use crate::variables::{NotText, Variables};

/// More than this is not credentials.
const LIMIT: u64 = 1024 * 1024;

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// `GET`, `POST`, `PUT`.
    pub method: &'static str,
    /// The whole URL, with nothing secret in it.
    pub url: &'a str,
    /// The headers beside those of every request. Their values may be secret.
    pub headers: &'a [(&'a str, Secret)],
    /// The body, which may be secret.
    pub body: Option<&'a Secret>,
    /// For the whole of it.
    pub timeout: Duration,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status, whatever it is.
    pub status: u16,
    /// The body, as text.
    pub body: Secret,
}

/// How to get there.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Certificates to trust instead of the system's: a PEM file.
    pub ca_bundle: Option<PathBuf>,
    /// Which proxy, for which host.
    pub proxies: Proxies,
}

/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case; as for Python, lower case counts first.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<String>,
    http: Option<String>,
    none_for: String,
}

/// A URL of a proxy may have a password in it.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("none_for", &self.none_for)
            .finish_non_exhaustive()
    }
}

/// No answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Nobody there, or not to be trusted, or too slow.
    #[error("reach {host}{via}: {error}", via = through(proxy.as_deref()))]
    Unreachable {
        /// Who was asked.
        host: String,
        /// Through which proxy.
        proxy: Option<String>,
        /// What the system says.
        error: String,
    },
    /// The certificates to trust cannot be read.
    #[error("read the certificates of {}: {error}", file.display())]
    CaBundle {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        error: String,
    },
    /// The URL of the proxy is none.
    #[error("use the proxy of {variable}: its value is not the URL of a proxy")]
    NotAProxy {
        /// Which variable.
        variable: &'static str,
    },
}

impl Call<'_> {
    /// Sends it, follows no redirect, and waits for the whole answer.
    ///
    /// # Errors
    /// [`NetworkError`] if there is no answer. A status such as 403 is an answer.
    pub fn send(&self, route: &Route) -> Result<Reply, NetworkError> {
        let host = host(self.url);
        let proxy = route.proxies.of(self.url, host)?;
        let through = proxy
            .as_ref()
            .map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        let unreachable = |error: ureq::Error| NetworkError::Unreachable {
            host: host.to_owned(),
            proxy: through.clone(),
            error: told(&error),
        };
        let mut config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("codecommit-helper/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(self.timeout))
            .proxy(proxy);
        if self.url.starts_with("https:") {
            config = config.tls_config(
                TlsConfig::builder()
                    .root_certs(roots(route.ca_bundle.as_ref())?)
                    .unversioned_rustls_crypto_provider(Arc::new(
                        rustls::crypto::ring::default_provider(),
                    ))
                    .build(),
            );
        }
        let mut request = ureq::http::Request::builder()
            .method(self.method)
            .uri(self.url);
        for (name, value) in self.headers {
            request = request.header(*name, value.expose());
        }
        let body = self.body.map_or("", Secret::expose);
        let request = request
            .body(body)
            .map_err(|error| unreachable(ureq::Error::Http(error)))?;
        let mut response = Agent::from(config.build())
            .run(request)
            .map_err(unreachable)?;
        let body = response
            .body_mut()
            .with_config()
            .limit(LIMIT)
            .read_to_vec()
            .map_err(unreachable)?;
        Ok(Reply {
            status: response.status().as_u16(),
            body: Secret::new(String::from_utf8_lossy(&body)),
        })
    }
}

impl Proxies {
    /// As the variables say.
    ///
    /// # Errors
    /// [`NotText`] if one of them is not Unicode.
    pub fn read(variables: &Variables) -> Result<Self, NotText> {
        let first = |names| {
            variables
                .first_text(names)
                .map(|found| found.map(|(_, value)| value.to_owned()))
        };
        Ok(Self {
            https: first(["https_proxy", HTTPS_PROXY])?,
            http: first(["http_proxy", HTTP_PROXY])?,
            none_for: first(["no_proxy", "NO_PROXY"])?.unwrap_or_default(),
        })
    }

    fn of(&self, url: &str, host: &str) -> Result<Option<Proxy>, NetworkError> {
        let (variable, proxy) = match url.starts_with("https:") {
            true => (HTTPS_PROXY, &self.https),
            false => (HTTP_PROXY, &self.http),
        };
        match proxy {
            Some(proxy) if !self.excludes(host) => {
                let proxy = match proxy.contains("://") {
                    true => proxy.clone(),
                    false => format!("http://{proxy}"),
                };
                Proxy::new(&proxy)
                    .map(Some)
                    .map_err(|_| NetworkError::NotAProxy { variable })
            }
            _ => Ok(None),
        }
    }

    /// `*`, or a name that the host's is or ends with, as Python reads it; with a port it is that port only.
    fn excludes(&self, host: &str) -> bool {
        let name = crate::endpoint::without_port(host);
        self.none_for.split(',').map(str::trim).any(|excluded| {
            let excluded = excluded.trim_start_matches('.');
            let ends = |text: &str| {
                let text = text.to_ascii_lowercase();
                text.strip_suffix(&excluded.to_ascii_lowercase())
                    .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            };
            excluded == "*" || (!excluded.is_empty() && (ends(host) || ends(name)))
        })
    }
}

const HTTPS_PROXY: &str = "HTTPS_PROXY";
const HTTP_PROXY: &str = "HTTP_PROXY";

/// The host of a URL, with its port.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn roots(bundle: Option<&PathBuf>) -> Result<RootCerts, NetworkError> {
    let certificates = match bundle {
        Some(file) => {
            let failed = |error: String| NetworkError::CaBundle {
                file: file.clone(),
                error,
            };
            let pem = fs::read(file).map_err(|error| failed(error.to_string()))?;
            let mut certificates = Vec::new();
            for item in parse_pem(&pem) {
                let item = item.map_err(|error| failed(error.to_string()))?;
                if let PemItem::Certificate(certificate) = item {
                    certificates.push(certificate);
                }
            }
            if certificates.is_empty() {
                return Err(failed("there is no certificate in it".to_owned()));
            }
            certificates
        }
        // SSL_CERT_FILE and SSL_CERT_DIR count here. What cannot be read is missed when it is needed.
        None => rustls_native_certs::load_native_certs()
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect(),
    };
    Ok(RootCerts::new_with_certs(&certificates))
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"))
}

fn told(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::Timeout(_) => "it takes too long".to_owned(),
        // They are about what was asked, which may be secret.
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => {
            "the request cannot be put into HTTP".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_that_of_the_scheme_unless_the_host_is_excluded() {
        let proxies = |variables: &[(&str, &str)]| {
            Proxies::read(&variables.iter().copied().collect()).unwrap()
        };
        let through = |proxies: &Proxies, url: &str| {
            let proxy = proxies.of(url, host(url)).unwrap();
            proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()))
        };
        let both = proxies(&[
            ("HTTPS_PROXY", "http://alice:hunter2@secure:8080"),
            ("HTTP_PROXY", "plain:80"),
            (
                "NO_PROXY",
                "internal.example, .local,127.0.0.1,x.example:8443",
            ),
        ]);
        for (url, proxy) in [
            ("https://sts.amazonaws.com/", Some("secure:8080")),
            ("http://sts.amazonaws.com/", Some("plain:80")),
            ("https://internal.example/", None),
            ("https://a.Internal.Example:8443/", None),
            ("https://notinternal.example/", Some("secure:8080")),
            ("https://a.local", None),
            ("http://127.0.0.1:9911/x", None),
            ("https://x.example:8443", None),
            ("https://x.example", Some("secure:8080")),
        ] {
            assert_eq!(through(&both, url).as_deref(), proxy, "{url}");
        }
        if !cfg!(windows) {
            let lower = proxies(&[("https_proxy", "http://lower:1"), ("HTTPS_PROXY", "x:2")]);
            assert_eq!(through(&lower, "https://x").as_deref(), Some("lower:1"));
        }
        let nobody = proxies(&[("HTTPS_PROXY", "x:2"), ("NO_PROXY", "*")]);
        assert_eq!(through(&nobody, "https://x"), None);
        assert!(!format!("{both:?}").contains("hunter2"));
        let broken = proxies(&[("HTTPS_PROXY", "http://:hunter2@")]);
        let error = broken.of("https://x", "x").unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn certificates_that_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let message = || roots(Some(&file)).unwrap_err().to_string();
        assert!(message().contains("ca.pem"), "{}", message());
        fs::write(&file, "nothing").unwrap();
        assert!(message().ends_with("there is no certificate in it"));
    }
}
