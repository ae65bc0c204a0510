//! What a request's head says, however it says it.

use hyper::header::HOST;
use hyper::{Request, Version};

use crate::ambiguity;
use crate::authn::verdict::{Reason, Refusal};

/// Whether the request says once whom it asks (RFC 9112, section 3.2) and who asks.
pub(super) fn has_one_of_each(request: &Request<()>) -> Result<(), Refusal> {
    let headers = request.headers();
    let detail = match ambiguity::of(headers) {
        Some(more_than_one) => more_than_one,
        None if request.version() == Version::HTTP_11 && !headers.contains_key(HOST) => {
            "the request has no Host header"
        }
        None => return Ok(()),
    };
    Err(Refusal::new(Reason::RequestMalformed, detail))
}

/// The host that is asked for: `:authority` or an absolute URI before the `Host` header (RFC 9112, section 3.2.2).
pub(super) fn authority(request: &Request<impl Sized>) -> String {
    match request.uri().authority() {
        Some(authority) => authority.to_string(),
        None => request
            .headers()
            .get(HOST)
            .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned())
            .unwrap_or_default(),
    }
}

/// The path and the query that are asked for.
pub(super) fn target(request: &Request<impl Sized>) -> &str {
    let target = request.uri().path_and_query();
    target.map_or("", |target| target.as_str())
}
