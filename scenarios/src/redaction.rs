//! Takes secrets out of text before anybody sees it.

use std::fmt;

use codecommit_mock::world::{Key, World};

const REDACTED: &str = "<redacted>";

/// `20250115T101500Z`, then 64 hexadecimal digits (client-side signing recipe of the AWS CLI's helper).
const STAMP: &[u8] = b"ddddddddTddddddZ";
const SIGNATURE_DIGITS: usize = 64;

/// Knows the secrets of a world, and the form of a Git password.
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
    /// For the keys of this world.
    pub fn new(world: &World) -> Self {
        let mut secrets = Vec::new();
        for holder in world.keys() {
            let token = match holder.key {
                Key::LongTerm(_) => None,
                Key::Temporary(key) => Some(key.session_token.expose()),
            };
            for secret in [Some(holder.key.secret()), token].into_iter().flatten() {
                // Stored URLs hold the encoded form: git writes lower-case digits, Python upper-case ones.
                let encoded = percent_encoded(secret, |byte| format!("%{byte:02x}"));
                let encoded_upper = percent_encoded(secret, |byte| format!("%{byte:02X}"));
                for form in [secret.to_owned(), encoded, encoded_upper] {
                    if !form.is_empty() && !secrets.contains(&form) {
                        secrets.push(form);
                    }
                }
            }
        }
        // A secret may contain another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// The text without its secrets.
    pub fn redact(&self, text: &str) -> String {
        let mut text = without_passwords(text);
        for secret in &self.secrets {
            if text.contains(secret) {
                text = text.replace(secret, REDACTED);
            }
        }
        text
    }
}

fn without_passwords(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_password(rest) {
        kept.push_str(&rest[..at]);
        kept.push_str(REDACTED);
        rest = &rest[at + STAMP.len() + SIGNATURE_DIGITS..];
    }
    kept.push_str(rest);
    kept
}

fn find_password(text: &str) -> Option<usize> {
    let length = STAMP.len() + SIGNATURE_DIGITS;
    text.as_bytes().windows(length).position(|window| {
        let (stamp, signature) = window.split_at(STAMP.len());
        stamp.iter().zip(STAMP).all(|(byte, form)| {
            if *form == b'd' {
                byte.is_ascii_digit()
            } else {
                byte == form
            }
        }) && signature.iter().all(u8::is_ascii_hexdigit)
    })
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
    fn everything_else_stays() {
        for text in [
            "",
            "20250115T101500Z",
            "20250115T101500Zé0123456789abcdef",
            "AKIAIOSFODNN7EXAMPLE",
            "naïve – ünïcode",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
