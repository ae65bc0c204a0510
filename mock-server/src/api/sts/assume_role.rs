use time::Duration;

use super::signed::{Caller, access_denied};
use super::{Call, Fault, Outcome, assumed_role_user, credentials, mfa, permission, trust};
use crate::authn::verdict::{Reason, Refusal};
use crate::mint::Terms;
use crate::world::policy::PolicyDocument;
use crate::world::{Account, Role, SessionHolder};

/// The longest session of any role, in seconds (API reference, AssumeRole).
const LONGEST: i64 = 43_200;

/// `AssumeRole`: a session of a role for whom the role trusts.
pub(super) fn assume_role(call: &Call<'_>) -> Result<Outcome, Fault> {
    let caller = Caller::of(call)?;
    let arn = call.role_arn()?;
    let session_name = call.session_name()?;
    let duration = call.duration(LONGEST)?;
    let policy = call.session_policy()?;
    let denied = |refusal| access_denied(refusal, &caller, "sts:AssumeRole", arn);
    let (account, role) = trust::role(call.context.world, arn).map_err(denied)?;
    let with_mfa = mfa::check(call, &caller)?;
    let trusted = trust::check(role, &caller).map_err(denied)?;
    trust::check_external_id(role, call.parameter("ExternalId")).map_err(denied)?;
    permission::check(call, &caller, (account, role), trusted, with_mfa).map_err(denied)?;
    if role.require_mfa && !with_mfa && !caller.has_mfa() {
        return Err(denied(mfa_missing(role)));
    }
    let duration = session_duration(role, duration, caller.is_role())?;
    let result = session(call, account, role, session_name, duration, policy);
    Ok(Outcome {
        principal: caller.principal(),
        result,
    })
}

fn mfa_missing(role: &Role) -> Refusal {
    Refusal::new(
        Reason::MfaMissing,
        format!("role {} asks for multi-factor authentication", role.name),
    )
    .with_help("put the serial of the MFA device into the profile: mfa_serial")
}

/// A new session of the role, for as long as was found out, as both operations give it.
pub(super) fn session(
    call: &Call<'_>,
    account: &Account,
    role: &Role,
    session_name: &str,
    duration: Duration,
    policy: Option<PolicyDocument>,
) -> super::Xml {
    let terms = Terms {
        account: account.id.clone(),
        holder: SessionHolder::Role {
            role: role.name.clone(),
            session_name: session_name.to_owned(),
        },
        mfa_authenticated: false,
        policy,
        expires: call.context.now.plus(duration),
    };
    let session = call.context.mint.issue(call.context.world, terms);
    credentials(&session).and(assumed_role_user(account, role, session_name))
}

/// An hour if nothing was asked for; never more than the role allows, nor more than an hour from one role to the next.
pub(super) fn session_duration(
    role: &Role,
    asked: Option<Duration>,
    from_role: bool,
) -> Result<Duration, Fault> {
    let duration = asked.unwrap_or(Duration::HOUR);
    if from_role && duration > Duration::HOUR {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if duration > role.max_session {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(duration)
}
