use codecommit_helper::timestamp::Timestamp;

/// An `Authorization: AWS4-HMAC-SHA256 ...` header, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    pub(super) key_id: &'a str,
    pub(super) scope: Scope<'a>,
    /// In the order in which they came.
    pub(super) signed_headers: Vec<&'a str>,
    /// 64 lower-case hexadecimal digits.
    pub(super) signature: &'a str,
}

/// `20250115/us-east-2/sts/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope<'a> {
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// What is wrong with the header, in a sentence.
pub(super) type Problem = &'static str;

impl<'a> Authorization<'a> {
    /// Reads the header's value: the algorithm, then `Credential`, `SignedHeaders` and `Signature`, each once.
    pub(super) fn parse(value: &'a str) -> Result<Self, Problem> {
        let parameters = value
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .ok_or("the Authorization header's algorithm is not AWS4-HMAC-SHA256")?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in parameters.split(',') {
            let (name, value) = parameter
                .trim()
                .split_once('=')
                .ok_or("a part of the Authorization header has no `=`")?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err("the Authorization header has a part that SigV4 does not know"),
            };
            if slot.replace(value).is_some() {
                return Err("a part of the Authorization header is there twice");
            }
        }
        let credential = credential.ok_or("the Authorization header has no Credential")?;
        let (key_id, scope) = credential
            .split_once('/')
            .ok_or("the Credential is not KEY-ID/DATE/REGION/SERVICE/aws4_request")?;
        let signed_headers: Vec<_> = signed_headers
            .ok_or("the Authorization header has no SignedHeaders")?
            .split(';')
            .collect();
        let is_name = |name: &&str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase())
        };
        if !signed_headers.iter().all(is_name) || !signed_headers.is_sorted_by(|a, b| a < b) {
            return Err("SignedHeaders are not names in lower case, in order, each once");
        }
        let signature = signature.ok_or("the Authorization header has no Signature")?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if signature.len() != 64 || !signature.bytes().all(is_digit) {
            return Err("the Signature is not 64 lower-case hexadecimal digits");
        }
        Ok(Self {
            key_id,
            scope: Scope::parse(scope)?,
            signed_headers,
            signature,
        })
    }
}

impl<'a> Scope<'a> {
    fn parse(text: &'a str) -> Result<Self, Problem> {
        let mut parts = text.split('/');
        match (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) {
            (Some(date), Some(region), Some(service), Some("aws4_request"), None) => Ok(Self {
                date,
                region,
                service,
            }),
            _ => Err("the Credential is not KEY-ID/DATE/REGION/SERVICE/aws4_request"),
        }
    }
}

/// Reads `20250115T083000Z`.
pub(super) fn amz_date(text: &str) -> Result<Timestamp, Problem> {
    text.strip_suffix('Z')
        .and_then(|compact| Timestamp::parse_compact(compact).ok())
        .ok_or("X-Amz-Date is not YYYYMMDDTHHMMSSZ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250115/us-east-2/sts/aws4_request, \
                        SignedHeaders=host;x-amz-date, \
                        Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn the_parts_may_be_written_with_and_without_spaces() {
        for text in [GOOD.to_owned(), GOOD.replace(", ", ",")] {
            let parsed = Authorization::parse(&text).unwrap();
            assert_eq!(parsed.key_id, "AKIAIOSFODNN7EXAMPLE");
            assert_eq!(parsed.scope.region, "us-east-2");
            assert_eq!(parsed.signed_headers, ["host", "x-amz-date"]);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (from, to) in [
            ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            ("Credential=", "credential="),
            ("/aws4_request", ""),
            ("/aws4_request", "/aws4_request/x"),
            ("/aws4_request", "/aws5_request"),
            ("host;x-amz-date", "x-amz-date;host"),
            ("host;x-amz-date", "host;host"),
            ("host;x-amz-date", "Host;x-amz-date"),
            ("host;x-amz-date", ""),
            ("Signature=0", "Signature="),
            ("Signature=0", "Signature=A"),
            ("Signature=0", "Signature=00"),
            (", Signature", ", Signature=x, Signature"),
        ] {
            let text = GOOD.replace(from, to);
            assert!(Authorization::parse(&text).is_err(), "{text}");
        }
        assert!(amz_date("20250115T083000Z").is_ok());
        assert!(amz_date("20250115T083000").is_err());
        assert!(amz_date("Wed, 15 Jan 2025 08:30:00 GMT").is_err());
    }
}
