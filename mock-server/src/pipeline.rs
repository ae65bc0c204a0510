//! One exchange from its first step to its last. The only place that knows all the steps.

mod repository;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderValue};
use hyper::{Method, Request, Response, Version};

use crate::api;
use crate::authn::verdict::{Reason, Refusal};
use crate::control::Control;
use crate::fault::{Effect, Faults, Injected, TlsFault};
use crate::fidelity::{ExtraSlashes, Fidelity};
use crate::git::{Body, GitService, discard, full, journaled, refusal};
use crate::http_date::{dated, http_date};
use crate::injection;
use crate::journal::{Arrival, Journal, Opening, Recording};
use crate::limits::Limits;
use crate::listener::{Connection, HandshakeFailure, Rejection, Respond};
use crate::metadata::{MetadataService, Question};
use crate::mint::Mint;
use crate::printable::printable;
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

impl Respond for Pipeline {
    type Arrival = Arrival;

    async fn respond(&self, connection: Connection, request: Request<Incoming>) -> Response<Body> {
        let authority = authority(&request);
        if Control::has(request.uri().path()) {
            let response = self.control.answer(&self.stage, &authority, request).await;
            // After what was asked: it may have moved the clock.
            return dated(response, self.date());
        }
        let scene = self.stage.scene();
        let recording = self.begin(&scene, &connection, &request, &authority);
        let injected = self.inject(&connection, &request, &authority, &recording);
        let (head, body) = request.into_parts();
        let (head, mut body) = (Request::from_parts(head, ()), Some(body));
        let response = match injection::answer(&injected, &recording) {
            Some(answer) => {
                if let Some(body) = &mut body {
                    discard(body).await;
                }
                answer
            }
            None => {
                let served = self
                    .serve(
                        &scene,
                        &connection,
                        &head,
                        &authority,
                        &mut body,
                        &recording,
                    )
                    .await;
                match served {
                    Ok(response) => response,
                    Err(refused) => {
                        if let Some(body) = &mut body {
                            discard(body).await;
                        }
                        self.refuse(refused, &recording)
                    }
                }
            }
        };
        injection::delay(&injected, &recording).await;
        let response = injection::damage(response, &injected, &recording);
        let response = match *head.method() {
            Method::HEAD => response.map(|_| full("")),
            _ => response,
        };
        self.answer(&scene, response, recording)
    }

    fn spares(&self, beginning: &[u8]) -> bool {
        Control::begins(beginning)
    }

    fn meet(&self, connection: &Connection, host: Option<&str>) {
        for injected in self.faults.on_connection(host) {
            let (journal, now) = (self.journal.clone(), self.stage.now());
            let opening = Opening::of_connection(now, connection.number, "TCP", host);
            let effect = injected.effect.clone();
            connection.wire.inject(&injected, move || {
                journal.fault(opening, effect.to_string(), injection::verdict(&effect));
            });
        }
    }

    fn handshake(&self, connection: &Connection, host: &str) -> Option<TlsFault> {
        let fault = self.faults.on_handshake(host)?;
        let (now, effect) = (self.stage.now(), Effect::Tls(fault));
        let opening = Opening::of_connection(now, connection.number, "TLS", Some(host));
        self.journal
            .fault(opening, effect.to_string(), injection::verdict(&effect));
        Some(fault)
    }

    fn turn_away(
        &self,
        connection: Connection,
        request: &Request<Incoming>,
        authority: &str,
    ) -> Option<Response<Body>> {
        let scene = self.stage.scene();
        let refused = route::serves(&scene.world, authority).err()?;
        let recording = self.begin(&scene, &connection, request, authority);
        let response = self.refuse(refused, &recording);
        Some(self.answer(&scene, response, recording))
    }

    fn date(&self) -> Option<HeaderValue> {
        http_date(self.stage.now())
    }

    fn arrives(&self) -> Arrival {
        self.journal.expect()
    }

    fn no_tls(&self, connection: Connection, failure: &HandshakeFailure) {
        let (now, host) = (self.stage.now(), Some(&*failure.host));
        let opening = Opening::of_connection(now, connection.number, "TLS", host);
        let refusal = failure.refusal(&self.ca_path);
        self.journal
            .begin(opening)
            .note(|exchange| exchange.verdict = Some(refusal.into()));
    }

    fn silent(&self, connection: Connection, time: Duration) {
        let opening = Opening::of_connection(self.stage.now(), connection.number, "TCP", None);
        let detail = format!("the client opened a connection and said nothing in {time:?}");
        let refusal = Refusal::new(Reason::ClientTooSlow, detail);
        self.journal
            .begin(opening)
            .note(|exchange| exchange.verdict = Some(refusal.into()));
    }

    fn rejected(&self, connection: Connection, protocol: &str, rejection: Rejection) {
        let unknown = || "?".to_owned();
        let recording = self.journal.begin(Opening {
            at: self.stage.now(),
            connection: connection.number,
            protocol: protocol.to_owned(),
            method: unknown(),
            host: unknown(),
            path: unknown(),
        });
        recording.note(|exchange| {
            exchange.status = rejection.status;
            exchange.verdict = Some(rejection.refusal.into());
        });
        if rejection.status.is_some() {
            recording.finish();
        }
    }
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
            host: printable(authority.to_owned()),
            path: printable(redaction::target(target(request))),
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

/// Whether the request says once whom it asks (RFC 9112, section 3.2) and who asks: of two, somebody on the way may have read
/// the other.
fn has_one_of_each(request: &Request<()>) -> Result<(), Refusal> {
    let headers = request.headers();
    let detail = if headers.get_all(HOST).iter().count() > 1 {
        "the request has more than one Host header"
    } else if headers.get_all(AUTHORIZATION).iter().count() > 1 {
        "the request has more than one Authorization header"
    } else if request.version() == Version::HTTP_11 && !headers.contains_key(HOST) {
        "the request has no Host header"
    } else {
        return Ok(());
    };
    Err(Refusal::new(Reason::RequestMalformed, detail))
}

/// The host that is asked for: `:authority` or an absolute URI before the `Host` header (RFC 9112, section 3.2.2).
fn authority(request: &Request<impl Sized>) -> String {
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
fn target(request: &Request<impl Sized>) -> &str {
    let target = request.uri().path_and_query();
    target.map_or("", |target| target.as_str())
}
