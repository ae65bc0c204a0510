//! The APIs of AWS that give credentials, as far as AWS's own clients use them. What they issue is good for Git passwords.

mod fault;
mod request;
mod signin;
mod sso;
mod sts;

use std::net::IpAddr;
use std::time::Duration;

use codecommit_helper::timestamp::Timestamp;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response};

use self::fault::Fault;
use self::request::ApiRequest;
pub(crate) use self::signin::Logins;
use crate::authn::verdict::{Principal, Verdict};
use crate::git::{Body, full};
use crate::journal::Recording;
use crate::mint::Mint;
use crate::route::{ApiRoute, ApiService};
use crate::world::World;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// What the operations need: who there is, what time it is, and where new credentials come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) world: &'a World,
    pub(crate) mint: &'a Mint,
    pub(crate) logins: &'a Logins,
    pub(crate) now: Timestamp,
    /// As long a client may be silent in the middle of a body.
    pub(crate) silence: Duration,
}

/// Where a request was sent, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whether TLS lies around it.
    pub(crate) encrypted: bool,
    /// The host, and port if the request named one.
    pub(crate) authority: String,
    /// The client's address.
    pub(crate) source_ip: IpAddr,
}

/// What an operation came to.
struct Done {
    /// Who asked, or whom the answer makes of them where nobody signed.
    principal: Principal,
    /// XML for STS, JSON for the others.
    body: String,
}

/// Answers a request to one of the APIs, and notes its verdict.
pub(crate) async fn answer(
    context: Context<'_>,
    route: &ApiRoute,
    origin: Origin,
    request: Request<Incoming>,
    recording: &Recording,
) -> Response<Body> {
    let request_id = context.mint.uuid();
    let done = match request::read(origin, request, context.silence, recording).await {
        Ok(request) => serve(context, route, &request, &request_id),
        Err(refusal) => Err(Fault::from(refusal)),
    };
    let verdict = match &done {
        Ok(done) => Verdict::Accepted(done.principal.clone()),
        Err(fault) => Verdict::Refused(fault.refusal.clone()),
    };
    recording.note(|exchange| exchange.verdict = Some(verdict));
    let mut response = match (done, route.service) {
        (Ok(done), service) => {
            let mut response = Response::new(full(done.body));
            response
                .headers_mut()
                .insert(CONTENT_TYPE, content_type(service));
            response
        }
        (Err(fault), ApiService::Sts) => sts::refuse(&fault, &request_id),
        (Err(fault), ApiService::SignIn) => signin::refuse(&fault),
        (Err(fault), ApiService::SsoPortal) => sso::portal::refuse(&fault),
        (Err(fault), ApiService::SsoOidc) => sso::oidc::refuse(&fault),
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn serve(
    context: Context<'_>,
    route: &ApiRoute,
    request: &ApiRequest,
    request_id: &str,
) -> Result<Done, Fault> {
    let region = route.region.as_deref();
    match route.service {
        ApiService::Sts => sts::serve(context, region, request, request_id),
        ApiService::SignIn => signin::serve(context, request),
        ApiService::SsoPortal => sso::portal::serve(context, region, request),
        ApiService::SsoOidc => sso::oidc::serve(context, region, request),
    }
}

fn content_type(service: ApiService) -> HeaderValue {
    HeaderValue::from_static(match service {
        ApiService::Sts => "text/xml",
        ApiService::SignIn | ApiService::SsoPortal | ApiService::SsoOidc => "application/json",
    })
}
