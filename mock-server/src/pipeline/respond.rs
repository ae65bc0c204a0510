//! What the listener asks: the answer to a request, and what is to be done to a connection that has none yet.

use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response};

use super::Pipeline;
use super::head::authority;
use crate::authn::verdict::{Reason, Refusal};
use crate::control::Control;
use crate::fault::{Effect, TlsFault};
use crate::git::{Body, discard, full};
use crate::http_date::{dated, http_date};
use crate::injection;
use crate::journal::{Arrival, Opening};
use crate::listener::{Connection, HandshakeFailure, Rejection, Respond};
use crate::route;

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
