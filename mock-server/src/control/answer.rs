use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::Outcome;
use crate::document::DocumentError;
use crate::fault::NotAFault;
use crate::git::{Body, full};

/// What is wrong with a call, and what to do.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    message: String,
    help: Option<String>,
    allow: Option<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            help: None,
            allow: None,
        }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether the caller has not said the rest of its body.
    pub(super) fn is_silence(&self) -> bool {
        self.status == StatusCode::REQUEST_TIMEOUT
    }

    /// The same of one of several.
    pub(super) fn about(mut self, which: &str) -> Self {
        self.message = format!("{which}: {}", self.message);
        self
    }

    pub(super) fn method(allowed: &[&str]) -> Self {
        let allowed = allowed.join(", ");
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here")
            .with_help(format!("the methods here are {allowed}"));
        problem.allow = Some(allowed);
        problem
    }

    pub(super) fn in_document(error: DocumentError) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, error.to_string());
        problem.help = error.help;
        problem
    }

    pub(super) fn no_fault(error: NotAFault) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, error.message);
        problem.help = error.help;
        problem
    }
}

pub(super) fn respond(outcome: Outcome) -> Response<Body> {
    let (status, value, allow) = match outcome {
        Ok((status, value)) => (status, value, None),
        Err(problem) => {
            let value = json!({ "error": { "message": problem.message, "help": problem.help } });
            (problem.status, value, problem.allow)
        }
    };
    let mut response = Response::new(full(text(&value)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(value) = allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
        headers.insert(ALLOW, value);
    }
    response
}

fn text(value: &Value) -> String {
    format!("{value}\n")
}
