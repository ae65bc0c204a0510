//! Requests that end before there is anything to answer: hyper cannot read them, or they never come to an end.

use std::error::Error as _;
use std::io;

use hyper::header::HeaderValue;

use crate::authn::verdict::{Reason, Refusal};
use crate::limits::Limits;

/// What a client was told, if it was told anything, and why.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) status: Option<u16>,
    pub(crate) refusal: Refusal,
}

/// What is said to a client that takes too long with its request's head.
pub(super) fn timed_out(date: Option<&HeaderValue>) -> Vec<u8> {
    let head = "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n";
    let mut answer = head.as_bytes().to_vec();
    if let Some(date) = date {
        answer.extend_from_slice(&[b"date: ", date.as_bytes(), b"\r\n"].concat());
    }
    answer.extend_from_slice(b"\r\n");
    answer
}

impl Rejection {
    /// What an error of a connection says about its client; nothing if it was only cut. HTTP/1: the status is the one that
    /// hyper has sent.
    pub(super) fn of(error: &hyper::Error, limits: &Limits) -> Option<Self> {
        if error.is_timeout() {
            let detail = format!(
                "the request's line and headers did not come to an end in {:?}",
                limits.head_time
            );
            return Some(Self {
                status: Some(408),
                refusal: Refusal::new(Reason::ClientTooSlow, detail),
            });
        }
        if error.is_parse_too_large() {
            // hyper tells the two apart in words only.
            let is_target = error.to_string().contains("URI");
            let (status, what) = if is_target {
                (
                    414,
                    "the path and query have more than 65,534 bytes".to_owned(),
                )
            } else {
                let limit = limits.head_bytes;
                (
                    431,
                    format!(
                        "the request's line and headers have more than {limit} bytes, or there are more than 100 headers"
                    ),
                )
            };
            return Some(Self {
                status: Some(status),
                refusal: Refusal::new(Reason::HeadTooLarge, what),
            });
        }
        if error.is_parse() {
            return Some(Self {
                status: (!error.is_parse_version_h2()).then_some(400),
                refusal: Refusal::new(
                    Reason::RequestMalformed,
                    format!("this is not HTTP: {error}"),
                ),
            });
        }
        let cause = error.source()?;
        // A connection that is gone is nothing that a client has said.
        let is_rule_broken = error.to_string().contains("http2") && !cause.is::<io::Error>();
        is_rule_broken.then(|| Self {
            status: None,
            refusal: Refusal::new(
                Reason::RequestMalformed,
                format!("the client broke HTTP/2: {cause}"),
            ),
        })
    }
}
