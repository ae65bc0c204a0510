//! `git-remote-codecommit`: git's `codecommit://` and `codecommit::REGION://` URLs, over HTTPS with our helper.
//!
//! The Python program of this name writes the password into the URL of `git remote-http`, so that `ps` and `GIT_TRACE`
//! show it and every credential store is given it. Here the URL has no secret in it: git gets our helper for this host
//! with `-c`, as if it stood in its configuration.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::credentials::{CredentialsError, Session};
use crate::endpoint::{Endpoint, Partition};
use crate::hint::Hint;
use crate::quoting::quote;
use crate::variables::{NotText, Variables};

/// `HOST` or `HOST:PORT`, instead of CodeCommit's own for the Region. The Python program reads it too.
pub const ENDPOINT_VARIABLE: &str = "CODE_COMMIT_ENDPOINT";

/// The first argument with which the program is a credential helper itself: the one that it names to git.
pub(super) const HELPER_ARGUMENT: &str = "credential-helper";

/// There is no URL to give to git.
///
/// The sentences are those of the Python program, which AWS's documentation quotes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// Not called as git calls it: too few arguments.
    #[error("Too few arguments. This hook requires the git command and remote.")]
    TooFewArguments,
    /// Not called as git calls it: too many arguments.
    #[error(
        "Too many arguments. Hook only accepts the git command and remote, but argv was: '{}'",
        arguments.join("', '")
    )]
    TooManyArguments {
        /// All of them.
        arguments: Vec<String>,
    },
    /// Another URL.
    #[error(
        "The following URL is malformed: {url}. A URL must be in one of the two following formats: \
         codecommit://<profile>@<repository> or codecommit::<region>://<profile>@<repository>"
    )]
    Malformed {
        /// The URL, as git handed it over.
        url: String,
    },
    /// The profile of the URL does not exist.
    #[error(
        "The following profile was not found: {profile}. Available profiles are: {}. Either use one of the available \
         profiles, or create an AWS CLI profile to use and then try again. For more information, see Configure an AWS \
         CLI Profile in the AWS CLI User Guide.",
        known.join(", ")
    )]
    UnknownProfile {
        /// Its name.
        profile: String,
        /// Those that exist.
        known: Vec<String>,
        /// What helps.
        hints: Vec<Hint>,
    },
    /// Neither the URL nor the configuration names a Region.
    #[error(
        "The following profile does not have an AWS Region: {profile}. You must set an AWS Region for this profile. For \
         more information, see Configure An AWS CLI Profile in the AWS CLI User Guide."
    )]
    NoRegion {
        /// The profile that was asked.
        profile: String,
        /// The URL with a Region in it.
        example: String,
    },
    /// The configuration names something that is no Region.
    #[error(
        "The following AWS Region is not available for use with AWS CodeCommit: {region}. For more information about \
         CodeCommit's availability in AWS Regions, see the AWS CodeCommit User Guide."
    )]
    NotARegion {
        /// What it names.
        region: String,
    },
    /// A variable cannot be read.
    #[error("failed to {0}")]
    Variable(#[from] NotText),
    /// The profiles cannot be read.
    #[error("failed to {0}")]
    Credentials(CredentialsError),
    /// Where this program lies is not known.
    #[error("failed to find out where this program lies: {0}")]
    NoProgram(io::Error),
    /// Git cannot be started.
    #[error("failed to start git: {0}")]
    NoGit(io::Error),
}

impl RemoteError {
    /// What helps to see the cause, then what to do.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::UnknownProfile { hints, .. } => hints.clone(),
            Self::NoRegion { profile, example } => vec![
                Hint::run(
                    "to set one",
                    format!(
                        "aws configure set region REGION --profile {}",
                        quote(profile)
                    ),
                ),
                Hint::note(format!("or name it in the URL: {example}")),
            ],
            Self::Credentials(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// What `git remote-https` is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The name of the remote, or its URL if it has none: git's first argument.
    pub remote: String,
    /// The repository's URL. There is no secret in it.
    pub url: String,
    /// Settings, in this order.
    pub settings: Vec<(String, String)>,
}

impl Invocation {
    /// Reads git's arguments: the remote, and the URL, from which git has cut `codecommit::` off. `program` is what
    /// shall be the credential helper when its first argument is `credential-helper`.
    ///
    /// # Errors
    /// [`RemoteError`] if there is no repository to be found in them.
    pub fn read(
        arguments: &[String],
        variables: &Variables,
        program: &Path,
    ) -> Result<Self, RemoteError> {
        let [remote, url] = arguments else {
            return Err(match arguments {
                [] | [_] => RemoteError::TooFewArguments,
                _ => RemoteError::TooManyArguments {
                    arguments: arguments.to_vec(),
                },
            });
        };
        let address =
            Address::parse(url).ok_or_else(|| RemoteError::Malformed { url: url.clone() })?;
        let session = Session::new(variables, address.profile)?;
        if let Some(profile) = address.profile {
            session.check_profile().map_err(|error| match error {
                CredentialsError::UnknownProfile { ref known, .. } => RemoteError::UnknownProfile {
                    profile: profile.to_owned(),
                    known: known.clone(),
                    hints: error.hints(),
                },
                other => RemoteError::Credentials(other),
            })?;
        }
        let region = match address.region {
            Some(region) => region,
            None => region_of(&session, &address)?,
        };
        let host = host(variables, &session, &region)?;

        let origin = format!("https://{host}");
        let setting = |key: &str, value: String| (format!("credential.{origin}.{key}"), value);
        Ok(Self {
            remote: remote.clone(),
            url: format!("{origin}/v1/repos/{}", address.repository),
            settings: vec![
                // Forgets every helper that was configured: none of them is asked, or told to store.
                setting("helper", String::new()),
                setting("helper", helper(program, address.profile, &host, &region)),
                setting("useHttpPath", "true".to_owned()),
            ],
        })
    }

    /// The arguments of git.
    ///
    /// The settings are `-c` arguments, which git reads after all others, also after those of the `git -c` that the user
    /// has typed. `GIT_CONFIG_COUNT` is read before these: a helper named there would come after ours and be told to store.
    pub fn arguments(&self) -> Vec<String> {
        let settings = self.settings.iter();
        let mut arguments: Vec<String> = settings
            .flat_map(|(key, value)| ["-c".to_owned(), format!("{key}={value}")])
            .collect();
        arguments.extend(["remote-https", &self.remote, &self.url].map(str::to_owned));
        arguments
    }

    /// `git remote-https` with these settings. Git has put the folder of its commands first on PATH, so it is the git
    /// that called.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.args(self.arguments());
        command
    }
}

/// What a URL says.
#[derive(Debug, PartialEq, Eq)]
struct Address<'a> {
    region: Option<String>,
    profile: Option<&'a str>,
    repository: &'a str,
}

impl<'a> Address<'a> {
    /// `codecommit://[PROFILE@]REPOSITORY` or `REGION://[PROFILE@]REPOSITORY`. Like the Python program it takes the Region
    /// in any case, drops what follows the repository's name, and decodes nothing.
    fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (profile, repository) = match authority.split_once('@') {
            Some((profile, repository)) => (Some(profile), repository),
            None => (None, authority),
        };
        let region = match scheme.as_str() {
            "codecommit" => None,
            _ if is_region(&scheme) => Some(scheme),
            _ => return None,
        };
        // They would be lines of their own in what git and its helpers tell each other.
        let is_text = !authority.contains(char::is_control);
        (is_text && !repository.is_empty() && profile != Some("")).then_some(Self {
            region,
            profile,
            repository,
        })
    }
}

/// A name that a Region could have, `eu-west-1`. Which ones there are changes, and the host name will tell.
fn is_region(name: &str) -> bool {
    let mut parts = name.split('-');
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let begins = parts
        .next()
        .is_some_and(|part| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    let rest: Vec<&str> = parts.collect();
    let ends = rest
        .last()
        .is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    begins && ends && rest.len() >= 2 && rest.iter().all(|part| is_word(part))
}

fn region_of(session: &Session<'_>, address: &Address<'_>) -> Result<String, RemoteError> {
    let region = session.region().map_err(RemoteError::Credentials)?;
    match region {
        Some(region) if is_region(&region) => Ok(region),
        Some(region) => Err(RemoteError::NotARegion { region }),
        None => Err(RemoteError::NoRegion {
            profile: session.profile().to_owned(),
            example: match address.profile {
                Some(profile) => format!("codecommit::REGION://{profile}@{}", address.repository),
                None => format!("codecommit::REGION://{}", address.repository),
            },
        }),
    }
}

fn host(variables: &Variables, session: &Session<'_>, region: &str) -> Result<String, RemoteError> {
    if let Some(host) = variables.text(ENDPOINT_VARIABLE)? {
        return Ok(host.to_owned());
    }
    let fips = session.uses_fips().map_err(RemoteError::Credentials)?;
    let service = if fips {
        "git-codecommit-fips"
    } else {
        "git-codecommit"
    };
    let suffix = Partition::of_region(region).dns_suffix();
    Ok(format!("{service}.{region}.{suffix}"))
}

/// The value of `credential.helper`: a command for git's shell.
fn helper(program: &Path, profile: Option<&str>, host: &str, region: &str) -> String {
    let mut words = vec![
        crate::command::setup::shell_path(program),
        HELPER_ARGUMENT.to_owned(),
    ];
    if let Some(profile) = profile {
        words.extend(["--profile".to_owned(), profile.to_owned()]);
    }
    if Endpoint::parse(host).is_none() {
        let more = ["--allow-host", host, "--region", region];
        words.extend(more.map(str::to_owned));
    }
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("!{}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, variables: &[(&str, &str)]) -> Result<Invocation, RemoteError> {
        // No home, so no files.
        let nowhere = [("AWS_CONFIG_FILE", ""), ("AWS_SHARED_CREDENTIALS_FILE", "")];
        let variables = nowhere.iter().chain(variables).copied().collect();
        let arguments = ["origin", url].map(str::to_owned);
        Invocation::read(&arguments, &variables, Path::new("/bin/git remote"))
    }

    #[test]
    fn the_region_comes_from_the_url_or_from_the_environment() {
        for (url, variables, expected) in [
            (
                "eu-west-1://Demo",
                &[][..],
                "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/Demo",
            ),
            (
                "US-GOV-WEST-1://Demo/extra?x#y",
                &[],
                "https://git-codecommit.us-gov-west-1.amazonaws.com/v1/repos/Demo",
            ),
            (
                "codecommit://De.mo",
                &[("AWS_DEFAULT_REGION", "us-east-2")],
                "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/De.mo",
            ),
            (
                "cn-north-1://Demo",
                &[],
                "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/Demo",
            ),
            (
                "ca-central-1://Demo",
                &[("AWS_USE_FIPS_ENDPOINT", "true")],
                "https://git-codecommit-fips.ca-central-1.amazonaws.com/v1/repos/Demo",
            ),
            (
                "xx-someday-9://Demo",
                &[(ENDPOINT_VARIABLE, "localhost:8443")],
                "https://localhost:8443/v1/repos/Demo",
            ),
        ] {
            assert_eq!(read(url, variables).unwrap().url, expected, "{url}");
        }
    }

    #[test]
    fn other_urls_are_malformed() {
        for url in [
            "codecommit::us-east-1://Demo",
            "https://Demo",
            "us-east://Demo",
            "us-east-1:Demo",
            "codecommit://",
            "codecommit:///Demo",
            "codecommit://@Demo",
            "codecommit://dev@",
            "u\u{e9}-east-1://Demo",
            "-1://Demo",
            "us--1://Demo",
            "us-east-1://De\nmo",
            "",
        ] {
            let error = read(url, &[("AWS_REGION", "us-east-1")]).unwrap_err();
            assert!(matches!(error, RemoteError::Malformed { .. }), "{url}");
        }
    }

    #[test]
    fn what_is_missing_is_said_in_the_documented_words() {
        let error = read("codecommit://Demo", &[]).unwrap_err().to_string();
        assert!(
            error.starts_with("The following profile does not have an AWS Region: default."),
            "{error}"
        );
        let error = read("us-east-1://nope@Demo", &[]).unwrap_err().to_string();
        assert!(
            error.starts_with("The following profile was not found: nope."),
            "{error}"
        );
        let error = read("codecommit://Demo", &[("AWS_REGION", "nowhere")]);
        assert!(matches!(error, Err(RemoteError::NotARegion { .. })));
    }

    #[test]
    fn the_helper_replaces_all_others_for_this_host_only() {
        let origin = "credential.https://git-codecommit.eu-west-1.amazonaws.com";
        let invocation = read("eu-west-1://Demo", &[]).unwrap();
        assert_eq!(
            invocation.settings,
            [
                (format!("{origin}.helper"), String::new()),
                (
                    format!("{origin}.helper"),
                    "!'/bin/git remote' credential-helper".to_owned()
                ),
                (format!("{origin}.useHttpPath"), "true".to_owned()),
            ]
        );
        assert_eq!(
            invocation.arguments(),
            [
                "-c",
                &format!("{origin}.helper="),
                "-c",
                &format!("{origin}.helper=!'/bin/git remote' credential-helper"),
                "-c",
                &format!("{origin}.useHttpPath=true"),
                "remote-https",
                "origin",
                "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/Demo",
            ]
        );
    }

    #[test]
    fn a_host_of_the_users_own_is_allowed_and_given_its_region() {
        let variables = [(ENDPOINT_VARIABLE, "localhost:8443")];
        let invocation = read("eu-west-1://Demo", &variables).unwrap();
        assert_eq!(
            invocation.settings[1].1,
            "!'/bin/git remote' credential-helper --allow-host localhost:8443 --region eu-west-1"
        );
    }
}
