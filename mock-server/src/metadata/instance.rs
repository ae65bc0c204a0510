//! The instance metadata service, version 2 only: without a token it says nothing.
//!
//! Source: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".

use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::{MetadataService, Question, Told, Untold, tokens};
use crate::authn::verdict::{Principal, Reason, Refusal};
use crate::mint::unique_id;
use crate::world::{Account, Instance, Role};

const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const LONGEST: u32 = 21_600;

/// The instance: its id is the name of its role's session.
const INSTANCE_ID: &str = "i-1234567890abcdef0";

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

pub(super) fn tell(service: &MetadataService, question: &Question<'_>) -> Result<Told, Untold> {
    let machine = Machine::of(question)?;
    if question.path == "/latest/api/token" {
        return new_token(service, question, &machine);
    }
    check_token(service, question)?;
    if question.method != Method::GET {
        return Err(untold(
            StatusCode::METHOD_NOT_ALLOWED,
            Refusal::new(Reason::RequestMalformed, "metadata is read with GET"),
        ));
    }
    let region = &machine.instance.region;
    let text = |body: String| machine.told("text/plain", body);
    // A slash at the end makes no difference; botocore has one after the availability zone.
    let told = match question.path.trim_end_matches('/') {
        "/latest/meta-data/instance-id" => text(INSTANCE_ID.to_owned()),
        "/latest/meta-data/placement/region" => text(region.clone()),
        "/latest/meta-data/placement/availability-zone" => text(format!("{region}a")),
        "/latest/meta-data/iam/info" => text(machine.profile(question)),
        "/latest/dynamic/instance-identity/document" => text(machine.document()),
        roles if roles == ROLES.trim_end_matches('/') => text(machine.role.name.clone()),
        path if path.strip_prefix(ROLES) == Some(&*machine.role.name) => {
            text(machine.credentials(service, question))
        }
        _ => return Err(absent("the laboratory's instance has no such metadata")),
    };
    Ok(told)
}

fn new_token(
    service: &MetadataService,
    question: &Question<'_>,
    machine: &Machine<'_>,
) -> Result<Told, Untold> {
    if question.method != Method::PUT {
        return Err(untold(
            StatusCode::METHOD_NOT_ALLOWED,
            Refusal::new(Reason::RequestMalformed, "a token is asked for with PUT"),
        ));
    }
    // A request that a proxy has passed on did not come from the instance itself.
    if question.headers.contains_key(FORWARDED_FOR) {
        return Err(untold(
            StatusCode::FORBIDDEN,
            Refusal::new(
                Reason::RequestMalformed,
                "a token was asked for through a proxy: the request has X-Forwarded-For",
            ),
        ));
    }
    let asked = question.headers.get(tokens::TTL);
    let ttl = asked
        .and_then(|value| value.to_str().ok()?.parse::<u32>().ok())
        .filter(|ttl| (1..=LONGEST).contains(ttl));
    let Some(ttl) = ttl else {
        return Err(untold(
            StatusCode::BAD_REQUEST,
            Refusal::new(
                Reason::RequestMalformed,
                format!("{} is not a number from 1 to {LONGEST}", tokens::TTL),
            ),
        ));
    };
    let token = question.mint.token();
    let body = token.expose().to_owned();
    service.tokens.add(token, question.now, ttl);
    Ok(Told {
        ttl: Some(ttl),
        ..machine.told("text/plain", body)
    })
}

fn check_token(service: &MetadataService, question: &Question<'_>) -> Result<(), Untold> {
    let Some(presented) = question.headers.get(TOKEN) else {
        return Err(untold(
            StatusCode::UNAUTHORIZED,
            Refusal::new(
                Reason::MetadataTokenMissing,
                "the request has no X-aws-ec2-metadata-token: this instance requires version 2 of the service",
            ),
        ));
    };
    if service.tokens.knows(presented.as_bytes(), question.now) {
        return Ok(());
    }
    Err(untold(
        StatusCode::UNAUTHORIZED,
        Refusal::new(
            Reason::MetadataTokenWrong,
            "the metadata token was not issued here, or has expired",
        ),
    ))
}

/// The instance, its account and its role.
struct Machine<'a> {
    instance: &'a Instance,
    account: &'a Account,
    role: &'a Role,
}

impl<'a> Machine<'a> {
    fn of(question: &Question<'a>) -> Result<Self, Untold> {
        let machine = || {
            let instance = question.world.instance.as_ref()?;
            let account = question.world.account(&instance.account)?;
            let role = account.role(&instance.role)?;
            Some(Self {
                instance,
                account,
                role,
            })
        };
        machine().ok_or_else(|| {
            absent("this world has no instance")
                .helped("give it one: [instance] with account and role")
        })
    }

    fn told(&self, content_type: &'static str, body: String) -> Told {
        Told {
            principal: Principal {
                arn: self.account.role_session_arn(self.role, INSTANCE_ID),
                account: self.account.id.to_string(),
                credential: INSTANCE_ID.to_owned(),
            },
            content_type,
            body,
            ttl: None,
        }
    }

    /// A role that does not trust EC2 is an error of 200, as users have reported it (aws/aws-cli#2060).
    fn credentials(&self, service: &MetadataService, question: &Question<'_>) -> String {
        let (account, role) = (self.account, self.role);
        let trusts_ec2 = role
            .trusted
            .iter()
            .any(|trusted| trusted.starts_with("ec2.amazonaws.com"));
        if !trusts_ec2 {
            return pretty(&json!({
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": format!(
                    "EC2 cannot assume the role {}.  Please see documentation at \
                     https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.",
                    role.name
                ),
                "LastUpdated": question.now.to_string(),
            }));
        }
        let current = service
            .instance
            .current(question, &account.id, &role.name, INSTANCE_ID);
        pretty(&json!({
            "Code": "Success",
            "LastUpdated": current.issued.to_string(),
            "Type": "AWS-HMAC",
            "AccessKeyId": current.session.id,
            "SecretAccessKey": current.session.secret.expose(),
            "Token": current.session.token.expose(),
            "Expiration": current.expires.to_string(),
        }))
    }

    /// The instance profile. Its name is that of the role, as the console makes it.
    fn profile(&self, question: &Question<'_>) -> String {
        let (account, role) = (self.account, self.role);
        let arn = format!(
            "arn:{}:iam::{}:instance-profile/{}",
            account.partition(),
            account.id,
            role.name
        );
        pretty(&json!({
            "Code": "Success",
            "LastUpdated": question.now.to_string(),
            "InstanceProfileId": unique_id("AIPA", &arn),
            "InstanceProfileArn": arn,
        }))
    }

    fn document(&self) -> String {
        let region = &self.instance.region;
        pretty(&json!({
            "accountId": self.account.id.as_str(),
            "architecture": "x86_64",
            "availabilityZone": format!("{region}a"),
            "instanceId": INSTANCE_ID,
            "instanceType": "t3.micro",
            "region": region,
            "version": "2017-09-30",
        }))
    }
}

impl Untold {
    fn helped(self, help: &str) -> Self {
        Self {
            refusal: Box::new(self.refusal.with_help(help)),
            ..self
        }
    }
}

fn absent(detail: &str) -> Untold {
    untold(
        StatusCode::NOT_FOUND,
        Refusal::new(Reason::MetadataAbsent, detail),
    )
}

/// The service answers errors with a page that names the status.
fn untold(status: StatusCode, refusal: Refusal) -> Untold {
    let title = format!(
        "{} - {}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    Untold {
        refusal: Box::new(refusal),
        status,
        content_type: "text/html",
        body: format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html>\n<head><title>{title}</title></head>\n\
             <body><h1>{title}</h1></body>\n</html>\n"
        ),
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
