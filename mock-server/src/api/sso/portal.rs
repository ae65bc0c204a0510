//! The portal: `GET /federation/credentials`.

use hyper::{Response, StatusCode};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::api::request::ApiRequest;
use crate::api::{Context, Done, Fault};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::git::Body;
use crate::mint::Terms;
use crate::world::{Account, Role, SessionHolder, Sso};

/// `GetRoleCredentials`: a session of a role that is assigned to who signed in.
pub(in crate::api) fn serve(
    context: Context<'_>,
    region: Option<&str>,
    request: &ApiRequest,
) -> Result<Done, Fault> {
    if (request.method(), request.path()) != ("GET", "/federation/credentials") {
        return Err(Fault::new(
            Refusal::new(
                Reason::OperationUnknown,
                "the laboratory's portal has GetRoleCredentials only: GET /federation/credentials",
            ),
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            "the laboratory does not play this operation",
        ));
    }
    let sso = signed_in(context, region, request)?;
    let parameters = request.query_parameters();
    let parameter = |name| parameters.get(name).ok_or_else(|| missing(name));
    let (role_name, account_id) = (parameter("role_name")?, parameter("account_id")?);
    let (account, role) = assigned(context, sso, account_id, role_name)
        .ok_or_else(|| no_access(sso, account_id, role_name))?;
    let expires = context.now.plus(role.max_session);
    let terms = Terms {
        account: account.id.clone(),
        holder: SessionHolder::Role {
            role: role.name.clone(),
            session_name: sso.user.clone(),
        },
        mfa_authenticated: false,
        policy: None,
        expires,
    };
    let session = context.mint.issue(context.world, terms);
    let body = json!({
        "roleCredentials": {
            "accessKeyId": session.id,
            "secretAccessKey": session.secret.expose(),
            "sessionToken": session.token.expose(),
            "expiration": expires.unix_seconds() * 1000,
        }
    });
    Ok(Done {
        principal: Principal {
            arn: account.role_session_arn(role, &sso.user),
            account: account.id.to_string(),
            credential: sso.user.clone(),
        },
        body: body.to_string(),
    })
}

/// The answer to a call that failed.
pub(in crate::api) fn refuse(fault: &Fault) -> Response<Body> {
    let body = json!({
        "__type": format!("com.amazonaws.switchboard.portal#{}", fault.code),
        "message": fault.message,
    });
    super::exception(fault, &body)
}

/// Where the access token was issued. A portal knows the tokens of its own Region only.
fn signed_in<'a>(
    context: Context<'a>,
    region: Option<&str>,
    request: &ApiRequest,
) -> Result<&'a Sso, Fault> {
    let unauthorized = |reason, detail: String| {
        Err(Fault::new(
            Refusal::new(reason, detail).with_help("sign in again: aws sso login"),
            StatusCode::UNAUTHORIZED,
            "UnauthorizedException",
            "Session token not found or invalid",
        ))
    };
    let Some(presented) = request.header("x-amz-sso_bearer_token") else {
        return unauthorized(
            Reason::SsoTokenUnknown,
            "the request has no x-amz-sso_bearer_token header".to_owned(),
        );
    };
    let tokens = context.world.sso_tokens();
    let found = tokens.into_iter().find(|(_, token)| {
        let issued = token.access_token.expose().as_bytes();
        presented.as_bytes().ct_eq(issued).into()
    });
    let Some((sso, token)) = found else {
        return unauthorized(
            Reason::SsoTokenUnknown,
            "nobody has signed in with this access token".to_owned(),
        );
    };
    if region.is_some_and(|region| region != sso.region) {
        return unauthorized(
            Reason::SsoTokenUnknown,
            format!(
                "the access token is of {}, another Region than this portal's",
                sso.region
            ),
        );
    }
    match token.expires {
        Some(expires) if context.now >= expires => unauthorized(
            Reason::SsoTokenExpired,
            format!("the access token of {} expired at {expires}", sso.user),
        ),
        _ => Ok(sso),
    }
}

fn assigned<'a>(
    context: Context<'a>,
    sso: &Sso,
    account_id: &str,
    role_name: &str,
) -> Option<(&'a Account, &'a Role)> {
    let assignment = sso.assignments.iter().find(|assignment| {
        assignment.account.as_str() == account_id && assignment.role == role_name
    })?;
    let account = context.world.account(&assignment.account)?;
    Some((account, account.role(&assignment.iam_role)?))
}

/// As users have reported it: "ForbiddenException ... No access" (aws/aws-sam-cli#2129).
fn no_access(sso: &Sso, account_id: &str, role_name: &str) -> Fault {
    Fault::new(
        Refusal::new(
            Reason::SsoRoleUnassigned,
            format!(
                "{} has no assignment of role {} in account {}",
                sso.user,
                role_name.escape_default(),
                account_id.escape_default()
            ),
        )
        .with_help("check sso_account_id and sso_role_name in the profile"),
        StatusCode::FORBIDDEN,
        "ForbiddenException",
        "No access",
    )
}

fn missing(name: &str) -> Fault {
    Fault::new(
        Refusal::new(
            Reason::ParameterInvalid,
            format!("the parameter {name} is missing"),
        ),
        StatusCode::BAD_REQUEST,
        "InvalidRequestException",
        format!("{name} is required"),
    )
}
