//! A client of AWS's APIs, signed by `aws-sigv4`, and a world in which everything can be asked for.

#![expect(clippy::expect_used, reason = "a test cannot go on without")]

use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use codecommit_helper::password::{SERVICE, Signable};
use codecommit_mock::authn::verdict::Verdict;

use crate::wire::{Answer, Wire};
use crate::{HOST, KEY_ID, Lab, PATH, SECRET, skipped, url};

/// What a world needs so that clients run in a container with a role; it goes behind an account.
pub const CONTAINER: &str = r#"
[[account.role]]
name = "Task"
trusted = ["ecs-tasks.amazonaws.com"]
managed_policies = ["AWSCodeCommitReadOnly"]
[container]
account = "111122223333"
role = "Task"
authorization_token = "the-container-token"
"#;

/// The same for an instance, whose role `Builder` the account has to have.
pub const INSTANCE: &str = "[instance]\naccount = \"111122223333\"\nrole = \"Builder\"\n";

/// A key with its secret and, if it is temporary, its session token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
    /// The session token.
    pub token: Option<String>,
}

impl Keys {
    /// Those of alice in the demo world.
    pub fn alice() -> Self {
        Self {
            id: KEY_ID.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
        }
    }

    /// Those in an answer of STS.
    pub fn of_xml(text: &str) -> Self {
        Self {
            id: between(text, "<AccessKeyId>", "</AccessKeyId>"),
            secret: between(text, "<SecretAccessKey>", "</SecretAccessKey>"),
            token: Some(between(text, "<SessionToken>", "</SessionToken>")),
        }
    }

    /// Those in a JSON object, under these three names.
    pub fn of_json(text: &str, names: [&str; 3]) -> Self {
        let [id, secret, token] = names.map(|name| json(text, name));
        Self {
            id,
            secret,
            token: Some(token),
        }
    }

    /// A user name and password for the demo repository, signed now.
    pub fn git_password(&self, lab: &Lab) -> (String, String) {
        let user_name = match &self.token {
            Some(token) => format!("{}%{token}", self.id),
            None => self.id.clone(),
        };
        let password = Signable {
            host: HOST,
            path: PATH,
            region: "us-east-2",
            service: SERVICE,
            at: lab.server.clock().timestamp(),
        };
        (user_name, password.sign(&self.secret).expose())
    }
}

/// The value of a key of a JSON text, wherever it stands.
pub fn json(text: &str, name: &str) -> String {
    between(&text.replace(": ", ":"), &format!("\"{name}\":\""), "\"")
}

/// What stands between the first `start` and the next `end`.
pub fn between(text: &str, start: &str, end: &str) -> String {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic_with(start, text));
    let (found, _) = rest
        .split_once(end)
        .unwrap_or_else(|| panic_with(end, text));
    found.to_owned()
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn panic_with(what: &str, text: &str) -> ! {
    panic!("no {what} in {text}")
}

/// Calls an operation of STS at this host, signed with these keys for this Region.
pub fn sts(lab: &Lab, host: &str, region: &str, keys: &Keys, form: &str) -> Answer {
    let body = format!("{form}&Version=2011-06-15");
    let headers = signed(lab, host, region, keys, &body);
    let headers: Vec<_> = headers.iter().map(|(a, b)| (&**a, &**b)).collect();
    Wire::connect(lab, host).post("/", &headers, body.as_bytes())
}

/// The headers of a signed form.
pub fn signed(
    lab: &Lab,
    host: &str,
    region: &str,
    keys: &Keys,
    body: &str,
) -> Vec<(String, String)> {
    let identity =
        Credentials::new(&*keys.id, &*keys.secret, keys.token.clone(), None, "test").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(lab.server.clock().now())
        .settings(SigningSettings::default())
        .build()
        .expect("all is set")
        .into();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let url = format!("https://{host}/");
    let bytes = SignableBody::Bytes(body.as_bytes());
    let request =
        SignableRequest::new("POST", &url, std::iter::once(form), bytes).expect("a request");
    let (instructions, _) = sign(request, &parameters).expect("it signs").into_parts();
    std::iter::once(form)
        .chain(instructions.headers())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Lists the references of the demo repository with the real git, and says as whom the server let it in.
#[track_caller]
pub fn lists_as(lab: &Lab, keys: &Keys) -> String {
    let (user_name, password) = keys.git_password(lab);
    lab.log_in(&user_name, &password);
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
    last_principal(lab)
}

/// As whom the last request was accepted.
#[track_caller]
pub fn last_principal(lab: &Lab) -> String {
    let exchanges = lab.exchanges();
    match exchanges
        .last()
        .and_then(|exchange| exchange.verdict.clone())
    {
        Some(Verdict::Accepted(principal)) => principal.arn,
        other => panic_with("accepted request", &format!("{other:?}")),
    }
}

/// The AWS CLI, if `ci/install-peers.sh` has installed it; else says that the test is skipped.
pub fn cli() -> Option<PathBuf> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/peers/bin/aws");
    let program = Path::new(installed).canonicalize().ok();
    if program.is_none() {
        skipped("the AWS CLI is not installed (ci/install-peers.sh)");
    }
    program
}
