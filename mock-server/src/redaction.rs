//! What of a request's target may be written down.

/// Stands for a value that was taken out.
pub(crate) const REDACTED: &str = "<redacted>";

/// The parameters that tell what was asked and hold no secret. Everything else may: security tokens, codes of MFA devices,
/// tokens of identity providers.
const OPEN_PARAMETERS: &[&str] = &[
    "service",
    "Action",
    "Version",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "role_name",
    "account_id",
];

/// A path and query, with the values of all parameters taken out that may hold a secret.
pub(crate) fn target(path_and_query: &str) -> String {
    match path_and_query.split_once('?') {
        None => path_and_query.to_owned(),
        Some((path, query)) => {
            let pairs: Vec<String> = query.split('&').map(pair).collect();
            format!("{path}?{}", pairs.join("&"))
        }
    }
}

/// The value of a header, if it holds no secret.
pub(crate) fn header<'a>(name: &str, value: &'a str) -> &'a str {
    let name = name.to_ascii_lowercase();
    let is_secret = ["token", "cookie", "authorization", "secret"]
        .iter()
        .any(|word| name.contains(word));
    if is_secret { REDACTED } else { value }
}

fn pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && !OPEN_PARAMETERS.contains(&name) => {
            format!("{name}={REDACTED}")
        }
        _ => pair.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_may_be_secret_are_taken_out() {
        for (asked, written) in [
            ("/v1/repos/a/info/refs?service=git-upload-pack", None),
            ("/federation/credentials?role_name=a&account_id=1", None),
            ("/latest/api/token", None),
            (
                "/?Action=AssumeRoleWithWebIdentity&WebIdentityToken=ey",
                Some("/?Action=AssumeRoleWithWebIdentity&WebIdentityToken=<redacted>"),
            ),
            (
                "/?X-Amz-Security-Token=x&flag&empty=",
                Some("/?X-Amz-Security-Token=<redacted>&flag&empty="),
            ),
        ] {
            assert_eq!(target(asked), written.unwrap_or(asked));
        }
    }

    #[test]
    fn headers_with_tokens_are_taken_out() {
        assert_eq!(header("x-amz-security-token", "x"), REDACTED);
        assert_eq!(header("x-amz-date", "x"), "x");
    }
}
