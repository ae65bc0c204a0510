use hyper::StatusCode;
use subtle::ConstantTimeEq as _;

use super::assume_role::{session, session_duration};
use super::xml::element;
use super::{Call, Fault, Outcome, trust};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::world::{Account, IdentityProvider, IdentityToken, Role};

/// `AssumeRoleWithWebIdentity`: a session of a role for a token of an identity provider that the role trusts. Nobody signs it.
pub(super) fn assume_role(call: &Call<'_>) -> Result<Outcome, Fault> {
    let arn = call.role_arn()?;
    let session_name = call.session_name()?;
    let presented = call.required("WebIdentityToken")?;
    let duration = call.duration(43_200)?;
    let policy = call.session_policy()?;
    let (account, role) = trust::role(call.context.world, arn).map_err(denied)?;
    let (provider, token) = find(account, presented).ok_or_else(unknown)?;
    check_expiry(call, token)?;
    check_trust(account, role, provider)?;
    let duration = session_duration(role, duration, false)?;
    let result = element("SubjectFromWebIdentityToken", &*token.subject)
        .and(element("Audience", &*token.audience))
        .and(element("Provider", provider_arn(account, provider)))
        .and(session(call, account, role, session_name, duration, policy));
    Ok(Outcome {
        principal: Principal {
            arn: account.role_session_arn(role, session_name),
            account: account.id.to_string(),
            credential: token.subject.clone(),
        },
        result,
    })
}

fn find<'a>(
    account: &'a Account,
    presented: &str,
) -> Option<(&'a IdentityProvider, &'a IdentityToken)> {
    account.identity_providers.iter().find_map(|provider| {
        let is_it = |token: &&IdentityToken| -> bool {
            let issued = token.token.expose().as_bytes();
            presented.as_bytes().ct_eq(issued).into()
        };
        Some((provider, provider.tokens.iter().find(is_it)?))
    })
}

fn unknown() -> Fault {
    Fault::new(
        Refusal::new(
            Reason::IdentityTokenUnknown,
            "no identity provider of the role's account has issued this token",
        ),
        StatusCode::BAD_REQUEST,
        "InvalidIdentityToken",
        "The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity \
         provider and then retry the request.",
    )
}

fn check_expiry(call: &Call<'_>, token: &IdentityToken) -> Result<(), Fault> {
    let now = call.context.now;
    match token.expires {
        Some(expires) if now >= expires => Err(Fault::new(
            Refusal::new(
                Reason::IdentityTokenExpired,
                format!("the identity provider's token expired at {expires}"),
            ),
            StatusCode::BAD_REQUEST,
            "ExpiredTokenException",
            format!(
                "Token expired: current date/time {} must be before the expiration date/time {}",
                now.unix_seconds(),
                expires.unix_seconds()
            ),
        )),
        _ => Ok(()),
    }
}

fn check_trust(account: &Account, role: &Role, provider: &IdentityProvider) -> Result<(), Fault> {
    let names = [provider.url.clone(), provider_arn(account, provider)];
    if role.trusted.iter().any(|trusted| names.contains(trusted)) {
        return Ok(());
    }
    Err(denied(Refusal::new(
        Reason::RoleNotTrusting,
        format!("role {} does not trust {}", role.name, provider.url),
    )))
}

/// `arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com`.
fn provider_arn(account: &Account, provider: &IdentityProvider) -> String {
    format!(
        "arn:{}:iam::{}:oidc-provider/{}",
        account.partition(),
        account.id,
        provider.name()
    )
}

fn denied(refusal: Refusal) -> Fault {
    Fault::new(
        refusal,
        StatusCode::FORBIDDEN,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    )
}
