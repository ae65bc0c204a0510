//! The command line: what git runs, with its arguments, streams, exit code and messages.

mod arguments;
mod get;
mod git_config_text;
mod git_version;
mod remote;
mod report;
mod setup;
mod store;

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::clock::Clock;
use crate::protocol::{self, Form};
use crate::variables::Variables;

pub use self::arguments::{Options, UsageError};
pub use self::get::{GetError, LIFETIME, answer};
pub use self::remote::{ENDPOINT_VARIABLE, Invocation, RemoteError};
pub use self::setup::{Scope, SetupError};

/// Runs `git-credential-codecommit`. `args` come without the program's own name.
pub fn credential(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_process(Program::Credential, args)
}

/// Runs as `aws`, of which it knows `aws [options] codecommit credential-helper [options] get|store|erase`, in the AWS
/// CLI's spelling. `args` come without the program's own name.
pub fn aws(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_process(Program::Aws, args)
}

/// Runs `git-remote-codecommit`, which becomes `git remote-https`. `args` come without the program's own name.
pub fn remote(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args
        .first()
        .is_some_and(|first| first == remote::HELPER_ARGUMENT)
    {
        args.remove(0);
        return run_process(Program::Remote, args);
    }
    if let [only] = &args[..]
        && let Some(text) = report::about_remote(only)
    {
        // Nobody is left to tell if stdout is gone.
        let _ = io::stdout().write_all(text.as_bytes());
        return ExitCode::SUCCESS;
    }
    match become_git(args) {
        Ok(code) => code,
        Err(error) => {
            // As above.
            let _ = report::sentence(&error, &error.hints(), &mut io::stderr());
            hear_git_out();
            ExitCode::from(Exit::Failure.code())
        }
    }
}

/// Reads the first thing that git says to a remote helper, `capabilities`. If the helper were gone before git has said it, git
/// would end by SIGPIPE, without its own last words. At a terminal nobody says anything.
fn hear_git_out() {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        // Whatever it is, and also if there is nothing: it is not answered.
        let _ = stdin.lock().read_until(b'\n', &mut Vec::new());
    }
}

/// The name that the program was called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `git-credential-codecommit`.
    Credential,
    /// `git-remote-codecommit`, as the credential helper that it names to git.
    Remote,
    /// `aws codecommit credential-helper`.
    Aws,
}

impl Program {
    /// The one switch between these names: whether what comes out is what comes out of the AWS CLI.
    ///
    /// As `aws` the program stands for the AWS CLI, byte for byte, also where that does harm: the answer is `username` and
    /// `password` and nothing more, and what other helpers store of it stays there. So the failures that the AWS CLI's
    /// helper leads to can be shown with this one. As `git-credential-codecommit` the answer says that it is
    /// ephemeral and when it expires, and what other helpers have stored of it is erased.
    ///
    /// Errors are the same under both names: they say what is wrong, and make git stop.
    fn answers_like_the_aws_cli(self) -> bool {
        match self {
            Self::Credential | Self::Remote => false,
            Self::Aws => true,
        }
    }
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
            Self::Usage(Program::Credential | Program::Remote) => 2,
            Self::Usage(Program::Aws) => 252,
        }
    }
}

/// Runs `program` in given surroundings; [`credential`] and [`aws`] do it in those of the process.
///
/// Of git's operations, `get` answers, `store` has other helpers forget what they were given to store, and `capability`
/// says what this helper can do. `erase` is silent, since nothing is ever stored, and so is any other: gitcredentials(7)
/// asks for that, so that git can invent new ones.
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
        arguments::Parsed::Operation { name, options } => match name.as_str() {
            "get" => return get(program, &options, surroundings),
            _ if program.answers_like_the_aws_cli() => (),
            // Its configuration names it alone.
            "store" if program == Program::Remote => (),
            "store" => store(&options, surroundings),
            "capability" => protocol::write_capabilities(surroundings.stdout)?,
            "setup" | "undo" if program == Program::Credential => {
                return configure(&name, &options, surroundings);
            }
            _ => (),
        },
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
        Ok(Some(answer)) => {
            let form = match request.knows_ephemeral {
                _ if program.answers_like_the_aws_cli() => Form::Plain,
                true => Form::Ephemeral,
                false => Form::Expiring,
            };
            answer.write(form, surroundings.stdout)?;
        }
        Ok(None) => (),
        Err(error) => {
            report::failure(program, &error, &error.hints(), surroundings.stderr)?;
            protocol::write_quit(surroundings.stdout)?;
            return Ok(Exit::Failure);
        }
    }
    Ok(Exit::Success)
}

fn configure(
    name: &str,
    options: &Options,
    surroundings: &mut Surroundings<'_>,
) -> Result<Exit, Stop> {
    let (variables, output) = (surroundings.variables, &mut *surroundings.stdout);
    let outcome = match name {
        "undo" => setup::undo(options, variables, output),
        _ => own_path(variables)
            .map_err(SetupError::NoProgram)
            .and_then(|path| setup::setup(options, variables, &path, output)),
    };
    match outcome {
        Ok(()) => Ok(Exit::Success),
        Err(error) => {
            let (hints, stderr) = (error.hints(), &mut *surroundings.stderr);
            report::failure(Program::Credential, &error, &hints, stderr)?;
            Ok(Exit::Failure)
        }
    }
}

/// Where the program that is running lies, under the name that it was called by: a link may be what gives a larger
/// program this one's name, and may stay when a new version moves in behind it.
fn own_path(variables: &Variables) -> io::Result<PathBuf> {
    let called = std::env::args_os().next().map(PathBuf::from);
    let found = called.and_then(|called| {
        let with_suffix = match std::env::consts::EXE_EXTENSION {
            "" => called.clone(),
            extension => called.with_extension(extension),
        };
        if called.components().count() > 1 {
            return std::path::absolute(with_suffix).ok();
        }
        let folders = variables.get("PATH")?;
        std::env::split_paths(folders)
            .map(|folder| folder.join(&with_suffix))
            .find(|path| path.is_absolute() && path.is_file())
    });
    match found.filter(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => std::env::current_exe(),
    }
}

fn store(options: &Options, surroundings: &mut Surroundings<'_>) {
    // What cannot be read was said at `get` already.
    let request = protocol::Request::read(surroundings.stdin).unwrap_or_default();
    if let Some(what) = store::stored_elsewhere(&request, options) {
        store::erase_everywhere(&what);
    }
}

fn become_git(args: Vec<OsString>) -> Result<ExitCode, RemoteError> {
    let variables = Variables::of_process();
    let args: Vec<String> = args
        .into_iter()
        // What is not Unicode is no URL of ours; the message shows what it can.
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let program = own_path(&variables).map_err(RemoteError::NoProgram)?;
    let mut git = Invocation::read(&args, &variables, &program)?.command();
    // Git speaks with the process that it has started: where the system can, that becomes the other program.
    #[cfg(unix)]
    return Err(RemoteError::NoGit(
        std::os::unix::process::CommandExt::exec(&mut git),
    ));
    #[cfg(not(unix))]
    {
        let status = git.status().map_err(RemoteError::NoGit)?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
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
    fn as_aws_it_answers_what_the_aws_cli_answers_and_under_its_own_name_an_expiry_too() {
        let answer = "username=AKIAIOSFODNN7EXAMPLE\n\
                      password=20250115T083000Zd354a1b8d0dc2d9261aea1ac7513e10db740cdd59decbd6ef47702e411eef0e7\n";
        let line = "--region us-west-2 codecommit credential-helper get";
        let expected = (0, answer.to_owned(), String::new());
        assert_eq!(run(Program::Aws, line), expected);
        let answer = format!("{answer}password_expiry_utc=1736930640\n");
        assert_eq!(run(Program::Credential, "get"), (0, answer, String::new()));
    }

    #[test]
    fn capabilities_are_told_under_its_own_name() {
        let capabilities = "version 0\ncapability authtype\n".to_owned();
        assert_eq!(
            run(Program::Credential, "capability"),
            (0, capabilities, String::new())
        );
        let silence = (0, String::new(), String::new());
        let line = "codecommit credential-helper capability";
        assert_eq!(run(Program::Aws, line), silence);
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
