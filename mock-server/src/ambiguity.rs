//! Heads that others may read otherwise than we do.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};

/// What the head says more than once and may say once: of two, somebody on the way may have read the other.
pub(crate) fn of(headers: &HeaderMap) -> Option<&'static str> {
    let is_repeated = |name| headers.get_all(name).iter().count() > 1;
    if is_repeated(HOST) {
        Some("the request has more than one Host header")
    } else if is_repeated(AUTHORIZATION) {
        Some("the request has more than one Authorization header")
    } else {
        None
    }
}
