//! AWS Sign-In, which `aws login` uses: a refresh token and a proof of possession get new credentials.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use codecommit_mock::MockServer;
use codecommit_tests::aws::{Keys, json, lists_as};
use codecommit_tests::wire::{Answer, Wire};
use codecommit_tests::{Lab, world};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

const HOST: &str = "us-east-2.signin.aws.amazon.com";
const URL: &str = "https://us-east-2.signin.aws.amazon.com/v1/token";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

const WORLD: &str = r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.login]]
refresh_token = "the-first-refresh-token"
[[account.user.login]]
refresh_token = "an-ended-refresh-token"
expires = "2020-01-01T00:00:00Z"
"#;

fn lab() -> Lab {
    Lab::start(MockServer::builder().world(world(WORLD)))
}

/// What `aws login` keeps to prove that it is who logged in.
struct Holder {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl Holder {
    fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            pair: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap(),
            pkcs8: pkcs8.as_ref().to_vec(),
        }
    }

    /// The key as `aws login` keeps it: `ECPrivateKey` of RFC 5915 with the curve's name.
    fn pem(&self) -> String {
        let start = self
            .pkcs8
            .windows(5)
            .position(|bytes| bytes == [2, 1, 1, 4, 32]);
        let start = start.unwrap() + 5;
        let mut der = vec![0x30, 0x77, 2, 1, 1, 4, 32];
        der.extend(&self.pkcs8[start..start + 32]);
        der.extend([0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        der.extend([0xa1, 0x44, 3, 0x42, 0]);
        der.extend(self.pair.public_key().as_ref());
        let kind = "EC PRIVATE KEY";
        format!(
            "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
            STANDARD.encode(der)
        )
    }

    fn header(&self) -> String {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        format!(
            r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#
        )
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload)
        );
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap()))
    }

    fn proof(&self, lab: &Lab) -> String {
        self.sign(&self.header(), &payload(lab, "POST", URL, 0))
    }
}

fn payload(lab: &Lab, method: &str, url: &str, ahead: i64) -> String {
    let iat = lab.server.clock().timestamp().unix_seconds() + ahead;
    format!(r#"{{"htm":"{method}","htu":"{url}","iat":{iat},"jti":"1"}}"#)
}

fn create(lab: &Lab, token: &str, proof: &str) -> Answer {
    let body = format!(
        r#"{{"clientId":"arn:aws:signin:::devtools/same-device","grantType":"refresh_token","refreshToken":"{token}"}}"#
    );
    let headers = [("content-type", "application/json"), ("dpop", proof)];
    Wire::connect(lab, HOST).post("/v1/token", &headers, body.as_bytes())
}

#[test]
fn a_refresh_token_gets_credentials_and_the_next_token() {
    let lab = lab();
    let holder = Holder::new();
    let first = create(&lab, "the-first-refresh-token", &holder.proof(&lab));
    let text = first.text();
    assert_eq!(first.status, 200, "{text}");
    assert_eq!(json(&text, "tokenType"), "aws_sigv4");
    assert!(text.contains("\"expiresIn\":900"), "{text}");
    let names = ["accessKeyId", "secretAccessKey", "sessionToken"];
    assert_eq!(lists_as(&lab, &Keys::of_json(&text, names)), ALICE);
    let next = json(&text, "refreshToken");
    assert_eq!(create(&lab, &next, &holder.proof(&lab)).status, 200);
    // Each is good for one use.
    let again = create(&lab, &next, &holder.proof(&lab));
    assert_eq!(
        (again.status, &*json(&again.text(), "error")),
        (403, "TOKEN_EXPIRED")
    );
    assert!(
        again
            .headers
            .contains("x-amzn-errortype: AccessDeniedException\n")
    );
    assert_eq!(lab.last_verdict(), "sso-token-expired");
}

#[test]
fn a_refresh_token_that_was_taken_is_of_no_use() {
    let lab = lab();
    let holder = Holder::new();
    let text = create(&lab, "the-first-refresh-token", &holder.proof(&lab)).text();
    create(
        &lab,
        &json(&text, "refreshToken"),
        &Holder::new().proof(&lab),
    );
    assert_eq!(lab.last_verdict(), "proof-wrong");
    for (token, verdict) in [
        ("unknown", "sso-token-unknown"),
        ("an-ended-refresh-token", "sso-token-expired"),
    ] {
        create(&lab, token, &holder.proof(&lab));
        assert_eq!(lab.last_verdict(), verdict);
    }
}

#[test]
fn a_proof_has_to_be_right_in_everything() {
    let lab = lab();
    let holder = Holder::new();
    let header = holder.header();
    let good = payload(&lab, "POST", URL, 0);
    let mut tampered = holder.sign(&header, &good);
    tampered.replace_range(tampered.len() - 4.., "AAAA");
    let private = header.replace("\"kty\"", "\"d\":\"AA\",\"kty\"");
    for proof in [
        String::new(),
        "a.b".to_owned(),
        tampered,
        holder.sign(&private, &good),
        holder.sign(&header.replace("ES256", "none"), &good),
        holder.sign(&header.replace("dpop+jwt", "jwt"), &good),
        holder.sign(&Holder::new().header(), &good),
        holder.sign(&header, &payload(&lab, "GET", URL, 0)),
        holder.sign(
            &header,
            &payload(&lab, "POST", "https://elsewhere/v1/token", 0),
        ),
        holder.sign(&header, &payload(&lab, "POST", URL, 310)),
        holder.sign(&header, &payload(&lab, "POST", URL, -310)),
        holder.sign(&header, "{}"),
    ] {
        let answer = create(&lab, "the-first-refresh-token", &proof);
        assert_eq!(
            (answer.status, &*json(&answer.text(), "error")),
            (400, "INVALID_REQUEST")
        );
        assert_eq!(lab.last_verdict(), "proof-wrong", "{proof}");
    }
}

#[test]
fn no_secret_gets_into_the_journal() {
    let lab = lab();
    let holder = Holder::new();
    let proof = holder.proof(&lab);
    let text = create(&lab, "the-first-refresh-token", &proof).text();
    create(&lab, "the-first-refresh-token", &proof);
    let written = serde_json::to_string(&lab.exchanges()).unwrap();
    for secret in [
        "the-first-refresh-token",
        &proof,
        &json(&text, "refreshToken"),
        &json(&text, "secretAccessKey"),
        &json(&text, "sessionToken"),
    ] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

/// The real AWS CLI, if it is installed with the library that it needs for this (`awscrt`).
#[cfg(unix)]
#[test]
fn the_aws_cli_renews_its_login() {
    use std::fs;

    let Some(aws) = codecommit_tests::aws::cli() else {
        return;
    };
    let lab = lab();
    let run = |arguments: &[&str]| {
        let mut command = lab.command(&aws);
        codecommit_tests::Said::from(command.args(arguments).output().unwrap())
    };
    if !run(&["--version"]).stdout.contains("awscrt/") {
        codecommit_tests::skipped_anywhere("this AWS CLI has no awscrt, which `aws login` needs");
        return;
    }
    let folder = lab.home().join(".aws");
    let cache = folder.join("login/cache");
    fs::create_dir_all(&cache).unwrap();
    let config = format!("[default]\nregion = us-east-2\nlogin_session = {ALICE}\n");
    fs::write(folder.join("config"), config).unwrap();
    let pem = Holder::new().pem().replace('\n', "\\n");
    // The name of the file is the SHA-256 of the session's name.
    let digest = ring::digest::digest(&ring::digest::SHA256, ALICE.as_bytes());
    let name: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = cache.join(format!("{name}.json"));
    let token = format!(
        r#"{{"accessToken":{{"accessKeyId":"ASIAOLD","secretAccessKey":"x","sessionToken":"x","accountId":"111122223333","expiresAt":"2020-01-01T00:00:00Z"}},"tokenType":"aws_sigv4","refreshToken":"the-first-refresh-token","idToken":"x","clientId":"arn:aws:signin:::devtools/same-device","dpopKey":"{pem}"}}"#
    );
    fs::write(&file, token).unwrap();
    let said = run(&[
        "sts",
        "get-caller-identity",
        "--query",
        "Arn",
        "--output",
        "text",
    ])
    .ok();
    assert_eq!(said.stdout.trim(), ALICE);
    let kept = fs::read_to_string(&file).unwrap();
    assert!(!kept.contains("the-first-refresh-token"));
}
