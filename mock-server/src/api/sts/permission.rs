//! Whether a caller's own policies let them assume a role that trusts them.

use super::Call;
use super::signed::Caller;
use super::trust::Trusted;
use crate::authn::verdict::{Reason, Refusal};
use crate::authz::{Decision, Layer, NamedPolicy, PolicySet, Request, key};
use crate::world::policy::PolicyDocument;
use crate::world::{Account, Identity, Key, Role};

const ACTION: &str = "sts:AssumeRole";

/// Asks the caller's policies for `sts:AssumeRole`, as far as the trust policy does not answer for them.
///
/// A role of another account needs the leave of both sides. In one account a trust policy that names the user or the session
/// is enough: what the caller's policies do not say is no matter then, only what they deny. Naming the caller's role stands in
/// for that role's policies, not for its boundary nor for the session's policy. Trusting the account leaves it to the
/// caller's policies (IAM user guide, "Policy evaluation logic" and "Cross-account policy evaluation logic").
pub(super) fn check(
    call: &Call<'_>,
    caller: &Caller<'_>,
    (account, role): (&Account, &Role),
    trusted: Trusted,
    with_mfa: bool,
) -> Result<(), Refusal> {
    let holder = caller.holder();
    let narrowed = match &holder.key {
        Key::Temporary(session) => session.policy.as_ref(),
        Key::LongTerm(_) => None,
    };
    let mut policies = PolicySet::of(holder.identity.policies(), narrowed);
    let request = request(call, caller, &account.role_arn(role), with_mfa);
    let denial = match trusted {
        Trusted::Principal if account.id == holder.account.id => policies.explicit_deny(&request),
        Trusted::Role if account.id == holder.account.id => {
            policies.identity.extend(trust_policy(&request.resource));
            Some(policies.evaluate(&request))
        }
        _ => Some(policies.evaluate(&request)),
    };
    match denial.filter(|decision| !decision.allowed) {
        Some(decision) => Err(refusal(&decision, &holder.identity)),
        None => Ok(()),
    }
}

/// What a trust policy gives to a role that it names.
fn trust_policy(role_arn: &str) -> Option<NamedPolicy> {
    let document = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{ACTION}", "Resource": "{role_arn}"}}}}"#
    );
    let document = PolicyDocument::identity(&document).ok()?;
    Some(NamedPolicy::new("the trust policy", document))
}

fn request(call: &Call<'_>, caller: &Caller<'_>, role_arn: &str, with_mfa: bool) -> Request {
    let holder = caller.holder();
    let origin = call.request.origin();
    let now = call.context.now;
    let mut request = Request::by(holder.account, &holder.identity, ACTION, role_arn)
        .with(key::SOURCE_IP, origin.source_ip)
        .with(key::SECURE_TRANSPORT, origin.encrypted)
        .with(key::CURRENT_TIME, now)
        .with(key::EPOCH_TIME, now.unix_seconds());
    if let Some(region) = call.region {
        request = request.with(key::REQUESTED_REGION, region);
    }
    // With a code the request itself is authenticated so; without one, the session may be.
    if with_mfa || caller.is_temporary() {
        request = request.with(key::MFA_PRESENT, with_mfa || caller.has_mfa());
    }
    for (name, parameter) in [
        ("sts:ExternalId", "ExternalId"),
        ("sts:RoleSessionName", "RoleSessionName"),
    ] {
        if let Some(value) = call.parameter(parameter) {
            request = request.with(name, value);
        }
    }
    request
}

fn refusal(decision: &Decision, identity: &Identity<'_>) -> Refusal {
    let whom = identity.describe();
    let detail = format!("{ACTION} is not for {whom}: {}", decision.because);
    let resource = &decision.resource;
    let help = match (&decision.statement, decision.lacking) {
        (Some(_), _) => format!("take {resource} out of the statement that denies it"),
        (None, Some(Layer::Boundary)) => {
            format!("widen the permissions boundary of {whom} by {ACTION} on {resource}")
        }
        (None, Some(Layer::Session)) => {
            format!("get a session whose policy allows {ACTION} on {resource}")
        }
        (None, _) => format!("give {whom} a policy that allows {ACTION} on {resource}"),
    };
    Refusal::new(Reason::AccessDenied, detail).with_help(help)
}
