//! `/_lab/`: clock, faults, journal and world of a running server, for programs in other languages. JSON in and out.
//!
//! Whoever calls shows the token of this run and names a loopback host: no web page can do either, whatever name it has made
//! point to this machine. What is asked here is not in the journal, and meets no faults: else one of them could keep out who is to
//! take it away.

mod answer;
mod body;
mod journal;
mod world;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codecommit_helper::secret::Secret;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use self::answer::Problem;
use self::body::{MoveRequest, WorldRequest};
use crate::ambiguity;
use crate::clock::{Clock, ClockMove, NotAClockMove};
use crate::fault::{FaultPlan, Faults};
use crate::git::{Body, discard};
use crate::journal::Journal;
use crate::scene::Stage;
use crate::whole_body::{self, Unread};
use crate::world::World;

/// Where it is.
pub(crate) const PREFIX: &str = "/_lab";

/// How the token is shown.
const BEARER: &[u8] = b"Bearer ";

/// The largest body: a world of some hundred users.
const BODY_LIMIT: usize = 1024 * 1024;

/// What a program needs to drive a server: see `docs/control.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlAccess {
    /// `http://127.0.0.1:PORT/_lab`.
    pub url: String,
    /// For `Authorization: Bearer`; good for this run alone.
    pub token: Secret,
}

/// The control interface of one server.
pub(crate) struct Control {
    pub(crate) token: Secret,
    pub(crate) port: u16,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    pub(crate) start: Start,
    /// As long a caller may be silent in the middle of a body.
    pub(crate) silence: Duration,
}

/// What a reset goes back to.
pub(crate) struct Start {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) faults: FaultPlan,
}

type Outcome = Result<(StatusCode, Value), Problem>;

impl Control {
    /// Whether a path is one of this interface.
    pub(crate) fn has(path: &str) -> bool {
        let rest = path.strip_prefix(PREFIX);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether a client that begins like this, without TLS, calls this interface: by its path, or by its whole URL as
    /// clients with a proxy do.
    pub(crate) fn begins(beginning: &[u8]) -> bool {
        let text = String::from_utf8_lossy(beginning);
        let Some((_, rest)) = text.split_once(' ') else {
            return false;
        };
        let target = rest
            .split([' ', '?', '\r', '\n'])
            .next()
            .unwrap_or_default();
        let path = match target.strip_prefix("http://") {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => target,
        };
        Self::has(path)
    }

    /// Answers a call. `host` is what the client says that it has called.
    pub(crate) async fn answer(
        &self,
        stage: &Arc<Stage>,
        host: &str,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let (head, mut body) = request.into_parts();
        let outcome = match self.admit(host, &head) {
            Ok(()) => self.serve(stage, &head, &mut body).await,
            Err(problem) => Err(problem),
        };
        // Who was silent for too long is not waited for again.
        if outcome.as_ref().is_err_and(|problem| !problem.is_silence()) {
            discard(&mut body).await;
        }
        answer::respond(outcome)
    }

    fn admit(&self, host: &str, head: &Parts) -> Result<(), Problem> {
        if let Some(more_than_one) = ambiguity::of(&head.headers) {
            return Err(Problem::new(StatusCode::BAD_REQUEST, more_than_one).with_help("send one"));
        }
        let loopback = ["127.0.0.1", "[::1]", "localhost"];
        let is_here = loopback
            .iter()
            .any(|name| host.eq_ignore_ascii_case(&format!("{name}:{}", self.port)));
        if !is_here {
            let message = format!("the control interface is not at the host `{host}`");
            return Err(Problem::new(StatusCode::FORBIDDEN, message)
                .with_help(format!("call http://127.0.0.1:{}{PREFIX}", self.port)));
        }
        let shown = head.headers.get(AUTHORIZATION);
        let shown = shown.and_then(|value| value.as_bytes().split_at_checked(BEARER.len()));
        // The scheme is the same in any case (RFC 9110, section 11.1).
        let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(BEARER));
        let shown = shown.map(|(_, token)| token);
        let token = self.token.expose();
        match shown {
            Some(shown) if bool::from(shown.ct_eq(token.as_bytes())) => Ok(()),
            Some(_) => Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "the token is not that of this run",
            )
            .with_help("take `control.token` from the ready line anew: each run has its own")),
            None => Err(
                Problem::new(StatusCode::UNAUTHORIZED, "the token is missing").with_help(
                    "send `Authorization: Bearer TOKEN`, with `control.token` of the ready line",
                ),
            ),
        }
    }

    async fn serve(&self, stage: &Arc<Stage>, head: &Parts, body: &mut Incoming) -> Outcome {
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let query = head.uri.query().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if !query.is_empty() && *parts != ["journal"] {
            let message = format!("`{query}` means nothing here");
            return Err(Problem::new(StatusCode::BAD_REQUEST, message).with_help(
                "only the journal has a query: what is sent elsewhere is JSON in the body",
            ));
        }
        let body = whole_body::read(body, BODY_LIMIT, self.silence).await;
        let body = body.map_err(|unread| {
            let (status, help) = match unread {
                Unread::Silent(_) => (
                    StatusCode::REQUEST_TIMEOUT,
                    "send as many bytes as Content-Length says",
                ),
                Unread::CutOrTooLarge(_) => (
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "send less at a time: a world is the largest thing that is sent here",
                ),
            };
            Problem::new(status, unread.to_string()).with_help(help)
        })?;
        match (&*parts, &head.method) {
            ([], &Method::GET) => Ok((StatusCode::OK, overview())),
            ([], _) => Err(Problem::method(&["GET"])),
            (["clock"], &Method::GET) => Ok((StatusCode::OK, json!(self.clock.reading()))),
            (["clock"], &Method::POST) => self.move_clock(&body),
            (["clock"], _) => Err(Problem::method(&["GET", "POST"])),
            (["faults"], &Method::GET) => Ok((StatusCode::OK, self.list())),
            (["faults"], &Method::POST) => self.add_fault(&body),
            (["faults"], &Method::PUT) => self.set_faults(&body),
            // As a script writes it whose id is empty.
            (["faults"], &Method::DELETE) if path.ends_with('/') => Err(Problem::new(
                StatusCode::NOT_FOUND,
                "an id is missing behind /_lab/faults/",
            )
            .with_help("DELETE /_lab/faults, without the slash, takes all away")),
            (["faults"], &Method::DELETE) => {
                self.faults.clear();
                Ok((StatusCode::OK, self.list()))
            }
            (["faults"], _) => Err(Problem::method(&["GET", "POST", "PUT", "DELETE"])),
            (["faults", id], &Method::DELETE) => {
                match id.parse().is_ok_and(|id| self.faults.remove(id)) {
                    true => Ok((StatusCode::OK, self.list())),
                    false => Err(Problem::new(
                        StatusCode::NOT_FOUND,
                        format!("no fault has the id `{id}`"),
                    )
                    .with_help("GET /_lab/faults lists those there are")),
                }
            }
            (["faults", _], _) => Err(Problem::method(&["DELETE"])),
            (["journal"], &Method::GET) => self.read_journal(query).await,
            (["journal"], &Method::DELETE) => {
                self.journal.clear();
                Ok((StatusCode::OK, json!({ "next": self.journal.mark() })))
            }
            (["journal"], _) => Err(Problem::method(&["GET", "DELETE"])),
            (["world"], &Method::GET) => Ok((StatusCode::OK, world::describe(&stage.world()))),
            (["world"], &Method::PUT) => {
                let request: WorldRequest = body::read(&body)?;
                self.replace(stage, world::parse(&request.toml)?).await
            }
            (["world"], _) => Err(Problem::method(&["GET", "PUT"])),
            (["reset"], &Method::POST) => {
                let answer = self.replace(stage, self.start.world.clone()).await?;
                self.clock.follow(&self.start.clock);
                self.faults.set(self.start.faults.clone());
                self.journal.clear();
                Ok(answer)
            }
            (["reset"], _) => Err(Problem::method(&["POST"])),
            _ => Err(Problem::new(
                StatusCode::NOT_FOUND,
                format!("nothing is at {}", head.uri.path()),
            )
            .with_help("GET /_lab/ tells what there is")),
        }
    }

    fn move_clock(&self, body: &[u8]) -> Outcome {
        let request: MoveRequest = body::read(body)?;
        let refused = |error: NotAClockMove| {
            Problem::new(StatusCode::BAD_REQUEST, error.to_string()).with_help(NotAClockMove::HELP)
        };
        let how: ClockMove = request.r#move.parse().map_err(refused)?;
        if !self.clock.reaches(how) {
            return Err(refused(NotAClockMove::OutOfRange(request.r#move)));
        }
        self.clock.apply(how);
        Ok((StatusCode::OK, json!(self.clock.reading())))
    }

    fn list(&self) -> Value {
        json!({ "faults": self.faults.list() })
    }

    fn add_fault(&self, body: &[u8]) -> Outcome {
        let id = self.faults.add(body::fault(body)?);
        Ok((StatusCode::CREATED, json!({ "id": id })))
    }

    fn set_faults(&self, body: &[u8]) -> Outcome {
        self.faults.set(body::faults(body)?);
        Ok((StatusCode::OK, self.list()))
    }

    async fn replace(&self, stage: &Arc<Stage>, world: World) -> Outcome {
        let replaced = Arc::clone(stage);
        let replaced = tokio::task::spawn_blocking(move || replaced.replace(world)).await;
        match replaced {
            Ok(Ok(())) => Ok((StatusCode::OK, world::describe(&stage.world()))),
            Ok(Err(error)) => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("failed to {error}"),
            )
            .with_help("the world is as it was")),
            Err(_) => Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the world could not be replaced",
            )),
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

fn overview() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "endpoints": [
            "GET /_lab/clock", "POST /_lab/clock",
            "GET /_lab/faults", "POST /_lab/faults", "PUT /_lab/faults", "DELETE /_lab/faults", "DELETE /_lab/faults/ID",
            "GET /_lab/journal?since=N&wait=SECONDS", "DELETE /_lab/journal",
            "GET /_lab/world", "PUT /_lab/world",
            "POST /_lab/reset",
        ],
    })
}
