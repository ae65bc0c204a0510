//! Takes secrets out of text before anybody sees it.

use std::fmt;
use std::ops::Range;

use codecommit_helper::secret::Secret;
use codecommit_mock::world::World;

const REDACTED: &str = "<redacted>";

/// `20250115T101500Z`, then 64 hexadecimal digits (client-side signing recipe of the AWS CLI's helper).
const STAMP: &[u8] = b"ddddddddTddddddZ";
const SIGNATURE_DIGITS: usize = 64;

const SHORTEST_SECRET: usize = 6;

/// Knows the secrets of a world, the form of a Git password, and places where only secrets stand.
///
/// One rule for every output, `show` among them, and for every secret, those of AWS's documentation too: what looks like a secret
/// in a report should never be one. The places are for those that the world does not know: a password less its last character, a token of yesterday.
#[derive(Clone)]
pub struct Redactor {
    secrets: Vec<String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Redactor {
    /// For the secrets of this world.
    pub fn new(world: &World) -> Self {
        Self::of(&world.secrets())
    }

    /// For these secrets.
    pub fn of(known: &[Secret]) -> Self {
        let mut secrets = Vec::new();
        for secret in known {
            let secret = secret.expose();
            // Stored URLs hold the encoded form: git writes lower-case digits, Python upper-case ones.
            let encoded = percent_encoded(secret, |byte| format!("%{byte:02x}"));
            let encoded_upper = percent_encoded(secret, |byte| format!("%{byte:02X}"));
            for form in [secret.to_owned(), encoded, encoded_upper] {
                // Shorter ones are words that stand in every text; a world that has them wants to be read.
                if form.len() >= SHORTEST_SECRET && !secrets.contains(&form) {
                    secrets.push(form);
                }
            }
        }
        // A secret may contain another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// The text without its secrets.
    pub fn redact(&self, text: &str) -> String {
        self.replace(text, |_| REDACTED.to_owned())
    }

    /// The text with its secrets covered by as many asterisks, so that everything else stays where it is.
    pub fn mask(&self, text: &str) -> String {
        self.replace(text, |secret| "*".repeat(secret.len()))
    }

    fn replace(&self, text: &str, cover: impl Fn(&str) -> String) -> String {
        let mut text = replace_all(text, find_password, &cover);
        text = replace_all(&text, find_basic, &cover);
        text = replace_all(&text, find_in_url, &cover);
        text = replace_all(&text, find_value, &cover);
        for secret in &self.secrets {
            if text.contains(secret) {
                text = text.replace(secret, &cover(secret));
            }
        }
        text
    }
}

/// Covers everything that `find` finds. It finds only ASCII text, so that the rest stays whole.
fn replace_all(
    text: &str,
    find: impl Fn(&str) -> Option<Range<usize>>,
    cover: impl Fn(&str) -> String,
) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = find(rest) {
        kept.push_str(&rest[..found.start]);
        kept.push_str(&cover(&rest[found.clone()]));
        rest = &rest[found.end..];
    }
    kept.push_str(rest);
    kept
}

/// A Git password.
fn find_password(text: &str) -> Option<Range<usize>> {
    let length = STAMP.len() + SIGNATURE_DIGITS;
    let start = text.as_bytes().windows(length).position(|window| {
        let (stamp, signature) = window.split_at(STAMP.len());
        let agrees = |(byte, form): (&u8, &u8)| match form {
            b'd' => byte.is_ascii_digit(),
            form => byte == form,
        };
        stamp.iter().zip(STAMP).all(agrees) && signature.iter().all(u8::is_ascii_hexdigit)
    })?;
    Some(start..start + length)
}

/// The user name and password of an `Authorization` header as curl and git show it when they are asked to, or of git's
/// credential protocol (`authtype=Basic`, `credential=...`).
fn find_basic(text: &str) -> Option<Range<usize>> {
    // What else follows these words (`Basic realm=...`) is shorter, or not of these characters.
    const SHORTEST: usize = 16;
    let after = |word: &'static str| {
        text.match_indices(word).find_map(move |(at, _)| {
            let start = at + word.len();
            let length = text[start..]
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
                .count();
            (length >= SHORTEST).then_some(start..start + length)
        })
    };
    // The first in the text: what stands before the one that is found is not looked at again.
    ["Basic ", "credential="]
        .into_iter()
        .filter_map(after)
        .min_by_key(|found| found.start)
}

/// The password of a URL's user: `https://alice:password@host`. A password that nobody has encoded may hold a slash, and a user
/// name an `@`.
fn find_in_url(text: &str) -> Option<Range<usize>> {
    text.match_indices("://").find_map(|(at, scheme)| {
        let start = at + scheme.len();
        let ends = |c: char| c.is_whitespace() || "'\"`".contains(c);
        let url = text[start..].split(ends).next()?;
        let colon = url.find(':')? + 1;
        let authority = url.find('/').unwrap_or(url.len());
        let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let end = match url[..authority].rfind('@') {
            Some(end) => end,
            None if colon <= authority && !is_port(&url[colon..authority]) => url.rfind('@')?,
            None => return None,
        };
        let password = url.get(colon..end)?;
        is_secret(password).then_some(start + colon..start + end)
    })
}

/// The value of a key that holds a secret: in the cache of a sign-in, in the files and variables of the AWS CLI, in git's
/// credential protocol.
fn find_value(text: &str) -> Option<Range<usize>> {
    const KEYS: [&str; 9] = [
        "accessToken",
        "refreshToken",
        "clientSecret",
        "SecretAccessKey",
        "SessionToken",
        "aws_secret_access_key",
        "aws_session_token",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];
    // A line of the protocol, or a variable: in prose a colon or a blank may stand behind these words.
    const WORDS: [&str; 2] = ["password", "PASSWORD"];
    let ends = |c: char| c.is_whitespace() || "'\"`,;}\\".contains(c);
    let after = |key: &'static str| {
        text.match_indices(key).find_map(move |(at, _)| {
            let behind = &text[at + key.len()..];
            let value = match WORDS.contains(&key) {
                true => behind.strip_prefix('=')?,
                false => {
                    let value = behind.trim_start_matches(['"', ' ']);
                    value.strip_prefix([':', '='])?
                }
            };
            let value = value.trim_start_matches(['"', '\'', ' ']);
            let start = text.len() - value.len();
            let value = value.split(ends).next()?;
            (value.len() >= SHORTEST_SECRET && is_secret(value))
                .then_some(start..start + value.len())
        })
    };
    KEYS.into_iter()
        .chain(WORDS)
        .filter_map(after)
        .min_by_key(|found| found.start)
}

/// Not the name of a variable, nor a place to fill in, nor what was covered before.
fn is_secret(value: &str) -> bool {
    let covered = value == REDACTED || value.bytes().all(|byte| byte == b'*');
    !(covered || value.starts_with('$') || value.starts_with("{{"))
}

fn percent_encoded(text: &str, encode: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => encode(byte),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn redact(text: &str) -> String {
        Redactor::new(&World::demo()).redact(text)
    }

    #[test]
    fn secrets_of_the_world_go() {
        assert_eq!(redact(&format!("key={SECRET}.")), "key=<redacted>.");
        for encoded in [
            "wJalrXUtnFEMI%2fK7MDENG%2fbPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY",
        ] {
            assert_eq!(redact(encoded), "<redacted>");
        }
    }

    #[test]
    fn git_passwords_go_wherever_they_stand() {
        let password = format!("20250115T101500Z{}", "0123456789abcdef".repeat(4));
        assert_eq!(
            redact(&format!(
                "https://AKIA:{password}@host\npassword={password}"
            )),
            "https://AKIA:<redacted>@host\npassword=<redacted>"
        );
    }

    #[test]
    fn basic_credentials_go() {
        assert_eq!(
            redact("Authorization: Basic QUtJQTpzZWNyZXQtcGFzc3dvcmQ=\n"),
            "Authorization: Basic <redacted>\n"
        );
        assert_eq!(
            redact("authtype=Basic\ncredential=QUtJQTpzZWNyZXQtcGFzc3dvcmQ=\n"),
            "authtype=Basic\ncredential=<redacted>\n"
        );
        let challenge = "WWW-Authenticate: Basic realm=\"AWS CodeCommit\"";
        assert_eq!(redact(challenge), challenge);
    }

    #[test]
    fn what_the_world_does_not_know_goes_by_where_it_stands() {
        for (text, without) in [
            (
                "echo 'https://alice-at-1:pAsswOrdEXAMPL@host/v1' > x",
                "echo 'https://alice-at-1:<redacted>@host/v1' > x",
            ),
            (
                "https://a@example.com-at-1:ab%3D@host/x@y https://b:cd@host",
                "https://a@example.com-at-1:<redacted>@host/x@y https://b:<redacted>@host",
            ),
            (
                "https://alice:ab/c=@host/v1",
                "https://alice:<redacted>@host/v1",
            ),
            (
                r#"{"accessToken": "of-yesterday", "refreshToken":"older-still"}"#,
                r#"{"accessToken": "<redacted>", "refreshToken":"<redacted>"}"#,
            ),
            (
                "aws_secret_access_key = wJalrXUtnFEMI\naws_session_token=AQoEXAMPLE",
                "aws_secret_access_key = <redacted>\naws_session_token=<redacted>",
            ),
            (
                r"printf 'username=a\npassword=of-my-own\n'",
                r"printf 'username=a\npassword=<redacted>\n'",
            ),
            (
                "GIT_PASSWORD=\"of-my-own\" AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI' x",
                "GIT_PASSWORD=\"<redacted>\" AWS_SECRET_ACCESS_KEY='<redacted>' x",
            ),
        ] {
            assert_eq!(redact(text), without);
            assert_eq!(redact(without), without);
        }
    }

    #[test]
    fn a_mask_moves_nothing() {
        let text = format!("secret = \"{SECRET}\"\nstatus = 1");
        let masked = Redactor::new(&World::demo()).mask(&text);
        assert_eq!(masked.find("status"), text.find("status"));
        assert!(!masked.contains(SECRET));
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "",
            "20250115T101500Z",
            "20250115T101500Zé0123456789abcdef",
            "AKIAIOSFODNN7EXAMPLE",
            "naïve – ünïcode",
            "https://git-codecommit.us-east-2.amazonaws.com:443/v1/a@b:c",
            "codecommit::us-east-2://profile@MyDemoRepo",
            "https://alice:$PASSWORD@host/ https://host/é:x",
            "aws_secret_access_key is `accessToken`: no",
            "https://alice:@host",
            r"sed -n 's/^password=//p'; printf 'password=%s\n' x; password=$PASSWORD",
            "the password: nobody knows it",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn of_two_credentials_the_first_is_covered_as_well() {
        let text =
            "credential=YWxpY2U6c2VjcmV0c2VjcmV0\nAuthorization: Basic Ym9iOnNlY3JldHNlY3JldA==\n";
        let shown = Redactor::of(&[]).redact(text);
        assert!(
            !shown.contains("YWxpY2U6") && !shown.contains("Ym9iOnN"),
            "{shown}"
        );
    }
}
