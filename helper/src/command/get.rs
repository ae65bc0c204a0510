//! `get`: from git's request to a password.

use time::Duration;

use super::Options;
use crate::clock::{CLOCK_VARIABLE, Clock, NotAClock};
use crate::credentials::{CredentialsError, Session};
use crate::endpoint::{Endpoint, without_port};
use crate::hint::Hint;
use crate::password::{SERVICE, Signable, user_name};
use crate::protocol::{Answer, Request};
use crate::quoting::quote;
use crate::secret::Secret;
use crate::variables::{NotText, Variables};

/// How long git may use a password. CodeCommit takes it for about 15 minutes ("Troubleshooting the credential helper"),
/// and a minute is left for the request itself.
pub const LIFETIME: Duration = Duration::minutes(14);

/// There is no password for a host that is ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// A CodeCommit host, but not over HTTPS.
    #[error(
        "sign for {host}: the protocol is {}, and a password is sent over https only",
        protocol.as_deref().unwrap_or("not known")
    )]
    NotHttps {
        /// The host.
        host: String,
        /// What git would use.
        protocol: Option<String>,
    },
    /// Git did not say which repository.
    #[error(
        "sign for {host}: git sent no repository path, because credential.useHttpPath is not set for this host"
    )]
    NoPath {
        /// The host, with a port if git has one.
        host: String,
    },
    /// The URL has nothing behind the host.
    #[error("sign for {host}: the URL names no repository")]
    EmptyPath {
        /// The host.
        host: String,
    },
    /// The host does not name a Region, and nothing else does.
    #[error("sign for {host}: the host names no Region, and neither does anything else")]
    NoRegion {
        /// The host.
        host: String,
    },
    /// A variable cannot be read.
    #[error(transparent)]
    Variable(#[from] NotText),
    /// The clock's setting cannot be read.
    #[error(transparent)]
    Clock(#[from] NotAClock),
    /// There is no key to sign with.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

impl GetError {
    /// What helps to see the cause, then what to do.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::NoPath { host } => vec![Hint::run(
                "to have git send it",
                format!(
                    "git config --global {} true",
                    quote(&format!("credential.https://{host}.useHttpPath"))
                ),
            )],
            Self::EmptyPath { host } => vec![Hint::note(format!(
                "a repository's URL is https://{host}/v1/repos/NAME"
            ))],
            Self::NoRegion { .. } => vec![Hint::note(
                "name one with --region, AWS_REGION, AWS_DEFAULT_REGION or `region` in the profile",
            )],
            Self::Credentials(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// The answer to a request, or `None` if the host is none of ours and another helper may know it.
///
/// `machine` is the clock that git goes by; the variable [`CLOCK_VARIABLE`] moves the one that is signed with.
///
/// # Errors
/// [`GetError`] if the host is ours and there is no password for it.
pub fn answer(
    request: &Request,
    options: &Options,
    variables: &Variables,
    machine: Clock,
) -> Result<Option<Answer>, GetError> {
    let Some(host) = request.host.as_deref().filter(|host| !host.is_empty()) else {
        // Git asks so for the password of a client certificate.
        return Ok(None);
    };
    let endpoint = Endpoint::parse(host);
    if !options.ignore_host_check {
        if endpoint.is_none() && !options.allows(host) {
            return Ok(None);
        }
        if request.protocol.as_deref() != Some("https") {
            return Err(GetError::NotHttps {
                host: host.to_owned(),
                protocol: request.protocol.clone(),
            });
        }
    }
    let path = signed_path(request, host)?;
    let session = Session::new(variables, options.profile.as_deref())?
        .with_region(options.region.as_deref())
        .with_host_region(endpoint.as_ref().map(Endpoint::region));
    let clock = match variables.text(CLOCK_VARIABLE)? {
        Some(how) => machine.moved(how)?,
        None => machine,
    };
    let now = clock.now();
    let credentials = session.credentials(now)?;
    let region = match &endpoint {
        // A host's own Region comes before any other: the service checks the signature in the Region that it is in.
        Some(endpoint) => endpoint.region().to_owned(),
        None => session.region()?.ok_or_else(|| GetError::NoRegion {
            host: host.to_owned(),
        })?,
    };
    let password = Signable {
        host: endpoint.as_ref().map_or(without_port(host), Endpoint::host),
        path: &path,
        region: &region,
        service: SERVICE,
        at: now,
    }
    .sign(credentials.secret_access_key.expose());

    let left = match credentials.expires {
        Some(end) => LIFETIME.min(end.since(now)),
        None => LIFETIME,
    };
    let token = credentials.session_token.as_ref().map(Secret::expose);
    Ok(Some(Answer {
        user_name: Secret::new(user_name(&credentials.access_key_id, token)),
        password: Secret::new(password.expose()),
        // In git's time: with a moved clock, git would throw away a password that looks expired to it.
        expires: machine.now().plus(left),
    }))
}

/// The path to sign: git's, behind one slash.
///
/// Git sends it without a leading slash. The example in `aws codecommit credential-helper help` has one, and the AWS
/// CLI signs two for it, which is no repository's path; here it is one. All else is signed as it comes, except that, as
/// with the AWS CLI, a query or fragment is no part of the path.
fn signed_path(request: &Request, host: &str) -> Result<String, GetError> {
    let host = || host.to_owned();
    let path = request
        .path
        .as_deref()
        .ok_or_else(|| GetError::NoPath { host: host() })?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches('/');
    if path.is_empty() {
        return Err(GetError::EmptyPath { host: host() });
    }
    Ok(format!("/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    const HOST: &str = "git-codecommit.us-east-1.amazonaws.com";

    fn request(protocol: &str, host: &str, path: &str) -> Request {
        Request {
            protocol: Some(protocol.to_owned()),
            host: Some(host.to_owned()),
            path: Some(path.to_owned()),
            ..Request::default()
        }
    }

    fn variables(more: &[(&str, &str)]) -> Variables {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ];
        keys.iter().chain(more).copied().collect()
    }

    fn machine() -> Clock {
        Clock::Fixed(Timestamp::parse_compact("20250115T083000").unwrap())
    }

    fn get(request: &Request, more: &[(&str, &str)]) -> Result<Option<Answer>, GetError> {
        answer(request, &Options::default(), &variables(more), machine())
    }

    fn anywhere(region: Option<&str>) -> Options {
        Options {
            region: region.map(str::to_owned),
            ignore_host_check: true,
            ..Options::default()
        }
    }

    #[test]
    fn look_alikes_and_strangers_get_silence() {
        for host in [
            "github.com",
            "notamazonaws.com.evil.example",
            "git-codecommit.us-east-1.amazonaws.com.evil.example",
            "s3.us-west-2.amazonaws.com",
            "localhost:8443",
            "",
        ] {
            let answer = get(&request("https", host, "v1/repos/X"), &[]).unwrap();
            assert!(answer.is_none(), "{host}");
        }
        let no_host = Request {
            host: None,
            ..request("cert", "", "/home/alice/key.pem")
        };
        assert!(get(&no_host, &[]).unwrap().is_none());
    }

    #[test]
    fn plain_http_is_refused() {
        let error = get(&request("http", HOST, "v1/repos/X"), &[]).unwrap_err();
        assert!(matches!(error, GetError::NotHttps { .. }));
    }

    #[test]
    fn any_number_of_leading_slashes_is_one() {
        let password = |path| {
            let answer = get(&request("https", HOST, path), &[]).unwrap().unwrap();
            answer.password
        };
        let plain = password("v1/repos/MyDemoRepo");
        for path in ["/v1/repos/MyDemoRepo", "//v1/repos/MyDemoRepo?x#y"] {
            assert_eq!(password(path), plain, "{path}");
        }
        assert_ne!(password("v1/repos/MyDemoRepo/"), plain);
    }

    #[test]
    fn a_path_that_is_missing_and_one_that_is_empty_are_two_things() {
        let mut asked = request("https", "git-codecommit.us-east-1.amazonaws.com:8443", "");
        let error = get(&asked, &[]).unwrap_err();
        assert!(matches!(error, GetError::EmptyPath { .. }));
        asked.path = None;
        let hints = get(&asked, &[]).unwrap_err().hints();
        assert_eq!(
            hints,
            [Hint::run(
                "to have git send it",
                "git config --global \
                 credential.https://git-codecommit.us-east-1.amazonaws.com:8443.useHttpPath true"
            )]
        );
    }

    #[test]
    fn git_may_use_it_for_14_minutes_or_to_the_end_of_the_session() {
        let expires = |more: &[(&str, &str)]| {
            let answer = get(&request("https", HOST, "v1/repos/X"), more);
            answer.unwrap().unwrap().expires.to_string()
        };
        assert_eq!(expires(&[]), "2025-01-15T08:44:00Z");
        let session = ("AWS_CREDENTIAL_EXPIRATION", "2025-01-15T08:35:00Z");
        assert_eq!(expires(&[session]), "2025-01-15T08:35:00Z");
        let later = ("AWS_CREDENTIAL_EXPIRATION", "2025-01-15T20:35:00Z");
        assert_eq!(expires(&[later]), "2025-01-15T08:44:00Z");
        // The helper's clock is two hours behind; git's is not.
        let behind = (CLOCK_VARIABLE, "-2h");
        assert_eq!(expires(&[behind]), "2025-01-15T08:44:00Z");
        assert_eq!(expires(&[behind, session]), "2025-01-15T08:44:00Z");
    }

    #[test]
    fn a_session_that_has_ended_is_an_error() {
        let ended = ("AWS_CREDENTIAL_EXPIRATION", "2025-01-15T08:30:00Z");
        let error = get(&request("https", HOST, "v1/repos/X"), &[ended]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "use the session of the environment: it ended at 2025-01-15T08:30:00Z, and it is 2025-01-15T08:30:00Z"
        );
    }

    #[test]
    fn the_clock_of_the_variable_is_signed() {
        let moved = (CLOCK_VARIABLE, "+16m");
        let answer = get(&request("https", HOST, "v1/repos/X"), &[moved]).unwrap();
        let password = answer.unwrap().password;
        assert!(password.expose().starts_with("20250115T084600Z"));
        let wrong = (CLOCK_VARIABLE, "soon");
        let error = get(&request("https", HOST, "v1/repos/X"), &[wrong]).unwrap_err();
        assert!(matches!(error, GetError::Clock(_)));
    }

    #[test]
    fn the_region_is_the_hosts_then_the_options_then_the_variables() {
        let signature = |host: &str, options: &Options, more: &[(&str, &str)]| {
            let asked = request("https", host, "v1/repos/X");
            let answer = answer(&asked, options, &variables(more), machine());
            answer.unwrap().unwrap().password
        };
        let signed_in = |host: &str, region: &str| {
            let Clock::Fixed(at) = machine() else {
                panic!("the clock moves");
            };
            let signable = Signable {
                host,
                path: "/v1/repos/X",
                region,
                service: SERVICE,
                at,
            };
            let password = signable.sign("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
            Secret::new(password.expose())
        };
        let both = [("AWS_REGION", "ar"), ("AWS_DEFAULT_REGION", "adr")];
        for (host, options, more, region) in [
            (HOST, anywhere(Some("r")), &both[..], "us-east-1"),
            ("localhost", anywhere(Some("r")), &both[..], "r"),
            ("localhost", anywhere(Some("")), &both[..], "ar"),
            ("localhost", anywhere(None), &both[1..], "adr"),
        ] {
            let expected = signed_in(host, region);
            assert_eq!(signature(host, &options, more), expected, "{region}");
        }
        let nowhere = request("https", "localhost", "v1/repos/X");
        let error = answer(&nowhere, &anywhere(None), &variables(&[]), machine()).unwrap_err();
        assert!(matches!(error, GetError::NoRegion { .. }));
    }

    #[test]
    fn an_allowed_host_is_signed_over_https_and_no_other() {
        let options = Options {
            region: Some("r".to_owned()),
            allowed_hosts: vec!["Test.example".to_owned(), "localhost:8443".to_owned()],
            ..Options::default()
        };
        let get = |protocol, host| {
            let asked = request(protocol, host, "v1/repos/X");
            answer(&asked, &options, &variables(&[]), machine()).map(|answer| answer.is_some())
        };
        for (host, signed) in [
            ("test.example", true),
            ("TEST.EXAMPLE:8443", true),
            ("localhost:8443", true),
            ("localhost:8444", false),
            ("localhost", false),
            ("test.example.evil", false),
            ("x.test.example", false),
        ] {
            assert_eq!(get("https", host).unwrap(), signed, "{host}");
        }
        assert!(matches!(
            get("http", "test.example"),
            Err(GetError::NotHttps { .. })
        ));
    }

    #[test]
    fn without_the_host_check_http_and_any_host_are_signed() {
        let asked = request("http", "localhost:8443", "v1/repos/X");
        let answer = answer(&asked, &anywhere(Some("r")), &variables(&[]), machine());
        assert!(answer.unwrap().is_some());
    }
}
