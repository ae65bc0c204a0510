//! The proof that a request comes from whoever logged in: a DPoP token (RFC 9449), signed with ES256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codecommit_helper::timestamp::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::Duration;

use crate::api::request::ApiRequest;

/// A point on P-256: `04` and two coordinates of 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey(Vec<u8>);

/// What is wrong with a proof, in a sentence.
type Problem = &'static str;

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    d: Option<Value>,
}

#[derive(Deserialize)]
struct Payload {
    htm: String,
    htu: String,
    iat: i64,
    jti: String,
}

/// How far a client's clock may be away. The RFC leaves it to the server.
const TOLERANCE: Duration = Duration::minutes(5);

/// Checks the proof of a request as RFC 9449, section 4.3, says, but that a proof may come twice: the key that made it.
pub(super) fn verify(request: &ApiRequest, now: Timestamp) -> Result<PublicKey, Problem> {
    let proof = request
        .header("dpop")
        .ok_or("the request has no DPoP header")?;
    let mut parts = proof.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the DPoP header is not a JSON Web Token");
    };
    let (signed, _) = proof.rsplit_once('.').unwrap_or_default();
    let header: Header = json(header).ok_or("the header of the DPoP proof is not whole")?;
    let payload: Payload = json(payload).ok_or("the payload of the DPoP proof is not whole")?;
    if header.typ != "dpop+jwt" || header.alg != "ES256" {
        return Err("the DPoP proof is not of the type dpop+jwt with the algorithm ES256");
    }
    let key = header.jwk.point()?;
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| "the signature of the DPoP proof is not base64url")?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.0)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| "the key in the DPoP proof did not make its signature")?;
    if payload.htm != request.method() {
        return Err("the DPoP proof is for another method");
    }
    if payload.htu != request.url() {
        return Err("the DPoP proof is for another URL");
    }
    if payload.jti.is_empty() {
        return Err("the DPoP proof has an empty jti");
    }
    let tolerance = TOLERANCE.whole_seconds().unsigned_abs();
    if now.unix_seconds().abs_diff(payload.iat) > tolerance {
        return Err("the DPoP proof was made more than 5 minutes from the server's time");
    }
    Ok(key)
}

impl Jwk {
    fn point(&self) -> Result<PublicKey, Problem> {
        if self.kty != "EC" || self.crv != "P-256" {
            return Err("the key in the DPoP proof is not on P-256");
        }
        if self.d.is_some() {
            return Err("the DPoP proof tells the private key");
        }
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let bytes = URL_SAFE_NO_PAD.decode(coordinate).ok();
            let bytes = bytes.filter(|bytes| bytes.len() == 32);
            point.extend(bytes.ok_or("a coordinate in the DPoP proof is not 32 bytes")?);
        }
        Ok(PublicKey(point))
    }
}

fn json<T: DeserializeOwned>(encoded: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    serde_json::from_slice(&bytes).ok()
}
