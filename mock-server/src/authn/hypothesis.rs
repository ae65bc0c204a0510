use std::fmt;

use codecommit_helper::endpoint::{Partition, without_port};
use codecommit_helper::password::{GitPassword, Signable};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use time::Duration;

use super::duration::span;
use super::target::{Target, is_signature_of};
use crate::world::{KeyHolder, World};

/// What a client probably did, tried out: with this one difference its signature matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hypothesis {
    /// Which mistake it is.
    pub id: Mistake,
    /// What was done, in a sentence.
    pub explanation: String,
    /// What to do instead.
    pub help: String,
}

macro_rules! mistakes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)+) => {
        /// The mistakes that are recognised. The ids are public, as those of reasons are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum Mistake {
            $($(#[$doc])* #[doc = concat!("\n\nId: `", $id, "`.")] #[serde(rename = $id)] $variant,)+
        }

        impl Mistake {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kebab-case id.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }
    };
}

mistakes! {
    /// Signed for another Region.
    OtherRegion = "other-region",
    /// Signed without the repository's path.
    PathMissing = "path-missing",
    /// Signed for another path.
    PathDifferent = "path-different",
    /// The path was percent-encoded, or decoded once too often.
    PathEncoded = "path-encoded",
    /// Signed for the host with a port.
    PortInHost = "port-in-host",
    /// Signed for another host, or for it in another case.
    HostDifferent = "host-different",
    /// Signed for another service.
    ServiceDifferent = "service-different",
    /// Signed with the secret of another key.
    OtherSecret = "other-secret",
    /// Signed with the right secret and white space around it.
    SecretWithWhiteSpace = "secret-with-white-space",
    /// Everything is right but for the session token, which is missing.
    TokenMissing = "token-missing",
    /// The session token is the right one, percent-encoded.
    TokenPercentEncoded = "token-percent-encoded",
    /// Everything is right but for the time.
    ClockOff = "clock-off",
    /// Signed for another body.
    BodyDifferent = "body-different",
    /// The password before it was reset.
    PasswordReset = "password-reset",
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A temporary key signed, and its token is not in the user name.
pub(super) fn token_missing() -> Hypothesis {
    Hypothesis {
        id: Mistake::TokenMissing,
        explanation: "the signature is right: only the session token is missing from the user name"
            .to_owned(),
        help: "send the user name as ACCESS_KEY_ID%SESSION_TOKEN".to_owned(),
    }
}

/// The token was percent-encoded into the user name, as it has to be in a URL, and not decoded again.
pub(super) fn token_percent_encoded() -> Hypothesis {
    Hypothesis {
        id: Mistake::TokenPercentEncoded,
        explanation: "the session token is the right one, percent-encoded".to_owned(),
        help: "send the token as it is; percent-encode it only inside a URL".to_owned(),
    }
}

/// The signature is right for another time.
pub(super) fn clock_off(age: Duration) -> Hypothesis {
    let explanation = if age.is_negative() {
        format!(
            "the signature is right: the client's clock is {} ahead",
            span(-age)
        )
    } else {
        format!(
            "the signature is right: the password is old, or the client's clock is {} behind",
            span(age)
        )
    };
    Hypothesis {
        id: Mistake::ClockOff,
        explanation,
        help: "compare the client's clock with the server's".to_owned(),
    }
}

/// Everything that explains a signature which is not the right one. The usual mistakes are tried one at a time, then those
/// that come together: a password made for another path or host of another Region, a scope with both names wrong.
pub(super) fn explain(
    world: &World,
    target: &Target,
    holder: &KeyHolder<'_>,
    password: &GitPassword,
) -> Vec<Hypothesis> {
    let trial = Trial {
        target,
        password,
        secret: holder.key.secret(),
    };
    let mut found = Vec::new();
    trial.regions(world, &mut found);
    trial.paths(world, &mut found);
    trial.hosts(&mut found);
    trial.service(&mut found);
    found.extend(secrets(world, holder, |secret| {
        is_signature_of(&trial.expected(), secret, password)
    }));
    if found.is_empty() {
        trial.other_endpoint(world, &mut found);
        trial.other_scope(world, &mut found);
    }
    found
}

/// The key of somebody else, or a secret that was copied with white space around it. `made_by` is asked whether a secret made
/// the signature.
pub(super) fn secrets(
    world: &World,
    holder: &KeyHolder<'_>,
    made_by: impl Fn(&str) -> bool,
) -> Vec<Hypothesis> {
    let mut found = Vec::new();
    for other in world
        .keys()
        .into_iter()
        .filter(|other| other.key.id() != holder.key.id())
    {
        if made_by(other.key.secret()) {
            found.push(Hypothesis {
                id: Mistake::OtherSecret,
                explanation: format!(
                    "signed with the secret of {} ({}), sent with the id {}",
                    other.key.id(),
                    other.identity.describe(),
                    holder.key.id()
                ),
                help: "take access key id and secret from the same key".to_owned(),
            });
        }
    }
    for (before, after) in [
        ("", "\n"),
        ("", "\r"),
        ("", " "),
        (" ", ""),
        (" ", " "),
        ("", "\t"),
    ] {
        if made_by(&format!("{before}{}{after}", holder.key.secret())) {
            found.push(Hypothesis {
                id: Mistake::SecretWithWhiteSpace,
                explanation: "signed with the right secret and white space around it".to_owned(),
                help: "take the white space out of the secret, at its start and end".to_owned(),
            });
        }
    }
    found
}

/// What stays as it is when a path is put into a URL (RFC 3986, section 3.3).
const URL_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Names that are taken for the service's: those of CodeCommit's other hosts, and of services whose examples are copied.
const OTHER_SERVICES: [&str; 8] = [
    "git-codecommit",
    "codecommit-git",
    "git",
    "CodeCommit",
    "s3",
    "sts",
    "iam",
    "execute-api",
];

struct Trial<'a> {
    target: &'a Target,
    password: &'a GitPassword,
    secret: &'a str,
}

impl<'a> Trial<'a> {
    /// What should have been signed.
    fn expected(&self) -> Signable<'a> {
        let host = without_port(&self.target.authority);
        self.target.signable(host, self.password.signed_at())
    }

    fn matches(&self, signable: &Signable<'_>) -> bool {
        is_signature_of(signable, self.secret, self.password)
    }

    fn regions(&self, world: &World, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for region in world.regions().filter(|region| *region != expected.region) {
            if self.matches(&Signable {
                region,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::OtherRegion,
                    explanation: format!(
                        "signed for Region {region}; this host is in {}",
                        expected.region
                    ),
                    help: format!(
                        "let the helper take the Region from the host name: {}",
                        expected.region
                    ),
                });
            }
        }
    }

    fn paths(&self, world: &World, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for missing in ["/", ""] {
            if self.matches(&Signable {
                path: missing,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::PathMissing,
                    explanation: "signed without the repository's path".to_owned(),
                    help: "git config --global credential.UseHttpPath true".to_owned(),
                });
            }
        }
        for (path, how) in self.encoded_paths() {
            if self.matches(&Signable {
                path: &path,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::PathEncoded,
                    explanation: format!("signed for the path {how}: {path}"),
                    help: "sign the path percent-decoded once, and encode nothing".to_owned(),
                });
            }
        }
        for path in self.other_paths(world) {
            if self.matches(&Signable {
                path: &path,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::PathDifferent,
                    explanation: format!("signed for the path {path}; this is {}", expected.path),
                    help: if expected.path.trim_end_matches('/') == path {
                        format!("take the extra slash out of the URL: it is {path}")
                    } else {
                        "sign the repository's path exactly as it stands in the URL, with one leading slash".to_owned()
                    },
                });
            }
        }
    }

    /// The path encoded as in a URL, or decoded once too often.
    fn encoded_paths(&self) -> Vec<(String, &'static str)> {
        let path = &*self.target.repository_path;
        let encoded = utf8_percent_encode(path, URL_PATH).to_string();
        let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
        let mut paths = vec![
            (encoded, "percent-encoded"),
            (decoded, "percent-decoded once more"),
        ];
        paths.retain(|(other, _)| other != path);
        paths
    }

    /// Ways in which clients get the path wrong, and the other repositories: a password is good for one path only.
    fn other_paths(&self, world: &World) -> Vec<String> {
        let path = &*self.target.repository_path;
        let mut paths = vec![
            path.trim_start_matches('/').to_owned(),
            format!("/{path}"),
            format!("{path}/"),
            format!("{path}.git"),
            path.trim_end_matches(".git").to_owned(),
            path.trim_end_matches('/').to_owned(),
            path.to_ascii_lowercase(),
            path.rsplit('/').next().unwrap_or_default().to_owned(),
            format!("{path}/info/refs"),
            format!("{path}/git-upload-pack"),
            format!("{path}/git-receive-pack"),
        ];
        let names = world
            .accounts
            .iter()
            .flat_map(|account| &account.repositories)
            .map(|repository| repository.name.as_str());
        paths.extend(names.map(|name| format!("/v1/repos/{name}")));
        paths.retain(|other| other != path);
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    fn hosts(&self, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for port in ["443", "80", "8443", "8080"] {
            let host = format!("{}:{port}", expected.host);
            if self.matches(&Signable {
                host: &host,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::PortInHost,
                    explanation: format!(
                        "signed for the host {host}: a port is not part of the signed host"
                    ),
                    help: "cut the port off before signing".to_owned(),
                });
            }
        }
        let swapped = if expected.host.contains("git-codecommit-fips.") {
            expected
                .host
                .replacen("git-codecommit-fips.", "git-codecommit.", 1)
        } else {
            expected
                .host
                .replacen("git-codecommit.", "git-codecommit-fips.", 1)
        };
        for host in [
            swapped,
            expected.host.to_ascii_lowercase(),
            expected.host.to_ascii_uppercase(),
        ] {
            if host != expected.host
                && self.matches(&Signable {
                    host: &host,
                    ..expected.clone()
                })
            {
                found.push(Hypothesis {
                    id: Mistake::HostDifferent,
                    explanation: format!("signed for the host {host}; this is {}", expected.host),
                    help: "sign the host exactly as it stands in the URL".to_owned(),
                });
            }
        }
    }

    fn service(&self, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for service in OTHER_SERVICES {
            if self.matches(&Signable {
                service,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: Mistake::ServiceDifferent,
                    explanation: format!(
                        "signed for the service `{service}`; it is `{}`",
                        expected.service
                    ),
                    help: format!("put `{}` into the credential scope", expected.service),
                });
            }
        }
    }

    /// A password that is right for the standard endpoint of another Region: one taken along with a changed URL.
    fn other_endpoint(&self, world: &World, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        let paths = self.other_paths(world);
        for region in world.regions() {
            let host = format!(
                "git-codecommit.{region}.{}",
                Partition::of_region(region).dns_suffix()
            );
            for path in paths.iter().map(String::as_str).chain([expected.path]) {
                if self.matches(&Signable {
                    host: &host,
                    path,
                    region,
                    ..expected.clone()
                }) {
                    found.push(Hypothesis {
                        id: Mistake::OtherRegion,
                        explanation: format!("signed for https://{host}{path}"),
                        help: "let the helper sign for the URL that git asks about".to_owned(),
                    });
                }
            }
        }
    }

    /// Region and service of the credential scope, both wrong: a signer made for something else.
    fn other_scope(&self, world: &World, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for region in world.regions().filter(|region| *region != expected.region) {
            for service in OTHER_SERVICES {
                if self.matches(&Signable {
                    region,
                    service,
                    ..expected.clone()
                }) {
                    found.push(Hypothesis {
                        id: Mistake::ServiceDifferent,
                        explanation: format!(
                            "signed for the service `{service}` in {region}; it is `{}` in {}",
                            expected.service, expected.region
                        ),
                        help: format!(
                            "put `{}/{}` into the credential scope",
                            expected.region, expected.service
                        ),
                    });
                }
            }
        }
    }
}
