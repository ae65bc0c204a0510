use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codecommit_helper::secret::Secret;

/// A user name and password from an `Authorization: Basic` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicCredentials {
    /// The user name; with a session token in it, after a `%`.
    pub user_name: Secret,
    /// The password.
    pub password: Secret,
}

impl BasicCredentials {
    /// Reads the header's value. `None` if it is another scheme, not base64, not UTF-8, or has no colon.
    pub fn parse(header: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        let (scheme, encoded) = text.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        // A user name cannot hold a colon (RFC 7617), and a session token has none.
        let (user_name, password) = decoded.split_once(':')?;
        Some(Self {
            user_name: Secret::new(user_name),
            password: Secret::new(password),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_git_sends_and_nothing_else() {
        let good = BasicCredentials::parse(b"Basic YWxpY2U6cGE6c3M=").unwrap();
        assert_eq!(good.user_name.expose(), "alice");
        assert_eq!(good.password.expose(), "pa:ss");
        for bad in [
            &b""[..],
            b"Basic",
            b"Bearer YWxpY2U6cGE6c3M=",
            b"Basic !!!",
            b"Basic YWxpY2U=",
            b"Basic //8=",
            b"\xff\xff YWxpY2U6cGE6c3M=",
        ] {
            assert_eq!(BasicCredentials::parse(bad), None);
        }
    }
}
