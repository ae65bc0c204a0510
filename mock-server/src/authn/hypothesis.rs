use codecommit_helper::endpoint::{Partition, without_port};
use codecommit_helper::password::{GitPassword, Signable};
use serde::Serialize;
use time::Duration;

use super::duration::span;
use super::git_password::{Target, is_signature_of};
use crate::world::{KeyHolder, World};

/// What a client probably did, tried out: with this one difference its signature matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hypothesis {
    /// A stable kebab-case id: `other-region`, `path-missing`, `path-different`, `port-in-host`, `host-different`,
    /// `service-different`, `other-secret`, `secret-with-white-space`, `token-missing`, `clock-off`,
    /// `body-different`.
    pub id: &'static str,
    /// What was done, in a sentence.
    pub explanation: String,
    /// What to do instead.
    pub help: String,
}

/// A temporary key signed, and its token is not in the user name.
pub(super) fn token_missing() -> Hypothesis {
    Hypothesis {
        id: "token-missing",
        explanation: "the signature is right: only the session token is missing from the user name"
            .to_owned(),
        help: "send the user name as ACCESS_KEY_ID%SESSION_TOKEN".to_owned(),
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
        id: "clock-off",
        explanation,
        help: "compare the client's clock with the server's".to_owned(),
    }
}

/// Everything that explains a signature which is not the right one. The usual mistakes are tried one at a time, then the
/// two that come together: a password made for another repository path or host of another Region.
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
                id: "other-secret",
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
                id: "secret-with-white-space",
                explanation: "signed with the right secret and white space around it".to_owned(),
                help: "take the white space out of the secret, at its start and end".to_owned(),
            });
        }
    }
    found
}

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
                    id: "other-region",
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
                    id: "path-missing",
                    explanation: "signed without the repository's path".to_owned(),
                    help: "git config --global credential.UseHttpPath true".to_owned(),
                });
            }
        }
        for path in self.other_paths(world) {
            if self.matches(&Signable {
                path: &path,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: "path-different",
                    explanation: format!("signed for the path {path}; this is {}", expected.path),
                    help: "sign the repository's path exactly as it stands in the URL, with one leading slash".to_owned(),
                });
            }
        }
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
        for port in ["443", "80"] {
            let host = format!("{}:{port}", expected.host);
            if self.matches(&Signable {
                host: &host,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: "port-in-host",
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
                    id: "host-different",
                    explanation: format!("signed for the host {host}; this is {}", expected.host),
                    help: "sign the host exactly as it stands in the URL".to_owned(),
                });
            }
        }
    }

    fn service(&self, found: &mut Vec<Hypothesis>) {
        let expected = self.expected();
        for service in ["git-codecommit", "codecommit-git", "git"] {
            if self.matches(&Signable {
                service,
                ..expected.clone()
            }) {
                found.push(Hypothesis {
                    id: "service-different",
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
                        id: "other-region",
                        explanation: format!("signed for https://{host}{path}"),
                        help: "let the helper sign for the URL that git asks about".to_owned(),
                    });
                }
            }
        }
    }
}
