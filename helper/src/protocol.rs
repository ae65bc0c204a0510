//! Git's credential helper protocol: `key=value` lines in, `key=value` lines out. Described in gitcredentials(7) and
//! git-credential(1).

use std::io::{self, BufRead, Read, Write};

use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// More than this is not a request. Git's lines are short, but `wwwauth[]` repeats what a server says.
pub const LIMIT: u64 = 1024 * 1024;

/// What git wants a password for, or has used one for. Other keys (`wwwauth[]`, `state[]`, ...) are read over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `https`.
    pub protocol: Option<String>,
    /// The host as the user typed it, with the port if the URL has one.
    pub host: Option<String>,
    /// The path, percent-decoded, without its leading slash. Git sends it only if `credential.useHttpPath` is set.
    pub path: Option<String>,
    /// With `store` and `erase`, the user name that was used.
    pub user_name: Option<Secret>,
    /// With `store` and `erase`, the password that was used.
    pub password: Option<Secret>,
    /// Whether git (since 2.46) may be told that the answer is ephemeral: it sends `capability[]=authtype`.
    pub knows_ephemeral: bool,
}

/// The request could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The pipe from git broke.
    #[error("read the request from git: {0}")]
    Io(#[from] io::Error),
    /// There is no end to it.
    #[error("read the request from git: it is longer than {LIMIT} bytes")]
    TooLong,
    /// A value that is needed is not text.
    #[error("read the request from git: the value of `{key}` is not UTF-8")]
    NotUtf8 {
        /// Whose value it is.
        key: &'static str,
    },
}

impl Request {
    /// Reads to the blank line that ends a request, or to the end of the input.
    ///
    /// White space around a line is dropped, so also the CR of a CRLF, as the AWS CLI does it. Of a repeated key the
    /// last value counts. A line without `=` is none of ours and is read over.
    ///
    /// # Errors
    /// [`RequestError`] if the input breaks, has no end, or one of our values is not UTF-8.
    pub fn read(input: &mut dyn BufRead) -> Result<Self, RequestError> {
        let mut request = Self::default();
        let mut input = input.take(LIMIT + 1);
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            if input.limit() == 0 {
                return Err(RequestError::TooLong);
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                break;
            }
            request.take_line(text)?;
            line.clear();
        }
        Ok(request)
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), RequestError> {
        let Some(equals) = line.iter().position(|&byte| byte == b'=') else {
            return Ok(());
        };
        let value = &line[equals + 1..];
        let (key, field) = match &line[..equals] {
            b"protocol" => ("protocol", &mut self.protocol),
            b"host" => ("host", &mut self.host),
            b"path" => ("path", &mut self.path),
            other => {
                match other {
                    b"username" => self.user_name = text(value),
                    b"password" => self.password = text(value),
                    b"capability[]" => self.knows_ephemeral |= value == b"authtype",
                    _ => (),
                }
                return Ok(());
            }
        };
        let value = std::str::from_utf8(value).map_err(|_| RequestError::NotUtf8 { key })?;
        *field = Some(value.to_owned());
        Ok(())
    }
}

/// What is not text was never ours.
fn text(value: &[u8]) -> Option<Secret> {
    std::str::from_utf8(value).ok().map(Secret::new)
}

/// What git is given.
#[derive(Debug)]
pub struct Answer {
    /// The access key id, and the session token behind a `%`.
    pub user_name: Secret,
    /// The Git password.
    pub password: Secret,
    /// When git must ask again, in the time of the machine.
    pub expires: Timestamp,
}

/// How an answer is put.
///
/// It is a user name and a password in every form, and never `authtype` and `credential`, the whole header that a git
/// since 2.46 offers to take. Up to at least 2.47.3 git leaves such a header out of the request of four bytes that it sends
/// before a push of more than `http.postBuffer` (1 MiB) to see whether it is logged in: `GIT_TRACE_CURL` shows that POST
/// without `Authorization`, the server says 401, and the push fails with "RPC failed; HTTP 401". A user name and a password
/// it hands to libcurl, which sends them with every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `username` and `password`, as the AWS CLI puts it.
    Plain,
    /// The same, and `password_expiry_utc`: git reads it since 2.40; before, it reads over it like any key that it does
    /// not know.
    Expiring,
    /// The same, and `ephemeral=1`, for a git that offers `capability[]=authtype`. Git stores nothing itself and passes it
    /// on: `git credential-cache` then keeps nothing, `git credential-store` and Git Credential Manager do not look at it.
    Ephemeral,
}

impl Answer {
    /// Writes it, with line feeds only: git takes a CR for a part of the value, and refuses it since 2.48.
    ///
    /// # Errors
    /// That of `output`.
    pub fn write(&self, form: Form, output: &mut dyn Write) -> io::Result<()> {
        let (user_name, password) = (self.user_name.expose(), self.password.expose());
        let ephemeral = match form {
            Form::Plain | Form::Expiring => "",
            // Git believes the capability only if it stands before what it allows.
            Form::Ephemeral => "capability[]=authtype\nephemeral=1\n",
        };
        let expiry = match form {
            Form::Plain => String::new(),
            Form::Expiring | Form::Ephemeral => {
                format!("password_expiry_utc={}\n", self.expires.unix_seconds())
            }
        };
        // One write: a reader never sees half an answer.
        let text = Secret::new(format!(
            "{ephemeral}username={user_name}\npassword={password}\n{expiry}"
        ));
        output.write_all(text.expose().as_bytes())?;
        output.flush()
    }
}

/// What the helper can do beyond `username` and `password`: the answer to git's operation `capability`. `ephemeral` is a
/// part of `authtype`, and all of it that is used.
///
/// # Errors
/// That of `output`.
pub fn write_capabilities(output: &mut dyn Write) -> io::Result<()> {
    output.write_all(b"version 0\ncapability authtype\n")?;
    output.flush()
}

/// Tells git to give up: to ask no other helper, no askpass and no terminal (since git 2.3).
///
/// # Errors
/// That of `output`.
pub fn write_quit(output: &mut dyn Write) -> io::Result<()> {
    output.write_all(b"quit=1\n")?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut text: &[u8]) -> Request {
        Request::read(&mut text).unwrap()
    }

    fn request(protocol: &str, host: &str, path: &str) -> Request {
        Request {
            protocol: Some(protocol.to_owned()),
            host: Some(host.to_owned()),
            path: Some(path.to_owned()),
            ..Request::default()
        }
    }

    #[test]
    fn a_request_of_a_recent_git_is_read() {
        let text = b"capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=example.com\npath=a/b\n\
                     wwwauth[]=Basic realm=\"x\"\n";
        let expected = Request {
            knows_ephemeral: true,
            ..request("https", "example.com", "a/b")
        };
        assert_eq!(read(text), expected);
    }

    #[test]
    fn what_was_used_is_read_and_not_shown() {
        let used = read(b"username=AKIA%token\npassword=hunter2\n");
        assert_eq!(used.user_name, Some(Secret::new("AKIA%token")));
        assert_eq!(used.password, Some(Secret::new("hunter2")));
        let shown = format!("{used:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("token"),
            "{shown}"
        );
    }

    #[test]
    fn crlf_and_outer_white_space_do_not_matter() {
        let text = b"  protocol=https  \r\n host=example.com\r\npath=a b \n";
        assert_eq!(read(text), request("https", "example.com", "a b"));
    }

    #[test]
    fn the_last_value_counts_and_values_keep_their_equals_signs() {
        assert_eq!(read(b"path=a\npath=b=c\n").path.as_deref(), Some("b=c"));
    }

    #[test]
    fn it_ends_at_a_blank_line() {
        assert_eq!(
            read(b"host=one.example\n\r\nhost=two.example\n").host,
            Some("one.example".to_owned())
        );
    }

    #[test]
    fn a_last_line_needs_no_line_feed() {
        assert_eq!(read(b"host=h").host.as_deref(), Some("h"));
    }

    #[test]
    fn lines_of_others_are_read_over_whatever_they_hold() {
        assert_eq!(
            read(b"nonsense\nusername=\xff\npath[]=x\n=y\n"),
            Request::default()
        );
    }

    #[test]
    fn a_value_of_ours_must_be_utf_8() {
        let error = Request::read(&mut &b"path=caf\xe9\n"[..]).unwrap_err();
        assert!(matches!(error, RequestError::NotUtf8 { key: "path" }));
    }

    #[test]
    fn input_without_end_is_refused() {
        for byte in [b'a', b'\n'] {
            let mut text = b"a=b\n".repeat(usize::try_from(LIMIT).unwrap());
            text[5000..].fill(byte);
            let outcome = Request::read(&mut text.as_slice());
            assert_eq!(outcome.is_err(), byte == b'a', "{outcome:?}");
        }
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert!(matches!(
            Request::read(&mut endless),
            Err(RequestError::TooLong)
        ));
    }

    #[test]
    fn an_answer_has_line_feeds_only_and_its_debug_form_no_secret() {
        let answer = Answer {
            user_name: Secret::new("AKIA%token"),
            password: Secret::new("password"),
            expires: Timestamp::parse_compact("20250115T084400").unwrap(),
        };
        for (form, expected) in [
            (Form::Plain, "username=AKIA%token\npassword=password\n"),
            (
                Form::Expiring,
                "username=AKIA%token\npassword=password\npassword_expiry_utc=1736930640\n",
            ),
            (
                Form::Ephemeral,
                "capability[]=authtype\nephemeral=1\nusername=AKIA%token\npassword=password\n\
                 password_expiry_utc=1736930640\n",
            ),
        ] {
            let mut output = Vec::new();
            answer.write(form, &mut output).unwrap();
            assert_eq!(String::from_utf8(output).unwrap(), expected);
        }
        let shown = format!("{answer:?}");
        assert!(
            !shown.contains("token") && !shown.contains("\"password\""),
            "{shown}"
        );
    }
}
