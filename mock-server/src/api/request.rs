use std::time::Duration;

use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;

use super::Origin;
use crate::authn::sigv4_header::SignedRequest;
use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;
use crate::whole_body::{self, Unread};

/// A request with its whole body.
#[derive(Debug)]
pub(super) struct ApiRequest {
    origin: Origin,
    parts: Parts,
    pub(super) body: Bytes,
}

/// Many times what the largest request needs: a token of an identity provider has 20,000 characters at most.
const LIMIT: usize = 256 * 1024;

/// Reads the body to its end, if the client is silent for less than `silence`.
pub(super) async fn read(
    origin: Origin,
    request: Request<Incoming>,
    silence: Duration,
    recording: &Recording,
) -> Result<ApiRequest, Refusal> {
    let (parts, mut body) = request.into_parts();
    let body = whole_body::read(&mut body, LIMIT, silence).await;
    let body = body.map_err(|unread| {
        let reason = match unread {
            Unread::Silent(_) => Reason::ClientTooSlow,
            Unread::CutOrTooLarge(_) => Reason::RequestMalformed,
        };
        Refusal::new(reason, unread.to_string())
    })?;
    recording.note(|exchange| exchange.request_bytes += body.len() as u64);
    Ok(ApiRequest {
        origin,
        parts,
        body,
    })
}

impl ApiRequest {
    pub(super) fn method(&self) -> &str {
        self.parts.method.as_str()
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where it was sent, without the query.
    pub(super) fn url(&self) -> String {
        let scheme = if self.origin.encrypted {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}{}", self.origin.authority, self.path())
    }

    /// A header that is text.
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        let value = self.parts.headers.get(HeaderName::from_static(name))?;
        value.to_str().ok()
    }

    /// As its signature is checked.
    pub(super) fn signed(&self) -> SignedRequest<'_> {
        SignedRequest {
            method: self.method(),
            authority: &self.origin.authority,
            path: self.path(),
            query: self.query(),
            headers: &self.parts.headers,
            body: &self.body,
        }
    }

    /// The parameters of the query, then those of a form in the body.
    pub(super) fn parameters(&self) -> Parameters {
        let form = String::from_utf8_lossy(&self.body);
        Parameters(pairs(self.query()).chain(pairs(&form)).collect())
    }

    /// The parameters of the query.
    pub(super) fn query_parameters(&self) -> Parameters {
        Parameters(pairs(self.query()).collect())
    }

    fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }
}

/// Names and values, decoded.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter; the first, if it is there several times.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }

    /// The first parameter whose name begins so.
    pub(super) fn any_starting_with(&self, prefix: &str) -> Option<&str> {
        self.0
            .iter()
            .map(|(name, _)| &**name)
            .find(|name| name.starts_with(prefix))
    }
}

fn pairs(encoded: &str) -> impl Iterator<Item = (String, String)> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
}

/// As in forms: a `+` is a space.
fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let parameters = Parameters(pairs("a=1+2&b=%2B%C3%BC&a=3&flag&&Tags.member.1=x").collect());
        assert_eq!(parameters.get("a"), Some("1 2"));
        assert_eq!(parameters.get("b"), Some("+ü"));
        assert_eq!(parameters.get("flag"), Some(""));
        assert_eq!(parameters.get("c"), None);
        assert_eq!(parameters.any_starting_with("Tags."), Some("Tags.member.1"));
    }
}
