//! The SigV4 Git password: made by a credential helper, checked by the endpoint.
//!
//! It is Signature Version 4 with its own canonical request: the method is `GIT`, only the host is signed, and the
//! payload-hash line is empty. The recipe is not in AWS's documentation; it is read from the AWS CLI's
//! `awscli/customizations/codecommit.py` and from git-remote-codecommit, which agree.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use sha2::{Digest, Sha256};

use crate::timestamp::Timestamp;

/// The service name in the credential scope of a Git password.
pub const SERVICE: &str = "codecommit";

/// What a Git password is a signature of.
///
/// The session token is not part of it: it travels in the user name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signable<'a> {
    /// The host, as it is signed: normally without a port.
    pub host: &'a str,
    /// The repository path with its leading slash, `/v1/repos/NAME`; signed byte for byte, never normalised.
    pub path: &'a str,
    /// The Region in the credential scope.
    pub region: &'a str,
    /// The service in the credential scope, normally [`SERVICE`].
    pub service: &'a str,
    /// When it is signed.
    pub at: Timestamp,
}

impl Signable<'_> {
    /// The canonical request. It ends with a line feed: the payload-hash line is empty.
    pub fn canonical_request(&self) -> String {
        format!("GIT\n{}\n\nhost:{}\n\nhost\n", self.path, self.host)
    }

    /// `20250115/us-east-1/codecommit/aws4_request`.
    pub fn credential_scope(&self) -> String {
        format!(
            "{}/{}/{}/aws4_request",
            self.at.date(),
            self.region,
            self.service
        )
    }

    /// The string to sign. Its time stamp has no `Z`, unlike every other SigV4 string to sign.
    pub fn string_to_sign(&self) -> String {
        let mut text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n",
            self.at.compact(),
            self.credential_scope()
        );
        for byte in Sha256::digest(self.canonical_request()) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// The password that `secret` (a secret access key) makes of it.
    pub fn sign(&self, secret: &str) -> GitPassword {
        let key = generate_signing_key(secret, self.at.to_system_time(), self.region, self.service);
        GitPassword {
            at: self.at,
            signature: calculate_signature(key, self.string_to_sign().as_bytes()),
        }
    }
}

/// A Git password: `20250115T083000Z` and 64 lower-case hex digits. Good for about 15 minutes, for one repository path.
#[derive(Clone, PartialEq, Eq)]
pub struct GitPassword {
    at: Timestamp,
    signature: String,
}

impl GitPassword {
    /// When it was signed, as its first 15 characters say.
    pub fn signed_at(&self) -> Timestamp {
        self.at
    }

    /// The signature, 64 lower-case hex digits.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The password as git sends it.
    pub fn expose(&self) -> String {
        format!("{}Z{}", self.at.compact(), self.signature)
    }
}

impl fmt::Debug for GitPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z<redacted>", self.at.compact())
    }
}

/// The text does not have the shape of a Git password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read a Git password of the form YYYYMMDDTHHMMSSZ and 64 lower-case hex digits")]
pub struct NotAGitPassword;

impl FromStr for GitPassword {
    type Err = NotAGitPassword;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stamp, signature) = text.split_once('Z').ok_or(NotAGitPassword)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if signature.len() != 64 || !signature.bytes().all(is_hex) {
            return Err(NotAGitPassword);
        }
        Ok(Self {
            at: Timestamp::parse_compact(stamp).map_err(|_| NotAGitPassword)?,
            signature: signature.to_owned(),
        })
    }
}

/// The user name that goes with a password: the access key id, and after a `%` the session token if there is one.
pub fn user_name(access_key_id: &str, session_token: Option<&str>) -> String {
    match session_token {
        Some(token) => format!("{access_key_id}%{token}"),
        None => access_key_id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signable(stamp: &str) -> Signable<'static> {
        Signable {
            host: "git-codecommit.us-east-1.amazonaws.com",
            path: "/v1/repos/MyDemoRepo",
            region: "us-east-1",
            service: SERVICE,
            at: Timestamp::parse_compact(stamp).unwrap(),
        }
    }

    // The endpoint signs with times that a client chose.
    #[test]
    fn no_year_is_too_hostile_to_sign() {
        for stamp in [
            "00000101T000000",
            "00010101T000000",
            "15821015T120000",
            "16001231T235959",
            "19691231T235959",
            "19700101T000000",
            "20380119T031408",
            "99991231T235959",
        ] {
            let password = signable(stamp).sign("secret");
            let text = password.expose();
            assert_eq!(text.parse(), Ok(password), "{stamp}");
            assert!(text.starts_with(&format!("{stamp}Z")), "{text}");
        }
    }

    // `generate_signing_key` formats the date itself: it must be the one in the credential scope.
    #[test]
    fn the_key_is_of_the_day_that_the_scope_says() {
        let one_day = ["20250115T000000", "20250115T235959"].map(|s| signable(s).at);
        assert_eq!(one_day[0].date(), one_day[1].date());
        let before = Timestamp::parse_compact("19691231T235959").unwrap();
        let time = time::OffsetDateTime::from(before.to_system_time());
        assert_eq!((time.year(), time.day()), (1969, 31));
    }

    #[test]
    fn other_shapes_are_no_git_passwords() {
        let hex = "0".repeat(64);
        for text in [
            String::new(),
            "hunter2".to_owned(),
            format!("20250115T083000{hex}"),
            format!("20250115T083000Z{}", &hex[1..]),
            format!("20250115T083000Z{hex}0"),
            format!("20250115T083000Z{}A", &hex[1..]),
            format!("20251315T083000Z{hex}"),
            format!(" 20250115T083000Z{hex}"),
        ] {
            assert_eq!(text.parse::<GitPassword>(), Err(NotAGitPassword), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_signature() {
        let password = signable("20250115T083000").sign("secret");
        assert_eq!(format!("{password:?}"), "20250115T083000Z<redacted>");
    }
}
