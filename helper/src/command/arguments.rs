//! Arguments, in the AWS CLI's spelling, so that a helper line keeps working when its program is replaced.

use std::ffi::OsString;

use lexopt::prelude::*;

use super::{Program, Scope};
use crate::endpoint::without_port;
use crate::quoting::quote;

/// A command line that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    Help,
    Version,
    Operation { name: String, options: Options },
}

/// The options. Of a repeated one the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`: for hosts that do not name one.
    pub region: Option<String>,
    /// `--ignore-host-check`: sign for any host and any protocol.
    pub ignore_host_check: bool,
    /// `--allow-host HOST`, any number of times: sign for this host too, over https. With a port it is that port only.
    pub allowed_hosts: Vec<String>,
    /// `--no-scrub`: what other helpers have stored stays where it is.
    pub no_scrub: bool,
    /// `--global`, `--local` or `--system`, of `setup` and `undo`.
    pub scope: Option<Scope>,
    /// `--dry-run`, of `setup` and `undo`: show what would be done.
    pub dry_run: bool,
}

impl Options {
    /// Whether `--allow-host` names this host, which may have a port.
    pub fn allows(&self, host: &str) -> bool {
        let name = without_port(host);
        self.allowed_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host) || allowed.eq_ignore_ascii_case(name))
    }
}

/// A command line that was not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsageError {
    /// Neither `get` nor any other operation.
    #[error(
        "find an operation among the arguments: git puts it last, as in `git-credential-codecommit get`"
    )]
    NoOperation,
    /// `--profile get`.
    #[error(
        "read the arguments: {option} has no value, or its value is `{value}` and the operation is missing"
    )]
    OperationTakenForValue {
        /// `--profile` or `--region`.
        option: &'static str,
        /// What followed it.
        value: String,
    },
    /// More than one operation; most likely a value with spaces that is not quoted.
    #[error("read the arguments: `{}` is one too many", extra.join(" "))]
    Extra {
        /// The arguments that nobody asked for.
        extra: Vec<String>,
        /// The profile that was probably meant.
        profile: Option<String>,
    },
    /// An option that does not exist, lacks its value or has one too many, or is not text.
    #[error("read the arguments: {0}")]
    Option(String),
    /// Called as `aws` for something else.
    #[error(
        "run `{asked}`: this `aws` forwards `aws codecommit credential-helper` and nothing else; it is not the AWS CLI"
    )]
    NotForwarded {
        /// What was asked for.
        asked: String,
    },
}

impl UsageError {
    /// What should be done, as a line of its own.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Extra {
                profile: Some(profile),
                ..
            } => Some(format!(
                "a profile name with spaces needs quotes: --profile {}",
                quote(profile)
            )),
            _ => None,
        }
    }
}

/// Reads the arguments behind the program's name.
pub(super) fn parse(program: Program, args: Vec<OsString>) -> Result<Parsed, UsageError> {
    let mut options = Options::default();
    let mut words = Words::default();
    let mut last_value = None;
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(argument) = parser.next().map_err(option_error)? {
        match argument {
            Value(word) => {
                words.push(text(word)?);
                continue;
            }
            Long("profile") => {
                let value = value(&mut parser)?;
                last_value = Some(("--profile", value.clone()));
                words.after_profile = Some(words.all.len());
                options.profile = Some(value);
                continue;
            }
            Long("region") => {
                let value = value(&mut parser)?;
                last_value = Some(("--region", value.clone()));
                options.region = Some(value);
            }
            Long("ignore-host-check") => options.ignore_host_check = true,
            Long("allow-host") => options.allowed_hosts.push(value(&mut parser)?),
            Long("no-scrub") => options.no_scrub = true,
            Long("global") => options.scope = Some(Scope::Global),
            Long("local") => options.scope = Some(Scope::Local),
            Long("system") => options.scope = Some(Scope::System),
            Long("dry-run") => options.dry_run = true,
            Long("help") | Short('h') => return Ok(Parsed::Help),
            Long("version") => return Ok(Parsed::Version),
            Long(name) if program == Program::Aws => match aws_option(name) {
                Some(AwsOption::Flag) => (),
                Some(AwsOption::WithValue) => drop(value(&mut parser)?),
                None => return Err(option_error(argument.unexpected())),
            },
            other => return Err(option_error(other.unexpected())),
        }
        words.profile_ends();
    }
    words.profile_ends();
    let before_command = match program {
        Program::Credential | Program::Remote => Vec::new(),
        Program::Aws => words.take_command()?,
    };
    let Some(name) = words.all.pop() else {
        return Err(match last_value {
            Some((option, value)) if program != Program::Aws => {
                UsageError::OperationTakenForValue { option, value }
            }
            _ => UsageError::NoOperation,
        });
    };
    let extra = [before_command, words.all].concat();
    if !extra.is_empty() {
        let first = options.profile.filter(|_| !words.of_profile.is_empty());
        return Err(UsageError::Extra {
            profile: first.map(|first| format!("{first} {}", words.of_profile.join(" "))),
            extra,
        });
    }
    let configures = program == Program::Credential && matches!(&*name, "setup" | "undo");
    if !configures && (options.scope.is_some() || options.dry_run) {
        let option = options.scope.map_or("--dry-run", Scope::option);
        return Err(UsageError::Option(format!(
            "{option} is for `setup` and `undo`"
        )));
    }
    Ok(Parsed::Operation { name, options })
}

/// The arguments that are not options.
#[derive(Default)]
struct Words {
    all: Vec<String>,
    /// How many there were when `--profile NAME` came by, if nothing but words has followed it.
    after_profile: Option<usize>,
    /// The words that followed it directly: pieces of the name, if it has spaces and no quotes.
    of_profile: Vec<String>,
}

impl Words {
    fn push(&mut self, word: String) {
        self.all.push(word);
    }

    fn profile_ends(&mut self) {
        if let Some(start) = self.after_profile.take() {
            self.of_profile = self.all[start..].to_vec();
            let command = self.of_profile.iter().position(|word| word == "codecommit");
            if let Some(command) = command {
                self.of_profile.truncate(command);
            }
            // Git's operation is not a piece of the name.
            if matches!(
                self.of_profile.last().map(String::as_str),
                Some("get" | "store" | "erase")
            ) {
                self.of_profile.pop();
            }
        }
    }

    /// Takes `codecommit credential-helper` out, and what stands before it, which is returned.
    fn take_command(&mut self) -> Result<Vec<String>, UsageError> {
        let is_command = |pair: &[String]| pair == ["codecommit", "credential-helper"];
        match self.all.windows(2).position(is_command) {
            Some(index) => {
                let rest = self.all.split_off(index + 2);
                let mut before = std::mem::replace(&mut self.all, rest);
                before.truncate(index);
                Ok(before)
            }
            None => Err(UsageError::NotForwarded {
                asked: ["aws"]
                    .into_iter()
                    .chain(self.all.iter().take(2).map(String::as_str))
                    .collect::<Vec<_>>()
                    .join(" "),
            }),
        }
    }
}

enum AwsOption {
    Flag,
    WithValue,
}

/// The AWS CLI's global options, of both versions. None of them changes how a password is made.
fn aws_option(name: &str) -> Option<AwsOption> {
    match name {
        "debug" | "no-verify-ssl" | "no-paginate" | "no-sign-request" | "no-cli-pager"
        | "cli-auto-prompt" | "no-cli-auto-prompt" | "v2-debug" => Some(AwsOption::Flag),
        "endpoint-url"
        | "output"
        | "query"
        | "color"
        | "ca-bundle"
        | "cli-read-timeout"
        | "cli-connect-timeout"
        | "cli-binary-format"
        | "cli-error-format" => Some(AwsOption::WithValue),
        _ => None,
    }
}

fn value(parser: &mut lexopt::Parser) -> Result<String, UsageError> {
    text(parser.value().map_err(option_error)?)
}

fn text(argument: OsString) -> Result<String, UsageError> {
    argument
        .into_string()
        .map_err(|raw| UsageError::Option(format!("{raw:?} is not Unicode text")))
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
fn option_error(error: lexopt::Error) -> UsageError {
    UsageError::Option(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(program: Program, line: &str) -> Result<Parsed, UsageError> {
        let words = crate::quoting::split(line).unwrap();
        parse(program, words.into_iter().map(OsString::from).collect())
    }

    fn get(profile: Option<&str>, region: Option<&str>, ignore_host_check: bool) -> Parsed {
        Parsed::Operation {
            name: "get".to_owned(),
            options: Options {
                profile: profile.map(str::to_owned),
                region: region.map(str::to_owned),
                ignore_host_check,
                ..Options::default()
            },
        }
    }

    #[test]
    fn options_stand_anywhere_and_in_both_spellings() {
        for line in [
            "--profile 'Code Commit' --region=r --ignore-host-check get",
            "get --region r --profile='Code Commit' --ignore-host-check",
            "--ignore-host-check get --profile old --profile 'Code Commit' --region r",
        ] {
            let expected = get(Some("Code Commit"), Some("r"), true);
            assert_eq!(read(Program::Credential, line), Ok(expected), "{line}");
        }
        assert_eq!(read(Program::Credential, "get"), Ok(get(None, None, false)));
    }

    #[test]
    fn as_aws_it_takes_what_the_aws_cli_takes() {
        for line in [
            "codecommit credential-helper --profile 'Code Commit' get",
            "--profile 'Code Commit' codecommit credential-helper get",
            "--debug --output json codecommit --no-cli-pager credential-helper get --profile 'Code Commit'",
        ] {
            let expected = get(Some("Code Commit"), None, false);
            assert_eq!(read(Program::Aws, line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn as_aws_it_forwards_nothing_else() {
        for (line, asked) in [
            ("s3 ls s3://x", "aws s3 ls"),
            (
                "codecommit list-repositories",
                "aws codecommit list-repositories",
            ),
            ("", "aws"),
            ("get", "aws get"),
        ] {
            let asked = asked.to_owned();
            assert_eq!(
                read(Program::Aws, line),
                Err(UsageError::NotForwarded { asked }),
                "{line}"
            );
        }
    }

    #[test]
    fn a_profile_name_without_quotes_is_put_together_again() {
        for (program, line, profile) in [
            (
                Program::Credential,
                "--profile Code Commit get",
                Some("Code Commit"),
            ),
            (
                Program::Credential,
                "--profile My Code Commit --region r get",
                Some("My Code Commit"),
            ),
            (
                Program::Credential,
                "--profile=Code Commit get",
                Some("Code Commit"),
            ),
            (
                Program::Credential,
                "get --profile Code Commit",
                Some("Code Commit"),
            ),
            (Program::Credential, "get extra", None),
            (
                Program::Credential,
                "--profile dev --region r get extra",
                None,
            ),
            (
                Program::Aws,
                "codecommit credential-helper --profile Code Commit get",
                Some("Code Commit"),
            ),
            (
                Program::Aws,
                "--profile Code Commit codecommit credential-helper get",
                Some("Code Commit"),
            ),
        ] {
            let Err(UsageError::Extra { profile: found, .. }) = read(program, line) else {
                panic!("{line}");
            };
            assert_eq!(found.as_deref(), profile, "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (line, message) in [
            (
                "",
                "find an operation among the arguments: git puts it last, as in `git-credential-codecommit get`",
            ),
            (
                "--profile get",
                "read the arguments: --profile has no value, or its value is `get` and the operation is missing",
            ),
            (
                "--frobnicate get",
                "read the arguments: invalid option '--frobnicate'",
            ),
            ("-x get", "read the arguments: invalid option '-x'"),
            (
                "get --profile",
                "read the arguments: missing argument for option '--profile'",
            ),
            (
                "--ignore-host-check=yes get",
                "read the arguments: unexpected argument for option '--ignore-host-check': \"yes\"",
            ),
            (
                "--debug get",
                "read the arguments: invalid option '--debug'",
            ),
        ] {
            let error = read(Program::Credential, line).unwrap_err();
            assert_eq!(error.to_string(), message, "{line}");
        }
    }

    #[test]
    fn help_and_version() {
        assert_eq!(read(Program::Credential, "--help"), Ok(Parsed::Help));
        assert_eq!(read(Program::Credential, "get -h"), Ok(Parsed::Help));
        assert_eq!(read(Program::Aws, "--version"), Ok(Parsed::Version));
    }
}
