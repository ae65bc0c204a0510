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
/// When there is no password, stderr says why, and `quit=1` on stdout makes git stop. Else it would ask the next helper,
/// the askpass program and the terminal for a user name, and nobody has one to give.
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
