//! The command line: what git runs, with its arguments, streams, exit code and messages.

mod arguments;
mod get;
mod report;

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use crate::clock::Clock;
use crate::protocol;
use crate::variables::Variables;

pub use self::arguments::{Options, UsageError};
pub use self::get::{GetError, LIFETIME, answer};

/// Runs `git-credential-codecommit`. `args` come without the program's own name.
pub fn credential(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_process(Program::Credential, args)
}

/// Runs as `aws`, of which it knows `aws [options] codecommit credential-helper [options] get|store|erase`, in the AWS
/// CLI's spelling. `args` come without the program's own name.
pub fn aws(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_process(Program::Aws, args)
}

/// The name that the program was called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `git-credential-codecommit`.
    Credential,
    /// `aws codecommit credential-helper`.
    Aws,
}

/// Everything outside the program that it touches.
pub struct Surroundings<'a> {
    /// The environment variables.
    pub variables: &'a Variables,
    /// Git's request.
    pub stdin: &'a mut dyn BufRead,
    /// The answer.
    pub stdout: &'a mut dyn Write,
    /// Messages for people; git passes them on.
    pub stderr: &'a mut dyn Write,
    /// The clock of the machine, which is also git's. [`crate::clock::CLOCK_VARIABLE`] moves the helper's only.
    pub clock: Clock,
}

/// How it ended. Git does not look at it; scripts and people may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Answered, or nothing to answer: 0.
    Success,
    /// There is no password, and stderr says why: 1.
    Failure,
    /// The command line is wrong: 2, and as `aws` 252, which is the AWS CLI's code for it.
    Usage(Program),
}

impl Exit {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage(Program::Credential) => 2,
            Self::Usage(Program::Aws) => 252,
        }
    }
}

/// Runs `program` in given surroundings; [`credential`] and [`aws`] do it in those of the process.
///
/// Of git's operations only `get` does anything. `store` and `erase` are silent, since nothing is ever stored, and so
/// is any other: gitcredentials(7) asks for that, so that git can invent new ones.
///
/// When there is no password, stderr says why, and `quit=1` on stdout makes git stop. Else it would ask the next
/// helper, the askpass program and the terminal for a user name, and nobody has one to give.
///
/// A wrong command line is treated the same way if git waits for an answer, which it does if the last argument is
/// `get`: git puts its operation last. That is so for `helper = codecommit --profile Code Commit`, where quotes are
/// missing. After `store` and `erase` it is silent: `get` has said it already.
pub fn run(
    program: Program,
    args: impl IntoIterator<Item = OsString>,
    surroundings: &mut Surroundings<'_>,
) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let operation = args.last().cloned().unwrap_or_default();
    match dispatch(program, args, surroundings) {
        Ok(exit) => exit,
        Err(error @ Stop::Io(_)) => {
            // If stderr is gone too, there is nobody left to tell.
            let _ = report::failure(program, &error, &[], surroundings.stderr);
            Exit::Failure
        }
        Err(Stop::Usage(_)) if operation == "store" || operation == "erase" => Exit::Success,
        Err(Stop::Usage(error)) => {
            // As above: nobody to tell.
            let _ = report::usage(program, &error, surroundings.stderr);
            if operation == "get" {
                let _ = protocol::write_quit(surroundings.stdout);
            }
            Exit::Usage(program)
        }
    }
}

#[derive(thiserror::Error, Debug)]
enum Stop {
    #[error(transparent)]
    Usage(UsageError),
    #[error("write: {0}")]
    Io(#[from] io::Error),
}

fn dispatch(
    program: Program,
    args: Vec<OsString>,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let parsed = arguments::parse(program, args).map_err(Stop::Usage)?;
    match parsed {
        arguments::Parsed::Help => {
            surroundings.stdout.write_all(report::HELP.as_bytes())?;
        }
        arguments::Parsed::Version => {
            surroundings
                .stdout
                .write_all(report::version(program).as_bytes())?;
        }
        arguments::Parsed::Operation { name, options } if name == "get" => {
            return get(program, &options, surroundings);
        }
        arguments::Parsed::Operation { .. } => (),
    }
    surroundings.stdout.flush()?;
    Ok(Exit::Success)
}

fn get(
    program: Program,
    options: &Options,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let request = match protocol::Request::read(surroundings.stdin) {
        Ok(request) => request,
        // No `quit`: without a host nobody knows whether another helper has the answer.
        Err(error) => {
            report::failure(program, &error, &[], surroundings.stderr)?;
            return Ok(Exit::Failure);
        }
    };
    match answer(
        &request,
        options,
        surroundings.variables,
        surroundings.clock,
    ) {
        Ok(Some(answer)) => answer.write(surroundings.stdout)?,
        Ok(None) => (),
        Err(error) => {
            report::failure(program, &error, &error.hints(), surroundings.stderr)?;
            protocol::write_quit(surroundings.stdout)?;
            return Ok(Exit::Failure);
        }
    }
    Ok(Exit::Success)
}

fn run_process(program: Program, args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let exit = run(
        program,
        args,
        &mut Surroundings {
            variables: &Variables::of_process(),
            stdin: &mut io::stdin().lock(),
            stdout: &mut io::stdout().lock(),
            stderr: &mut io::stderr().lock(),
            clock: Clock::MACHINE,
        },
    );
    ExitCode::from(exit.code())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    const REQUEST: &[u8] =
        b"protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\npath=v1/repos/MyDemoRepo\n";

    /// The exit code, and what came out on stdout and stderr.
    fn run(program: Program, line: &str) -> (u8, String, String) {
        let variables = Variables::from_iter([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
        ]);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let args = line.split_whitespace().map(OsString::from);
        let exit = super::run(
            program,
            args,
            &mut Surroundings {
                variables: &variables,
                stdin: &mut &REQUEST[..],
                stdout: &mut stdout,
                stderr: &mut stderr,
                clock: Clock::Fixed(Timestamp::parse_compact("20250115T083000").unwrap()),
            },
        );
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (exit.code(), text(stdout), text(stderr))
    }

    #[test]
    fn both_names_give_the_same_answer_to_the_byte() {
        let answer = "username=AKIAIOSFODNN7EXAMPLE\n\
                      password=20250115T083000Zd354a1b8d0dc2d9261aea1ac7513e10db740cdd59decbd6ef47702e411eef0e7\n\
                      password_expiry_utc=1736930640\n";
        let expected = (0, answer.to_owned(), String::new());
        assert_eq!(run(Program::Credential, "get"), expected);
        let line = "--region us-west-2 codecommit credential-helper get";
        assert_eq!(run(Program::Aws, line), expected);
    }

    #[test]
    fn as_aws_it_says_what_it_is_not() {
        let (code, stdout, stderr) = run(Program::Aws, "s3 ls");
        assert_eq!((code, stdout.as_str()), (252, ""));
        assert!(
            stderr.starts_with(
                "aws (codecommit-helper): failed to run `aws s3 ls`: this `aws` forwards `aws codecommit \
                 credential-helper` and nothing else; it is not the AWS CLI\n"
            ),
            "{stderr}"
        );
        let (code, stdout, _) = run(Program::Aws, "--version");
        assert_eq!(code, 0);
        assert!(stdout.contains("not the AWS CLI"), "{stdout}");
    }

    #[test]
    fn the_exit_code_of_a_wrong_command_line_is_that_of_the_name() {
        let line = "--profile Code Commit get";
        assert_eq!(run(Program::Credential, line).0, 2);
        let as_aws = run(
            Program::Aws,
            &format!("codecommit credential-helper {line}"),
        );
        assert_eq!((as_aws.0, as_aws.1.as_str()), (252, "quit=1\n"));
    }
}
