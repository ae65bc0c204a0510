//! One exchange from its first step to its last. The only place that knows all the steps.

mod head;
mod repository;
mod respond;

use std::path::PathBuf;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};

use self::head::{has_one_of_each, target};
use crate::api;
use crate::authn::verdict::{Reason, Refusal};
use crate::control::Control;
use crate::fault::{Faults, Injected};
use crate::fidelity::{ExtraSlashes, Fidelity};
use crate::git::{Body, GitService, journaled, refusal};
use crate::http_date::{dated, http_date};
use crate::injection;
use crate::journal::{Journal, Opening, Recording};
use crate::limits::Limits;
use crate::listener::Connection;
use crate::metadata::{MetadataService, Question};
use crate::mint::Mint;
use crate::printable::printable_word;
use crate::redaction;
use crate::route::{self, Asked, Route};
use crate::scene::{Scene, Stage};
use crate::throttle::Throttle;
use codecommit_helper::endpoint::without_port;
use codecommit_helper::secret::Secret;

/// Everything that the steps need, handed in when the server starts.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) stage: Arc<Stage>,
    /// Where the certificate of this run's authority is.
    pub(crate) ca_path: PathBuf,
    pub(crate) journal: Journal,
    pub(crate) git: GitService,
    pub(crate) fidelity: Fidelity,
    pub(crate) throttle: Throttle,
    pub(crate) mint: Mint,
    pub(crate) logins: api::Logins,
    pub(crate) metadata: MetadataService,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) control: Control,
}

impl Pipeline {
    /// Every secret there is: the world's, and what was issued.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.stage.secrets();
        secrets.push(self.control.token.clone());
        secrets.extend(self.logins.secrets());
        secrets.extend(self.metadata.secrets());
        secrets
    }

    /// What is to go wrong with this request.
    fn inject(
        &self,
        connection: &Connection,
        request: &Request<impl Sized>,
        authority: &str,
        recording: &Recording,
    ) -> Vec<Injected> {
        connection.wire.next_request();
        let (host, method) = (without_port(authority), request.method().as_str());
        let injected = self.faults.on_request(host, method, target(request));
        // Those on the request itself are written down when they do something.
        let faults = connection.wire.notes();
        if !faults.is_empty() {
            recording.note(|exchange| exchange.faults = faults);
        }
        injection::arm(&injected, &connection.wire, recording);
        injected
    }

    fn begin(
        &self,
        scene: &Scene,
        connection: &Connection,
        request: &Request<impl Sized>,
        authority: &str,
    ) -> Recording {
        self.journal.begin(Opening {
            at: scene.now,
            connection: connection.number,
            protocol: format!("{:?}", request.version()),
            method: request.method().to_string(),
            host: printable_word(authority.to_owned()),
            path: printable_word(redaction::target(target(request))),
        })
    }

    /// Lets an answer go with the server's time, and the exchange end with it.
    fn answer(
        &self,
        scene: &Scene,
        response: Response<Body>,
        recording: Recording,
    ) -> Response<Body> {
        let response = dated(response, http_date(scene.now));
        recording.note(|exchange| exchange.status = Some(response.status().as_u16()));
        response.map(|body| journaled(body, recording))
    }

    async fn serve(
        &self,
        scene: &Scene,
        connection: &Connection,
        request: &Request<()>,
        authority: &str,
        body: &mut Option<Incoming>,
        recording: &Recording,
    ) -> Result<Response<Body>, Refusal> {
        self.measure(request)?;
        has_one_of_each(request)?;
        match self.route(scene, connection, request, authority)? {
            Route::Git(route) => {
                self.serve_git(scene, connection, route, request, body, recording)
                    .await
            }
            Route::Api(route) => {
                let context = api::Context {
                    world: &scene.world,
                    mint: &self.mint,
                    logins: &self.logins,
                    now: scene.now,
                    silence: self.limits.silence,
                };
                let origin = api::Origin {
                    encrypted: connection.encrypted,
                    authority: authority.to_owned(),
                    source_ip: connection.peer,
                };
                let Some(body) = body.take() else {
                    return Err(Refusal::new(Reason::RequestMalformed, "the body is gone"));
                };
                let request = request.clone().map(|()| body);
                Ok(api::answer(context, &route, origin, request, recording).await)
            }
            Route::Metadata(which) => {
                let question = Question {
                    world: &scene.world,
                    mint: &self.mint,
                    now: scene.now,
                    method: request.method(),
                    path: request.uri().path(),
                    headers: request.headers(),
                };
                Ok(self.metadata.answer(which, &question, recording))
            }
        }
    }

    /// Whether the request's head is within the limit. Over HTTP/1 hyper has looked already.
    fn measure(&self, request: &Request<()>) -> Result<(), Refusal> {
        let target = target(request).len();
        let headers: usize = request
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        let limit = self.limits.head_bytes;
        if target + headers <= limit {
            return Ok(());
        }
        Err(Refusal::new(
            Reason::HeadTooLarge,
            format!("the request's line and headers have more than {limit} bytes"),
        ))
    }

    fn route(
        &self,
        scene: &Scene,
        connection: &Connection,
        request: &Request<impl Sized>,
        authority: &str,
    ) -> Result<Route, Refusal> {
        let asked = Asked {
            encrypted: connection.encrypted,
            authority,
            method: request.method(),
            path: request.uri().path(),
            query: request.uri().query(),
        };
        let mut route = route::read(&scene.world, self.stage.loopback_region(scene), &asked)?;
        if let Route::Git(route) = &mut route
            && self.fidelity.extra_slashes == ExtraSlashes::Ignored
        {
            let parts = route
                .repository_path
                .split('/')
                .filter(|part| !part.is_empty());
            route.repository_path = parts.map(|part| format!("/{part}")).collect();
        }
        Ok(route)
    }

    fn refuse(&self, refused: Refusal, recording: &Recording) -> Response<Body> {
        let response = refusal::respond(&refused, &self.fidelity);
        recording.note(|exchange| exchange.verdict = Some(refused.into()));
        response
    }
}
