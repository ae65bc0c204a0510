use hyper::StatusCode;
use time::Duration;

use super::signed::Caller;
use super::{Call, Fault, Outcome, credentials, mfa};
use crate::authn::verdict::{Reason, Refusal};
use crate::mint::Terms;
use crate::world::{Identity, SessionHolder};

/// `GetSessionToken`: a user's own session, with multi-factor authentication or without.
pub(super) fn get(call: &Call<'_>) -> Result<Outcome, Fault> {
    let caller = Caller::of(call)?;
    let duration = call.duration(129_600)?.unwrap_or(Duration::hours(12));
    let user = match &caller.holder().identity {
        Identity::User(user) if !caller.is_temporary() => user,
        _ => return Err(from_session(&caller)),
    };
    let terms = Terms {
        account: caller.holder().account.id.clone(),
        holder: SessionHolder::User(user.name.clone()),
        mfa_authenticated: mfa::check(call, &caller)?,
        policy: None,
        expires: call.context.now.plus(duration),
    };
    let session = call.context.mint.issue(call.context.world, terms);
    Ok(Outcome {
        principal: caller.principal(),
        result: credentials(&session),
    })
}

fn from_session(caller: &Caller<'_>) -> Fault {
    Fault::new(
        Refusal::new(
            Reason::AccessDenied,
            format!("{} called with temporary credentials", caller.arn()),
        )
        .with_help("call GetSessionToken with the user's long-term key"),
        StatusCode::FORBIDDEN,
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
}
