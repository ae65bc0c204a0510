//! Security Token Service: the query protocol of 2011-06-15, answers in XML.

mod assume_role;
mod caller_identity;
mod constraint;
mod mfa;
mod permission;
mod session_token;
mod signed;
mod trust;
mod web_identity;
mod xml;

use codecommit_helper::timestamp::Timestamp;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use self::xml::{Xml, element};
use super::request::{ApiRequest, Parameters};
use super::{Context, Done, Fault};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::git::{Body, full};
use crate::mint::unique_id;
use crate::world::policy::PolicyDocument;
use crate::world::{Account, Role, Session};

const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// One call of an operation.
struct Call<'a> {
    context: Context<'a>,
    /// The Region of the host, if the host tells.
    region: Option<&'a str>,
    request: &'a ApiRequest,
    parameters: Parameters,
}

/// Who called, and what the operation says.
struct Outcome {
    principal: Principal,
    result: Xml,
}

pub(super) fn serve(
    context: Context<'_>,
    region: Option<&str>,
    request: &ApiRequest,
    request_id: &str,
) -> Result<Done, Fault> {
    let call = Call {
        context,
        region,
        request,
        parameters: request.parameters(),
    };
    let action = call.parameters.get("Action").unwrap_or_default();
    let version = call.parameters.get("Version").unwrap_or_default();
    let operation = match (action, version) {
        ("AssumeRole", VERSION) => assume_role::assume_role,
        ("AssumeRoleWithWebIdentity", VERSION) => web_identity::assume_role,
        ("GetCallerIdentity", VERSION) => caller_identity::get,
        ("GetSessionToken", VERSION) => session_token::get,
        _ => return Err(unknown_operation(action, version)),
    };
    let outcome = operation(&call)?;
    let result = element(&format!("{action}Result"), outcome.result);
    let metadata = element("ResponseMetadata", element("RequestId", request_id));
    Ok(Done {
        principal: outcome.principal,
        body: element(&format!("{action}Response"), result.and(metadata)).document(NAMESPACE),
    })
}

/// The answer to a call that failed.
pub(super) fn refuse(fault: &Fault, request_id: &str) -> Response<Body> {
    let error = element("Type", "Sender")
        .and(element("Code", fault.code))
        .and(element("Message", &*fault.message));
    let response = element("Error", error).and(element("RequestId", request_id));
    let body = element("ErrorResponse", response).document(NAMESPACE);
    let mut response = Response::new(full(body));
    *response.status_mut() = fault.status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

fn unknown_operation(action: &str, version: &str) -> Fault {
    let printable = |text: &str| -> String {
        let known = text.chars().take(64);
        known.flat_map(char::escape_default).collect()
    };
    let message = format!(
        "Could not find operation {} for version {}",
        printable(action),
        printable(version)
    );
    Fault::new(
        Refusal::new(Reason::OperationUnknown, message.clone()).with_help(
            "the laboratory plays AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity and GetSessionToken",
        ),
        StatusCode::BAD_REQUEST,
        "InvalidAction",
        message,
    )
}

/// `Credentials` as every operation gives them.
fn credentials(session: &Session) -> Xml {
    let expiration = session.expires.as_ref().map(Timestamp::to_string);
    let fields = element("AccessKeyId", &*session.id)
        .and(element("SecretAccessKey", session.secret.expose()))
        .and(element("SessionToken", session.token.expose()))
        .and(element("Expiration", expiration.unwrap_or_default()));
    element("Credentials", fields)
}

/// `AssumedRoleUser`: who the caller is from now on.
fn assumed_role_user(account: &Account, role: &Role, session_name: &str) -> Xml {
    let id = unique_id("AROA", &account.role_arn(role));
    let fields = element("AssumedRoleId", format!("{id}:{session_name}"))
        .and(element("Arn", account.role_session_arn(role, session_name)));
    element("AssumedRoleUser", fields)
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)
    }

    /// The policy that the caller narrows the session to, from `Policy`. Managed session policies (`PolicyArns`) are not
    /// played.
    fn session_policy(&self) -> Result<Option<PolicyDocument>, Fault> {
        if let Some(name) = self.parameters.any_starting_with("PolicyArns") {
            return Err(Fault::validation(format!(
                "the laboratory plays no managed session policies, and {name} is one"
            )));
        }
        let read = |json: &str| {
            PolicyDocument::identity(json)
                .map_err(|error| Fault::malformed_policy(error.to_string()))
        };
        self.parameter("Policy").map(read).transpose()
    }
}
