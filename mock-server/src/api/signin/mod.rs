//! AWS Sign-In, which `aws login` uses: `POST /v1/token`.
//!
//! Source: botocore's model of `signin` (2023-01-01), and what its `LoginCredentialFetcher` makes of the answers.

mod dpop;
mod logins;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use time::Duration;

pub(crate) use self::logins::Logins;
use super::request::ApiRequest;
use super::{Context, Done, ERROR_TYPE, Fault};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::git::{Body, full};
use crate::mint::Terms;
use crate::world::{Identity, SessionHolder};

/// How long credentials last: 900 seconds at most, says the model.
const LIFETIME: Duration = Duration::minutes(15);

/// What clients send, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateToken {
    client_id: String,
    grant_type: String,
    refresh_token: Option<String>,
}

/// The two clients that there are (the model's pattern of `clientId`).
const CLIENTS: [&str; 2] = [
    "arn:aws:signin:::devtools/same-device",
    "arn:aws:signin:::devtools/cross-device",
];

/// `CreateOAuth2Token`: new credentials of a user, and a new refresh token, for a refresh token and a proof that it comes from
/// whoever logged in.
pub(super) fn serve(context: Context<'_>, request: &ApiRequest) -> Result<Done, Fault> {
    if (request.method(), request.path()) != ("POST", "/v1/token") {
        return Err(invalid(
            Reason::OperationUnknown,
            "the laboratory has CreateOAuth2Token only: POST /v1/token",
        ));
    }
    let call: CreateToken = serde_json::from_slice(&request.body).map_err(|_| {
        invalid(
            Reason::ParameterInvalid,
            "the body is not the JSON of a CreateOAuth2Token request",
        )
    })?;
    if !CLIENTS.contains(&&*call.client_id) {
        return Err(invalid(
            Reason::ParameterInvalid,
            "clientId is neither of the two clients of developer tools",
        ));
    }
    if call.grant_type != "refresh_token" {
        return Err(invalid(
            Reason::OperationUnknown,
            "the laboratory refreshes tokens; it does not play logging in with a browser",
        ));
    }
    let presented = call
        .refresh_token
        .ok_or_else(|| invalid(Reason::ParameterInvalid, "refreshToken is missing"))?;
    let key = dpop::verify(request, context.now)
        .map_err(|problem| invalid(Reason::ProofWrong, problem))?;
    let next = context.mint.token();
    let (account, user) = context
        .logins
        .redeem(context.world, &presented, key, context.now, next.clone())
        .map_err(denied)?;
    let terms = Terms {
        account: account.id.clone(),
        holder: SessionHolder::User(user.name.clone()),
        mfa_authenticated: false,
        policy: None,
        expires: context.now.plus(LIFETIME),
    };
    let session = context.mint.issue(context.world, terms);
    let body = json!({
        "accessToken": {
            "accessKeyId": session.id,
            "secretAccessKey": session.secret.expose(),
            "sessionToken": session.token.expose(),
        },
        "tokenType": "aws_sigv4",
        "expiresIn": LIFETIME.whole_seconds(),
        "refreshToken": next.expose(),
    });
    Ok(Done {
        principal: Principal {
            arn: account.arn(&Identity::User(user)),
            account: account.id.to_string(),
            credential: session.id,
        },
        body: body.to_string(),
    })
}

/// The answer to a call that failed.
pub(super) fn refuse(fault: &Fault) -> Response<Body> {
    let error = match fault.code {
        "AccessDeniedException" => "TOKEN_EXPIRED",
        _ => "INVALID_REQUEST",
    };
    let body = json!({ "error": error, "message": fault.message });
    let mut response = Response::new(full(body.to_string()));
    *response.status_mut() = fault.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR_TYPE, HeaderValue::from_static(fault.code));
    response
}

fn denied(refusal: Refusal) -> Fault {
    // The model gives this exception no status of its own.
    Fault::new(
        refusal.with_help("log in again: aws login"),
        StatusCode::FORBIDDEN,
        "AccessDeniedException",
        "The refresh token has expired",
    )
}

fn invalid(reason: Reason, problem: &str) -> Fault {
    Fault::new(
        Refusal::new(reason, problem),
        StatusCode::BAD_REQUEST,
        "ValidationException",
        problem,
    )
}
