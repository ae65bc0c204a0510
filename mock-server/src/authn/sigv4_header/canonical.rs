//! The canonical request of Signature Version 4.
//!
//! Written here and not taken from `aws-sigv4`, which does not show the text that it hashes: a refusal has to. A test compares
//! the two. Source: IAM user guide, "Create a signed AWS API request".

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use crate::redaction;

/// Everything but the characters that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// A canonical request before it is put together.
#[derive(Clone, Debug)]
pub(super) struct CanonicalRequest {
    pub(super) method: String,
    /// As it stands on the wire.
    pub(super) path: String,
    /// As it stands on the wire, without `?`.
    pub(super) query: String,
    /// Names in lower case and values, in the order of the names.
    pub(super) headers: Vec<(String, String)>,
    /// In hexadecimal digits.
    pub(super) payload_hash: String,
}

impl CanonicalRequest {
    /// What is hashed.
    pub(super) fn text(&self) -> String {
        self.render(&self.query, |_, value| value)
    }

    /// The same without secrets, to show.
    pub(super) fn presentable(&self) -> String {
        let target = redaction::target(&format!("?{}", self.query));
        // `<redacted>` is put in before the encoding, which would make it hard to read.
        self.render(&target[1..], redaction::header)
            .replace("%3Credacted%3E", redaction::REDACTED)
    }

    /// `AWS4-HMAC-SHA256`, the time, the scope, and the hash of the canonical request.
    pub(super) fn string_to_sign(&self, amz_date: &str, scope: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{}",
            sha256_hex(self.text().as_bytes())
        )
    }

    fn render<'a>(&'a self, query: &str, show: impl Fn(&str, &'a str) -> &'a str) -> String {
        let mut text = format!(
            "{}\n{}\n{}\n",
            self.method,
            canonical_path(&self.path),
            canonical_query(query)
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}:{}\n", show(name, value)));
        }
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| &**name).collect();
        text.push_str(&format!("\n{}\n{}", names.join(";"), self.payload_hash));
        text
    }
}

/// A header's value with white space cut off its ends and runs of spaces made one.
pub(super) fn canonical_value(value: &str) -> String {
    value
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Dot segments and doubled slashes are resolved, then what is on the wire is encoded once more: so for every service but S3.
fn canonical_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let ends_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let slash = if ends_open && !kept.is_empty() {
        "/"
    } else {
        ""
    };
    let normal = format!("/{}{slash}", kept.join("/"));
    percent_encode(normal.as_bytes(), RESERVED_IN_PATH).to_string()
}

/// Names and values encoded the one right way, in the order of names, then values. A `+` is a plus, not a space.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| {
        let bytes: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&bytes, RESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_and_encoded_once_more() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/a//b/./c/../d", "/a/b/d"),
            ("/a/", "/a/"),
            ("/../..", "/"),
            ("/a%20b", "/a%2520b"),
            ("/ü", "/%C3%BC"),
        ] {
            assert_eq!(canonical_path(path), expected, "{path}");
        }
    }

    #[test]
    fn a_query_is_sorted_and_encoded_the_one_right_way() {
        for (query, expected) in [
            ("", ""),
            ("b=1&a=2&a=1", "a=1&a=2&b=1"),
            ("a", "a="),
            ("a=x%2fy", "a=x%2Fy"),
            ("a=x/y", "a=x%2Fy"),
            ("a=~-_.", "a=~-_."),
            ("a=1+2", "a=1%2B2"),
        ] {
            assert_eq!(canonical_query(query), expected, "{query}");
        }
    }

    #[test]
    fn white_space_in_headers_is_folded() {
        assert_eq!(canonical_value("  a   b\t c "), "a b c");
    }

    #[test]
    fn secrets_are_not_shown() {
        let request = CanonicalRequest {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: "TokenCode=123456&Action=AssumeRole".to_owned(),
            headers: vec![("x-amz-security-token".to_owned(), "secret".to_owned())],
            payload_hash: "0".to_owned(),
        };
        assert_eq!(
            request.presentable(),
            "GET\n/\nAction=AssumeRole&TokenCode=<redacted>\nx-amz-security-token:<redacted>\n\nx-amz-security-token\n0"
        );
    }
}
