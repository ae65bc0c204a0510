//! IAM Identity Center: access tokens, and role credentials for them.

pub(super) mod oidc;
pub(super) mod portal;

use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use super::{ERROR_TYPE, Fault};
use crate::git::{Body, full};

/// An answer that says what went wrong: the exception's name is in a header.
fn exception(fault: &Fault, body: &Value) -> Response<Body> {
    let mut response = Response::new(full(body.to_string()));
    *response.status_mut() = fault.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(fault.code));
    response
}
