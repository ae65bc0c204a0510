//! What a machine that AWS gave a role can ask about itself, without TLS: instance metadata and container credentials.

mod container;
mod instance;
mod issue;
mod tokens;

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Response, StatusCode};

use self::issue::Credentials;
use self::tokens::Tokens;
use crate::authn::verdict::{Principal, Refusal, Verdict};
use crate::git::{Body, full};
use crate::journal::Recording;
use crate::mint::Mint;
use crate::route;
use crate::world::World;

/// The metadata services of one machine, with what they have handed out.
#[derive(Debug, Default)]
pub(crate) struct MetadataService {
    tokens: Tokens,
    instance: Credentials,
    container: Credentials,
}

/// A request, and what answering it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) world: &'a World,
    pub(crate) mint: &'a Mint,
    pub(crate) now: Timestamp,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

/// What there is to say.
struct Told {
    /// The role's session that the machine acts as.
    principal: Principal,
    content_type: &'static str,
    body: String,
    /// How many seconds a new token of the instance lasts.
    ttl: Option<u32>,
}

/// Why nothing is said.
struct Untold {
    refusal: Box<Refusal>,
    status: StatusCode,
    content_type: &'static str,
    body: String,
}

impl MetadataService {
    /// The tokens that it knows. The credentials that it has handed out are known to the world.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.tokens.secrets()
    }

    /// Answers a request, and notes its verdict.
    pub(crate) fn answer(
        &self,
        which: route::Metadata,
        question: &Question<'_>,
        recording: &Recording,
    ) -> Response<Body> {
        let told = match which {
            route::Metadata::Instance => instance::tell(self, question),
            route::Metadata::Container => container::tell(self, question),
        };
        let verdict = match &told {
            Ok(told) => Verdict::Accepted(told.principal.clone()),
            Err(untold) => Verdict::Refused(untold.refusal.clone()),
        };
        recording.note(|exchange| exchange.verdict = Some(verdict));
        let (status, content_type, body, ttl) = match told {
            Ok(told) => (StatusCode::OK, told.content_type, told.body, told.ttl),
            Err(untold) => (untold.status, untold.content_type, untold.body, None),
        };
        let mut response = Response::new(full(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(ttl) = ttl {
            headers.insert(tokens::TTL, HeaderValue::from(ttl));
        }
        response
    }
}
