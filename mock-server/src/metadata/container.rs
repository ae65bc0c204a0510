//! The credentials endpoint of an ECS task or EKS pod.
//!
//! Source: SDKs and Tools Reference Guide, "Container credential provider"; the shape is that of the ECS agent.

use hyper::header::AUTHORIZATION;
use hyper::{Method, StatusCode};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::{MetadataService, Question, Told, Untold};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::world::{Account, Container, Role};

/// The task's id, which is the name of its role's session.
const TASK_ID: &str = "0123456789abcdef0123456789abcdef";

pub(super) fn tell(service: &MetadataService, question: &Question<'_>) -> Result<Told, Untold> {
    let (container, account, role) = machine(question).ok_or_else(|| {
        untold(
            StatusCode::NOT_FOUND,
            "NotFound",
            Refusal::new(Reason::MetadataAbsent, "this world has no container")
                .with_help("give it one: [container] with account, role and authorization_token"),
        )
    })?;
    if question.method != Method::GET {
        return Err(untold(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            Refusal::new(Reason::RequestMalformed, "credentials are read with GET"),
        ));
    }
    check_token(question, container)?;
    let current = service
        .container
        .current(question, &account.id, &role.name, TASK_ID);
    let body = json!({
        "RoleArn": account.role_arn(role),
        "AccessKeyId": current.session.id,
        "SecretAccessKey": current.session.secret.expose(),
        "Token": current.session.token.expose(),
        "Expiration": current.expires.to_string(),
    });
    Ok(Told {
        principal: Principal {
            arn: account.role_session_arn(role, TASK_ID),
            account: account.id.to_string(),
            credential: TASK_ID.to_owned(),
        },
        content_type: "application/json",
        body: body.to_string(),
        ttl: None,
    })
}

fn machine<'a>(question: &Question<'a>) -> Option<(&'a Container, &'a Account, &'a Role)> {
    let container = question.world.container.as_ref()?;
    let account = question.world.account(&container.account)?;
    Some((container, account, account.role(&container.role)?))
}

/// The `Authorization` header is the token as it is, without a scheme.
fn check_token(question: &Question<'_>, container: &Container) -> Result<(), Untold> {
    let refused = |reason, detail| {
        let refusal = Refusal::new(reason, detail).with_help(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN, or the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, holds it",
        );
        Err(untold(StatusCode::UNAUTHORIZED, "AccessDenied", refusal))
    };
    let Some(presented) = question.headers.get(AUTHORIZATION) else {
        return refused(
            Reason::MetadataTokenMissing,
            "the request has no Authorization header",
        );
    };
    let token = container.authorization_token.expose().as_bytes();
    if presented.as_bytes().ct_eq(token).into() {
        Ok(())
    } else {
        refused(
            Reason::MetadataTokenWrong,
            "the authorization token is not the container's",
        )
    }
}

fn untold(status: StatusCode, code: &str, refusal: Refusal) -> Untold {
    Untold {
        status,
        content_type: "application/json",
        body: json!({ "code": code, "message": refusal.detail }).to_string(),
        refusal: Box::new(refusal),
    }
}
