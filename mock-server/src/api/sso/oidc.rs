//! OpenID Connect: `POST /token`.

use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use time::Duration;

use crate::api::request::ApiRequest;
use crate::api::{Context, Done, Fault};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::git::Body;
use crate::world::{Sso, SsoClient, SsoToken};

/// How long a new access token lasts. The guide says an hour; how long refreshing goes on is the administrator's choice.
const LIFETIME: Duration = Duration::HOUR;

/// What clients send, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateToken {
    client_id: String,
    client_secret: String,
    grant_type: String,
    refresh_token: Option<String>,
}

/// `CreateToken`: a new access token for a refresh token.
pub(in crate::api) fn serve(
    context: Context<'_>,
    region: Option<&str>,
    request: &ApiRequest,
) -> Result<Done, Fault> {
    if (request.method(), request.path()) != ("POST", "/token") {
        return Err(Fault::new(
            Refusal::new(
                Reason::OperationUnknown,
                "the laboratory has CreateToken only: POST /token",
            ),
            StatusCode::BAD_REQUEST,
            "InvalidRequestException",
            "the laboratory does not play this operation",
        ));
    }
    let call: CreateToken = serde_json::from_slice(&request.body)
        .map_err(|_| invalid("the body is not the JSON of a CreateToken request"))?;
    if call.grant_type != "refresh_token" {
        return Err(unsupported(&call.grant_type));
    }
    let presented = call
        .refresh_token
        .as_deref()
        .ok_or_else(|| invalid("refreshToken is missing"))?;
    let (sso, known) = refreshable(context, region, presented)?;
    if let Some(client) = &known.client {
        check_client(client, &call)?;
    }
    let token = SsoToken {
        access_token: context.mint.token(),
        expires: Some(context.now.plus(LIFETIME)),
        ..known
    };
    let body = json!({
        "accessToken": token.access_token.expose(),
        "tokenType": "Bearer",
        "expiresIn": LIFETIME.whole_seconds(),
        "refreshToken": presented,
    });
    context.world.issue_sso_token(sso, token);
    Ok(Done {
        principal: Principal {
            // Users of Identity Center belong to no account.
            arn: format!("arn:aws:identitystore:::user/{}", sso.user),
            account: String::new(),
            credential: sso.user.clone(),
        },
        body: body.to_string(),
    })
}

/// The answer to a call that failed, as OAuth 2.0 says it.
pub(in crate::api) fn refuse(fault: &Fault) -> Response<Body> {
    let error = match fault.code {
        "InvalidClientException" => "invalid_client",
        "InvalidGrantException" => "invalid_grant",
        "UnsupportedGrantTypeException" => "unsupported_grant_type",
        _ => "invalid_request",
    };
    super::exception(
        fault,
        &json!({ "error": error, "error_description": fault.message }),
    )
}

fn refreshable<'a>(
    context: Context<'a>,
    region: Option<&str>,
    presented: &str,
) -> Result<(&'a Sso, SsoToken), Fault> {
    let tokens = context.world.sso_tokens();
    let found = tokens.into_iter().find(|(sso, token)| {
        let is_here = region.is_none_or(|region| region == sso.region);
        let is_it = token.refresh_token.as_ref().is_some_and(|known| {
            let known = known.expose().as_bytes();
            presented.as_bytes().ct_eq(known).into()
        });
        is_here && is_it
    });
    match found {
        Some((sso, token)) => Ok((sso, (*token).clone())),
        None => Err(Fault::new(
            Refusal::new(
                Reason::SsoTokenUnknown,
                "nobody has signed in with this refresh token in this Region",
            )
            .with_help("sign in again: aws sso login"),
            StatusCode::BAD_REQUEST,
            "InvalidGrantException",
            "Invalid refresh token provided",
        )),
    }
}

fn check_client(client: &SsoClient, call: &CreateToken) -> Result<(), Fault> {
    let secret = client.secret.expose().as_bytes();
    let is_it =
        client.id == call.client_id && bool::from(call.client_secret.as_bytes().ct_eq(secret));
    if is_it {
        return Ok(());
    }
    Err(Fault::new(
        Refusal::new(
            Reason::SsoTokenUnknown,
            "the refresh token was issued to another client",
        )
        .with_help("sign in again: aws sso login"),
        StatusCode::UNAUTHORIZED,
        "InvalidClientException",
        "Invalid client provided",
    ))
}

fn unsupported(grant_type: &str) -> Fault {
    Fault::new(
        Refusal::new(
            Reason::OperationUnknown,
            format!("the grant type is {}", grant_type.escape_default()),
        )
        .with_help("the laboratory refreshes tokens; it does not play signing in with a browser"),
        StatusCode::BAD_REQUEST,
        "UnsupportedGrantTypeException",
        "Unsupported grant type",
    )
}

fn invalid(problem: &str) -> Fault {
    Fault::new(
        Refusal::new(Reason::ParameterInvalid, problem),
        StatusCode::BAD_REQUEST,
        "InvalidRequestException",
        "Invalid request",
    )
}
