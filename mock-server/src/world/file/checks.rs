//! What a value in a world file must look like, beyond its type.

use std::path::{Path, PathBuf};

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;

use crate::document::{DocumentError, Source, Spanned, did_you_mean};
use crate::world::{AccountId, REGIONS, Seed, World};

/// Runs a check on a value; its error is located at the value.
pub(super) fn checked<T, E: ToString>(
    source: &Source,
    value: &Spanned<String>,
    check: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, DocumentError> {
    check(value.get_ref())
        .map_err(|problem| source.error_at(value.span(), problem.to_string(), None))
}

/// The same for a value that may be missing.
pub(super) fn checked_if_there<T, E: ToString>(
    source: &Source,
    value: Option<&Spanned<String>>,
    check: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, DocumentError> {
    value.map(|value| checked(source, value, check)).transpose()
}

/// IAM's rule for the names of users, roles and sessions: up to 64 letters, digits and `+=,.@_-`.
pub(super) fn iam_name(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("this name must have 1 to 64 letters, digits and `+=,.@_-`")
    }
}

/// An access key id that nobody has yet.
pub(super) fn new_key_id(world: &World) -> impl FnOnce(&str) -> Result<String, &'static str> {
    move |text| {
        let is_id = (16..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id {
            Err("an access key id has 16 to 128 letters and digits")
        } else if world.key(text).is_some() {
            Err("this access key id is taken: ids are unique in all of AWS")
        } else {
            Ok(text.to_owned())
        }
    }
}

/// The user name that IAM makes for an HTTPS Git credential, and that nobody has yet.
pub(super) fn new_git_user_name<'a>(
    world: &'a World,
    account: &'a AccountId,
) -> impl FnOnce(&str) -> Result<String, String> + 'a {
    move |text| {
        // How a second set is named is not known; a suffix before `-at-` is allowed, so that a world can choose.
        if !text.ends_with(&format!("-at-{account}")) {
            Err(format!(
                "the user name of a Git credential of this account ends in `-at-{account}`"
            ))
        } else if world.git_credential(text).is_some() {
            Err("this user name is taken".to_owned())
        } else {
            Ok(text.to_owned())
        }
    }
}

pub(super) fn secret(text: &str) -> Result<Secret, &'static str> {
    if text.is_empty() {
        Err("this secret is empty")
    } else {
        Ok(Secret::new(text))
    }
}

/// `arn:aws:iam::111122223333:user/alice`, `...:role/Name`, `...:root`, or a service such as `ec2.amazonaws.com`.
pub(super) fn trusted_principal(text: &str) -> Result<String, &'static str> {
    let is_arn = text.starts_with("arn:") && text.split(':').count() >= 6;
    let is_service = text.ends_with(".amazonaws.com");
    let is_federated = text.starts_with("https://");
    if is_arn || is_service || is_federated {
        Ok(text.to_owned())
    } else {
        Err(
            "a trusted principal is an ARN, a service such as `ec2.amazonaws.com`, or the https:// URL of an identity provider",
        )
    }
}

/// STS's rule for serial numbers of devices, `[\w+=/:,.@-]*` and 9 to 256 characters (API reference, AssumeRole).
pub(super) fn mfa_serial(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&byte);
    if (9..=256).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("the serial of an MFA device is its ARN, or 9 or more letters and digits")
    }
}

pub(super) fn mfa_code(text: &str) -> Result<Secret, &'static str> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Secret::new(text))
    } else {
        Err("an MFA code has six digits")
    }
}

/// IAM's bounds for `MaxSessionDuration`, in seconds.
pub(super) fn session_duration(
    source: &Source,
    seconds: &Spanned<i64>,
) -> Result<time::Duration, DocumentError> {
    match *seconds.get_ref() {
        seconds @ 3600..=43200 => Ok(time::Duration::seconds(seconds)),
        _ => Err(source.error_at(
            seconds.span(),
            "a role's sessions last 3600 to 43200 seconds at most",
            None,
        )),
    }
}

pub(super) fn https_url(text: &str) -> Result<String, &'static str> {
    if text
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty())
    {
        Ok(text.to_owned())
    } else {
        Err("this URL must start with https://")
    }
}

/// A Region in which CodeCommit has an endpoint.
pub(super) fn region(text: &str) -> Result<String, String> {
    if REGIONS.contains(&text) {
        return Ok(text.to_owned());
    }
    let question = did_you_mean(text, REGIONS.iter().copied());
    let hint = question.map_or_else(String::new, |question| format!("; {question}"));
    Err(format!("CodeCommit has no Region `{text}`{hint}"))
}

/// The user guide's rules for branch names ("Quotas in AWS CodeCommit").
pub(super) fn branch(text: &str) -> Result<String, &'static str> {
    let bad_character = |c: char| c.is_whitespace() || c.is_control() || "?^*[\\~:".contains(c);
    let is_bad = text.is_empty()
        || text.chars().count() > 256
        || text.contains(bad_character)
        || text.starts_with(['/', '.', '-'])
        || text.ends_with(['/', '.'])
        || text.contains("..")
        || text.contains("//")
        || text.contains("@{")
        || text == "@";
    if is_bad {
        Err("this cannot be the name of a branch")
    } else {
        Ok(text.to_owned())
    }
}

/// A relative path starts from the folder of the document.
pub(super) fn seed(document: &Source) -> impl FnOnce(&str) -> Result<Seed, String> {
    let folder = Path::new(document.name())
        .parent()
        .map_or_else(PathBuf::new, Path::to_owned);
    move |text| match text {
        "empty" => Ok(Seed::Empty),
        "sample" => Ok(Seed::Sample),
        path => {
            let path = folder.join(path);
            if path.exists() {
                Ok(Seed::Path(path))
            } else {
                Err(format!(
                    "no repository or bundle at {}; a seed is `empty`, `sample` or a path",
                    path.display()
                ))
            }
        }
    }
}

pub(super) fn instant(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text).map_err(|_| "a time looks like `2025-01-15T08:30:00Z`")
}
