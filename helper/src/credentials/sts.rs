//! The two requests of the Security Token Service that give a session of a role.

use std::time::Duration;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use ring::digest;

use super::lookup::Lookup;
use super::service::{Service, ServiceError, refusal};
use super::{Credentials, CredentialsError, Origin};
use crate::network::{Call, Reply, host};
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// Botocore waits a minute for each attempt.
const TIMEOUT: Duration = Duration::from_secs(60);
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Asks for a session. `signer` is whose key signs the request; a web identity needs none.
pub(super) fn session(
    lookup: &Lookup<'_>,
    parameters: &[(&str, Secret)],
    signer: Option<&Credentials>,
    origin: &Origin,
) -> Result<Result<Credentials, ServiceError>, CredentialsError> {
    let region = lookup.region()?;
    let url = format!("{}/", Service::Sts.url(lookup, &region)?);
    let route = lookup.route()?;
    let body = Secret::new(form(parameters));
    let ask = || -> Result<Credentials, ServiceError> {
        let headers = headers(&url, &region, &body, signer, lookup.now);
        let call = Call {
            method: "POST",
            url: &url,
            headers: &headers,
            body: Some(&body),
            timeout: TIMEOUT,
        };
        let mut reply = call.send(&route)?;
        if reply.status >= 500 {
            // Once more: its errors of this kind are short.
            reply = call.send(&route)?;
        }
        read(&call, &reply, origin)
    };
    Ok(ask())
}

/// `name=value&...`, with everything but unreserved characters escaped.
fn form(parameters: &[(&str, Secret)]) -> String {
    let mut text = String::from("Version=2011-06-15");
    for (name, value) in parameters {
        text += &format!("&{name}=");
        for byte in value.expose().bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text += &format!("%{byte:02X}");
            }
        }
    }
    text
}

/// The headers, with a signature (SigV4) if somebody signs.
fn headers<'a>(
    url: &str,
    region: &str,
    body: &Secret,
    signer: Option<&Credentials>,
    now: Timestamp,
) -> Vec<(&'a str, Secret)> {
    let mut headers = vec![("content-type", Secret::new(CONTENT_TYPE))];
    let Some(signer) = signer else {
        return headers;
    };
    let stamp = format!("{}Z", now.compact());
    let mut signed = vec![
        ("content-type", CONTENT_TYPE),
        ("host", host(url)),
        ("x-amz-date", &stamp),
    ];
    if let Some(token) = &signer.session_token {
        signed.push(("x-amz-security-token", token.expose()));
        headers.push(("x-amz-security-token", token.clone()));
    }
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let request = format!("POST\n/\n\n{lines}\n{names}\n{}", sha256(body.expose()));
    let scope = format!("{}/{region}/sts/aws4_request", now.date());
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256(&request));
    let secret = signer.secret_access_key.expose();
    let key = generate_signing_key(secret, now.to_system_time(), region, "sts");
    let signature = calculate_signature(key, to_sign.as_bytes());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        signer.access_key_id
    );
    headers.push(("x-amz-date", Secret::new(stamp)));
    headers.push(("authorization", Secret::new(authorization)));
    headers
}

fn sha256(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn read(call: &Call<'_>, reply: &Reply, origin: &Origin) -> Result<Credentials, ServiceError> {
    let (url, body) = (call.url, reply.body.expose());
    if reply.status != 200 {
        let text = |name| element(body, name).unwrap_or_default();
        return Err(refusal(call, reply.status, &text("Code"), &text("Message")));
    }
    let part = |name, what| {
        element(body, name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| ServiceError::Unreadable {
                host: host(url).to_owned(),
                what,
            })
    };
    let expiration = part("Expiration", "an Expiration")?;
    Ok(Credentials {
        access_key_id: part("AccessKeyId", "an AccessKeyId")?,
        secret_access_key: Secret::new(part("SecretAccessKey", "a SecretAccessKey")?),
        session_token: Some(Secret::new(part("SessionToken", "a SessionToken")?)),
        expires: Some(
            Timestamp::parse_aws(&expiration).map_err(|_| ServiceError::Unreadable {
                host: host(url).to_owned(),
                what: "an Expiration that is a time",
            })?,
        ),
        origin: origin.clone(),
    })
}

/// The text of the first element of this name. The answers have no attributes, no CDATA and no name twice.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let unescaped = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    Some(unescaped.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
        <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>\
        <SessionToken>t&amp;==</SessionToken><Expiration>2025-01-15T09:30:00Z</Expiration>\
        </Credentials></AssumeRoleResult></AssumeRoleResponse>";

    fn read(status: u16, body: &str) -> Result<Credentials, ServiceError> {
        let body = Secret::new(body);
        let call = Call {
            method: "POST",
            url: "https://sts.eu-west-1.amazonaws.com/",
            headers: &[],
            body: None,
            timeout: TIMEOUT,
        };
        super::read(&call, &Reply { status, body }, &Origin::Environment)
    }

    #[test]
    fn an_answer_is_read() {
        let session = read(200, ANSWER).unwrap();
        assert_eq!(session.access_key_id, "ASIA");
        assert_eq!(session.session_token, Some(Secret::new("t&==")));
        assert_eq!(session.expires.unwrap().to_string(), "2025-01-15T09:30:00Z");
    }

    #[test]
    fn a_refusal_says_why_and_half_an_answer_what_is_missing() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: alice is not \
                    authorized &lt;here&gt;</Message></Error></ErrorResponse>";
        assert_eq!(
            read(403, body).unwrap_err().to_string(),
            "sts.eu-west-1.amazonaws.com answered 403: AccessDenied: User: alice is not authorized <here>"
        );
        assert_eq!(
            read(502, "<html>Bad gateway").unwrap_err().to_string(),
            "sts.eu-west-1.amazonaws.com answered 502"
        );
        for (cut, what) in [
            ("<SessionToken>t&amp;==</SessionToken>", "a SessionToken"),
            ("2025-01-15T09:30:00Z", "an Expiration"),
        ] {
            let error = read(200, &ANSWER.replace(cut, "")).unwrap_err();
            let expected = format!("sts.eu-west-1.amazonaws.com answered without {what}");
            assert_eq!(error.to_string(), expected);
        }
        let error = read(200, &ANSWER.replace("2025-01", "soon")).unwrap_err();
        assert!(!error.to_string().contains("a/b+c"));
    }

    // The same request, signed by botocore 1.44.5 (`SigV4Auth.add_auth`) with its clock stopped.
    #[test]
    fn requests_are_signed_as_botocore_signs_them() {
        let signer = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: Some(Secret::new("token")),
            expires: None,
            origin: Origin::Environment,
        };
        let body = Secret::new(form(&[
            ("Action", Secret::new("AssumeRole")),
            ("RoleArn", Secret::new("arn:aws:iam::111122223333:role/a b")),
        ]));
        assert_eq!(
            body.expose(),
            "Version=2011-06-15&Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa%20b"
        );
        let now = Timestamp::parse_compact("20250115T083000").unwrap();
        let headers = headers(
            "https://sts.eu-west-1.amazonaws.com/",
            "eu-west-1",
            &body,
            Some(&signer),
            now,
        );
        let authorization = headers.last().unwrap().1.expose();
        assert_eq!(authorization, EXPECTED);
    }

    const EXPECTED: &str = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250115/eu-west-1/sts/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=11232329d9b5d40a9ed2de8424d7150ec92fb2e64342637b5e1e5e957b4997ca";
}
