//! Faults on a request: the answer that takes the place of the real one, and what is done to the real one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};

use crate::authn::verdict::{Reason, Refusal};
use crate::fault::corruption::Corrupter;
use crate::fault::wire::WireControl;
use crate::fault::{Effect, Injected};
use crate::git::{Body, full};
use crate::journal::Recording;

/// What the journal says of a fault that an exchange does not survive.
pub(crate) fn verdict(effect: &Effect) -> Refusal {
    Refusal::new(Reason::FaultInjected, effect.to_string())
}

/// A fault has done something to this exchange.
fn done(fault: &Injected, recording: &Recording) {
    fault.turn.done();
    recording.note(|exchange| exchange.faults.push(fault.effect.to_string()));
}

/// Arms what acts on the connection while this request is on it.
pub(crate) fn arm(injected: &[Injected], wire: &WireControl, recording: &Recording) {
    for fault in injected {
        if let Effect::Cut {
            ending,
            after,
            direction,
        } = fault.effect
        {
            let (recording, fault) = (recording.clone(), fault.clone());
            wire.cut_request(ending, after, direction, move || {
                done(&fault, &recording);
                recording.note(|exchange| {
                    exchange.verdict = Some(verdict(&fault.effect).into());
                    exchange.complete = false;
                });
            });
        }
    }
}

/// The answer that takes the place of the real one, if a fault gives one.
pub(crate) fn answer(injected: &[Injected], recording: &Recording) -> Option<Response<Body>> {
    injected.iter().find_map(|fault| match &fault.effect {
        Effect::Status {
            status,
            retry_after,
            body,
        } => {
            let text = match body {
                _ if Effect::is_bodiless(*status) => String::new(),
                Some(body) => body.clone(),
                None => format!("codecommit-lab: fault injected: {}\n", fault.effect),
            };
            let mut response = Response::new(full(text));
            *response.status_mut() =
                StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let headers = response.headers_mut();
            // Git shows bodies of this type, and of no other, as `remote:` lines.
            if !Effect::is_bodiless(*status) {
                let plain = HeaderValue::from_static("text/plain; charset=utf-8");
                headers.insert(CONTENT_TYPE, plain);
            }
            if let Some(seconds) = retry_after {
                headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            if *status == 401 {
                let challenge = HeaderValue::from_static("Basic realm=\"codecommit-lab\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            done(fault, recording);
            recording.note(|exchange| exchange.verdict = Some(verdict(&fault.effect).into()));
            Some(response)
        }
        _ => None,
    })
}

/// Waits as long as the first byte is to be late.
pub(crate) async fn delay(injected: &[Injected], recording: &Recording) {
    for fault in injected {
        if let Effect::FirstByte(delay) = fault.effect {
            done(fault, recording);
            tokio::time::sleep(delay).await;
        }
    }
}

/// Breaks the body of the real answer.
pub(crate) fn damage(
    mut response: Response<Body>,
    injected: &[Injected],
    recording: &Recording,
) -> Response<Body> {
    for fault in injected {
        let damage = match fault.effect {
            Effect::Truncate(bytes) => Damage::Truncate(bytes),
            Effect::Corrupt(corruption) => Damage::Corrupt(Corrupter::new(corruption)),
            _ => continue,
        };
        response.headers_mut().remove(CONTENT_LENGTH);
        let armed = Some((fault.clone(), recording.clone()));
        response = response.map(|inner| {
            Damaged {
                inner,
                damage,
                armed,
                ended: false,
            }
            .boxed_unsync()
        });
    }
    response
}

struct Damaged {
    inner: Body,
    damage: Damage,
    /// Gone when it is written down.
    armed: Option<(Injected, Recording)>,
    ended: bool,
}

enum Damage {
    Truncate(u64),
    Corrupt(Corrupter),
}

impl Damaged {
    fn done(&mut self) {
        if let Some((fault, recording)) = self.armed.take() {
            done(&fault, &recording);
            recording.note(|exchange| exchange.verdict = Some(verdict(&fault.effect).into()));
        }
    }
}

impl hyper::body::Body for Damaged {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut this.inner).poll_frame(context);
        let Poll::Ready(Some(Ok(frame))) = polled else {
            return polled;
        };
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => return Poll::Ready(Some(Ok(frame))),
        };
        match &mut this.damage {
            Damage::Truncate(left) => {
                let length = data.len() as u64;
                if length > *left {
                    data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                    this.ended = true;
                    this.done();
                } else {
                    *left -= length;
                }
            }
            Damage::Corrupt(corrupter) => {
                let mut bytes = data.to_vec();
                if corrupter.change(&mut bytes) {
                    this.done();
                }
                data = bytes.into();
            }
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}
