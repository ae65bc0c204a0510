//! `credential_process`: a program of the user's that prints a key, run as botocore runs it, without a shell.

use std::process::{Command, Stdio};

use serde::Deserialize;

use super::profile::Setting;
use super::{Credentials, CredentialsError, Origin};
use crate::quoting;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// Why the program gave no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessFault {
    /// The value is not a command line: a quote is not closed, or there is nothing in it.
    #[error("the value is not a command line; is a quote not closed?")]
    NotACommand,
    /// The system cannot start it.
    #[error("`{program}` cannot be started: {error}")]
    NotStarted {
        /// The first word of the command line.
        program: String,
        /// What the system says.
        error: String,
    },
    /// It says that it failed.
    #[error("`{program}` ended with {status}{}", said(stderr))]
    Failed {
        /// The first word of the command line.
        program: String,
        /// `exit status: 1`, or a signal.
        status: String,
        /// The end of what it wrote on stderr.
        stderr: String,
    },
    /// Its output is not a JSON object.
    #[error("`{program}` did not print a JSON object")]
    NotJson {
        /// The first word of the command line.
        program: String,
    },
    /// Its output is of another version.
    #[error("`{program}` printed no `\"Version\": 1`")]
    OtherVersion {
        /// The first word of the command line.
        program: String,
    },
    /// Its output lacks something.
    #[error("`{program}` printed no {key}")]
    Missing {
        /// The first word of the command line.
        program: String,
        /// What is missing.
        key: &'static str,
    },
    /// The end of the session is not an instant.
    #[error("`{program}` printed an Expiration that is no time such as 2025-01-15T08:30:00Z")]
    NotAnExpiration {
        /// The first word of the command line.
        program: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: Option<serde_json::Value>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    session_token: Option<String>,
    expiration: Option<String>,
}

/// Runs it and reads what it prints.
pub(super) fn credentials(
    profile: &str,
    setting: Setting<'_>,
) -> Result<Credentials, CredentialsError> {
    let origin = Origin::Process {
        profile: profile.to_owned(),
        at: setting.location(),
    };
    run(setting.value(), &origin).map_err(|fault| CredentialsError::Process {
        profile: profile.to_owned(),
        at: setting.location(),
        fault,
    })
}

fn run(command: &str, origin: &Origin) -> Result<Credentials, ProcessFault> {
    let words = if cfg!(windows) {
        quoting::split_windows(command)
    } else {
        quoting::split(command)
    };
    let Some((program, arguments)) = words.as_deref().and_then(<[String]>::split_first) else {
        return Err(ProcessFault::NotACommand);
    };
    let name = || program.clone();
    let output = Command::new(program)
        .args(arguments)
        // Ours is git's request, and has been read.
        .stdin(Stdio::null())
        .output()
        .map_err(|error| ProcessFault::NotStarted {
            program: name(),
            error: error.to_string(),
        })?;
    let stdout = Secret::new(String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        return Err(ProcessFault::Failed {
            program: name(),
            status: output.status.to_string(),
            stderr: end_of(&String::from_utf8_lossy(&output.stderr)),
        });
    }
    let printed: Printed = serde_json::from_str(stdout.expose())
        .map_err(|_| ProcessFault::NotJson { program: name() })?;
    if printed.version != Some(1.into()) {
        return Err(ProcessFault::OtherVersion { program: name() });
    }
    let missing = |key| ProcessFault::Missing {
        program: name(),
        key,
    };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let expires = match filled(printed.expiration) {
        None => None,
        Some(text) => Some(
            Timestamp::parse_aws(&text)
                .map_err(|_| ProcessFault::NotAnExpiration { program: name() })?,
        ),
    };
    Ok(Credentials {
        access_key_id: filled(printed.access_key_id).ok_or_else(|| missing("AccessKeyId"))?,
        secret_access_key: filled(printed.secret_access_key)
            .map(Secret::new)
            .ok_or_else(|| missing("SecretAccessKey"))?,
        session_token: filled(printed.session_token).map(Secret::new),
        expires,
        origin: origin.clone(),
    })
}

/// The last lines, where programs say what is wrong.
fn end_of(stderr: &str) -> String {
    const MOST: usize = 5;
    let lines: Vec<&str> = stderr
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let from = lines.len().saturating_sub(MOST);
    lines[from..].join("\n    ")
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() {
        " and said nothing on stderr".to_owned()
    } else {
        format!(" and said:\n    {stderr}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn run(command: &str) -> Result<Credentials, ProcessFault> {
        super::run(command, &Origin::Environment)
    }

    #[cfg(unix)]
    #[test]
    fn it_is_started_without_a_shell_and_its_json_is_read() {
        let printed = r#"'{"Version": 1, "AccessKeyId": "ASIA$HOME", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2025-01-15T08:30:00Z", "More": [1]}'"#;
        let found = run(&format!("/bin/echo {printed}")).unwrap();
        assert_eq!(found.access_key_id, "ASIA$HOME");
        assert_eq!(found.session_token, Some(Secret::new("t")));
        assert_eq!(found.expires.unwrap().to_string(), "2025-01-15T08:30:00Z");
        let printed = r#"'{"Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "s"}'"#;
        let found = run(&format!("/bin/echo {printed}")).unwrap();
        assert_eq!((found.session_token, found.expires), (None, None));
    }

    #[cfg(unix)]
    #[test]
    fn what_goes_wrong_is_named_and_its_output_never_shown() {
        for (command, message) in [
            (
                "",
                "the value is not a command line; is a quote not closed?",
            ),
            (
                "echo 'x",
                "the value is not a command line; is a quote not closed?",
            ),
            (
                "/nowhere/program x",
                "`/nowhere/program` cannot be started: No such file or directory (os error 2)",
            ),
            (
                "/bin/sh -c 'echo hunter2; echo first >&2; echo no session >&2; exit 3'",
                "`/bin/sh` ended with exit status: 3 and said:\n    first\n    no session",
            ),
            (
                "/bin/false",
                "`/bin/false` ended with exit status: 1 and said nothing on stderr",
            ),
            ("echo hunter2", "`echo` did not print a JSON object"),
            ("echo '{}'", "`echo` printed no `\"Version\": 1`"),
            (
                r#"echo '{"Version": "1"}'"#,
                "`echo` printed no `\"Version\": 1`",
            ),
            (r#"echo '{"Version": 1}'"#, "`echo` printed no AccessKeyId"),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": ""}'"#,
                "`echo` printed no SecretAccessKey",
            ),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "hunter2", "Expiration": "x"}'"#,
                "`echo` printed an Expiration that is no time such as 2025-01-15T08:30:00Z",
            ),
        ] {
            assert_eq!(run(command).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn of_a_long_complaint_the_end_is_shown() {
        let lines: Vec<String> = (0..20).map(|line| line.to_string()).collect();
        assert_eq!(
            end_of(&lines.join("\n")),
            "15\n    16\n    17\n    18\n    19"
        );
    }
}
