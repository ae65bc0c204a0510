//! What can be wrong with credentials, and what to do about it.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::profile_file::Fault;
use super::{
    Location, LoginFault, NoInstance, Origin, ProcessFault, ProfileChoice, RoleFault, ServiceError,
    SsoFault,
};
use crate::hint::Hint;
use crate::network::NetworkError;
use crate::quoting::quote;
use crate::timestamp::Timestamp;
use crate::variables::NotText;

/// No credentials, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// A variable cannot be read.
    #[error(transparent)]
    Variable(#[from] NotText),
    /// The system refuses to read a file.
    #[error("read {}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: String,
    },
    /// A file is not text.
    #[error("read {at}: the line is not UTF-8")]
    NotUtf8 {
        /// The first line that is not.
        at: Location,
    },
    /// A file breaks the format.
    #[error("read {at}: the line {fault}")]
    Malformed {
        /// The line that breaks it.
        at: Location,
        /// How.
        fault: Fault,
    },
    /// The profile was named, and does not exist.
    #[error("find profile `{}` ({choice})", choice.name())]
    UnknownProfile {
        /// Which profile, and who named it.
        choice: ProfileChoice,
        /// Where it was looked for.
        files: Vec<FileSummary>,
        /// The profiles that exist.
        known: Vec<String>,
        /// Sections that look as if they were meant.
        misspelt: Vec<Misspelt>,
    },
    /// One half of a key.
    #[error("use half a key: {origin} has {has} but no {lacks}")]
    Partial {
        /// Where it stands.
        origin: Origin,
        /// The half that is there.
        has: &'static str,
        /// The half that is missing or empty.
        lacks: &'static str,
    },
    /// A key, secret or token that no service would know.
    #[error("use the {what} of {origin}: it has white space or control characters in it")]
    NotAKey {
        /// Which of the three.
        what: &'static str,
        /// Where it stands.
        origin: Origin,
    },
    /// The end of the session is not an instant.
    #[error(
        "read the variable AWS_CREDENTIAL_EXPIRATION: `{value}` is not a time such as 2025-01-15T08:30:00Z"
    )]
    NotAnExpiration {
        /// Its value.
        value: String,
    },
    /// The session has ended.
    #[error("use the session of {origin}: it ended at {ended}, and it is {now}")]
    SessionEnded {
        /// When.
        ended: Timestamp,
        /// The helper's time.
        now: Timestamp,
        /// Where its key stands.
        origin: Origin,
    },
    /// The program of `credential_process` gave no key.
    #[error("run the credential_process of profile `{profile}` ({at}): {fault}")]
    Process {
        /// The name of the profile.
        profile: String,
        /// Where the program is named.
        at: Location,
        /// Why.
        fault: ProcessFault,
    },
    /// A role cannot be assumed as it is set up.
    #[error("assume the role of profile `{profile}` ({at}): {fault}")]
    Role {
        /// The name of the profile.
        profile: String,
        /// The line that is to blame.
        at: Location,
        /// Why.
        fault: RoleFault,
    },
    /// IAM Identity Center cannot be asked as it is set up, or wants a new login.
    #[error("use IAM Identity Center for profile `{profile}` ({at}): {fault}")]
    Sso {
        /// The name of the profile.
        profile: String,
        /// Where it is set up.
        at: Location,
        /// Why.
        fault: SsoFault,
    },
    /// A login of `aws login` is of no use.
    #[error("use the login of profile `{profile}` ({at}): {fault}")]
    Login {
        /// The name of the profile.
        profile: String,
        /// Where it is named.
        at: Location,
        /// Why.
        fault: LoginFault,
    },
    /// A service did not give a key.
    #[error("get {origin}: {error}")]
    Service {
        /// What was asked for.
        origin: Origin,
        /// Why not.
        error: ServiceError,
    },
    /// A variable names a token, and nothing names the role that it is for.
    #[error("use AWS_WEB_IDENTITY_TOKEN_FILE: AWS_ROLE_ARN is not set")]
    NoRoleForToken,
    /// A variable names a place that a token must not be sent to.
    #[error("use {variable}: {url} is neither https nor this machine nor an address of ECS or EKS")]
    NotAContainerEndpoint {
        /// The variable.
        variable: &'static str,
        /// What it names.
        url: String,
    },
    /// A token that cannot be sent in a header.
    #[error("use {variable}: the token has control characters in it")]
    NotAToken {
        /// The variable.
        variable: &'static str,
    },
    /// The system refuses to write a file.
    #[error("write {}: {error}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: String,
    },
    /// There is nothing anywhere.
    #[error("find AWS credentials")]
    NoneFound {
        /// The profile that was looked at.
        choice: ProfileChoice,
        /// The files that were looked at.
        files: Vec<FileSummary>,
        /// Why the environment's keys are not it.
        environment: NoKeys,
        /// Why the instance's keys are not it.
        instance: NoInstance,
    },
}

/// Why there are no keys from the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKeys {
    /// They are not set.
    NotSet,
    /// The secret is set, its id is not.
    SecretAlone,
    /// `--profile` names a profile, and that one counts alone.
    NotAsked,
}

/// What a file has to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// The file.
    pub path: PathBuf,
    /// How many profiles it has; `None` if there is no such file.
    pub profiles: Option<usize>,
}

/// A section whose name nearly is a profile's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// Where its header stands.
    pub at: Location,
    /// The name of the section.
    pub header: String,
    /// What it would have to be.
    pub correct: String,
}

impl CredentialsError {
    /// What helps to see the cause, then what to do.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::UnknownProfile {
                choice,
                files,
                known,
                misspelt,
            } => unknown_profile(choice.name(), files, known, misspelt),
            Self::NoneFound {
                choice,
                files,
                environment,
                instance,
            } => none_found(choice, files, *environment, instance),
            Self::Partial {
                origin: Origin::Profile { profile, .. },
                ..
            } => vec![configure(profile)],
            Self::NotAKey {
                origin: Origin::Profile { .. },
                ..
            } => vec![Hint::note(
                "a comment must stand on a line of its own: `#` after a value is a part of the value",
            )],
            Self::Sso { profile, fault, .. } => match fault {
                SsoFault::NoToken { .. } | SsoFault::Expired { .. } | SsoFault::Refused { .. } => {
                    vec![log_in("aws sso login", profile)]
                }
                _ => vec![Hint::run(
                    "to set it up",
                    format!("aws configure sso --profile {}", quote(profile)),
                )],
            },
            Self::Login { profile, .. } => vec![log_in("aws login", profile)],
            Self::Role {
                profile,
                fault: RoleFault::NoTerminal { .. },
                ..
            } => vec![Hint::run(
                "to be asked in a terminal, and have the session used here",
                format!("aws sts get-caller-identity --profile {}", quote(profile)),
            )],
            Self::Role {
                profile,
                fault: RoleFault::NoSource,
                ..
            } => vec![Hint::run(
                "to assume it with the key of another profile",
                format!(
                    "aws configure set source_profile OTHER --profile {}",
                    quote(profile)
                ),
            )],
            Self::Service {
                error: ServiceError::Network(NetworkError::Unreachable { .. }),
                ..
            } => vec![Hint::note(
                "HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE and AWS_ENDPOINT_URL say how it is reached",
            )],
            _ => Vec::new(),
        }
    }
}

fn unknown_profile(
    name: &str,
    files: &[FileSummary],
    known: &[String],
    misspelt: &[Misspelt],
) -> Vec<Hint> {
    let mut hints: Vec<Hint> = files.iter().map(looked_in).collect();
    if !known.is_empty() {
        hints.push(Hint::note(format!("there are {}", enumerate(known))));
    }
    for section in misspelt {
        hints.push(Hint::note(format!(
            "{} has [{}], which is another name: it would have to be [{}]",
            section.at, section.header, section.correct
        )));
    }
    if let Some(near) = nearest(name, known) {
        hints.push(Hint::note(format!("did you mean `{near}`?")));
    } else if misspelt.is_empty() {
        hints.push(configure(name));
    }
    hints
}

fn log_in(command: &str, profile: &str) -> Hint {
    Hint::run(
        "to log in",
        format!("{command} --profile {}", quote(profile)),
    )
}

fn none_found(
    choice: &ProfileChoice,
    files: &[FileSummary],
    environment: NoKeys,
    instance: &NoInstance,
) -> Vec<Hint> {
    let mut hints = vec![Hint::note(match environment {
        NoKeys::NotSet => "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
        NoKeys::SecretAlone => "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not",
        NoKeys::NotAsked => "the environment was not asked, since --profile names a profile",
    })];
    hints.push(Hint::note(format!(
        "profile `{}` ({choice}) has no aws_access_key_id",
        choice.name()
    )));
    hints.extend(files.iter().map(looked_in));
    hints.push(Hint::note(instance.to_string()));
    hints.push(configure(choice.name()));
    hints
}

fn configure(profile: &str) -> Hint {
    if profile == "default" {
        Hint::run("to store a key", "aws configure")
    } else {
        Hint::run(
            format!("to store a key for profile `{profile}`"),
            format!("aws configure --profile {}", quote(profile)),
        )
    }
}

fn looked_in(file: &FileSummary) -> Hint {
    let path = file.path.display();
    Hint::Note(match file.profiles {
        None => format!("looked in {path}: there is no such file"),
        Some(1) => format!("looked in {path}: 1 profile"),
        Some(count) => format!("looked in {path}: {count} profiles"),
    })
}

/// At most a dozen: some people have hundreds.
fn enumerate(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut text = String::new();
    for (index, name) in names.iter().take(MOST).enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}`{name}`");
    }
    if let Some(more @ 1..) = names.len().checked_sub(MOST) {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// The known name that was probably meant.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let plain = |text: &str| {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let name = plain(name);
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&name, &plain(known)), known))
        .filter(|(distance, _)| *distance <= name.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["default", "Code Commit", "prod"].map(str::to_owned);
        for (name, near) in [
            ("Code Comit", Some("Code Commit")),
            ("codecommit", Some("Code Commit")),
            ("code-commit", Some("Code Commit")),
            ("prd1", None),
            ("prof", Some("prod")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), near, "{name}");
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        assert!(enumerate(&names).ends_with("`11` and 2 more"));
        assert_eq!(enumerate(&names[..2]), "`0`, `1`");
        assert!(enumerate(&names[..12]).ends_with("`11`"));
    }
}
