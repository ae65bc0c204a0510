//! What people read: messages, help, version.

use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, Write};

use super::{Program, UsageError};
use crate::hint::Hint;

/// `--help`.
pub(super) const HELP: &str = "\
A Git credential helper for AWS CodeCommit

Usage: git-credential-codecommit [options] get|store|erase
       git-credential-codecommit setup [--global|--local|--system] [--profile NAME] [--region REGION] [--dry-run]
       git-credential-codecommit undo [--global|--local|--system] [--dry-run]

Git runs the first and talks to it on stdin and stdout. `setup` tells git to, for CodeCommit's
hosts and no other, in sections such as this; the empty line makes git forget the helpers before it:

    [credential \"https://git-codecommit.*.amazonaws.com\"]
        helper =
        helper = /usr/local/bin/git-credential-codecommit
        useHttpPath = true

`undo` takes out what `setup` wrote.

Options, anywhere on the line, spelled as the AWS CLI spells them:
  --profile NAME       use this profile, whatever keys are in the environment;
                       a name with spaces needs quotes: --profile 'Code Commit'
  --region REGION      for hosts that name no Region; a CodeCommit host names its own
  --allow-host HOST    sign for this host too, over https; may be repeated
  --ignore-host-check  sign for any host and protocol, not only CodeCommit over https
  --no-scrub           leave alone what other helpers have stored of a password
  --help, --version

Keys come from where the AWS CLI takes them, in its order: the environment, a role (role_arn), a web
identity, IAM Identity Center (SSO), ~/.aws/credentials, aws login, credential_process, ~/.aws/config,
the container, the instance. Sessions are shared with the AWS CLI, in ~/.aws/cli/cache.

Environment, beside the variables of those sources:
  AWS_PROFILE, AWS_DEFAULT_PROFILE        the profile, without --profile; else `default`
  AWS_REGION, AWS_DEFAULT_REGION          the Region, without --region
  AWS_CONFIG_FILE                         instead of ~/.aws/config
  AWS_SHARED_CREDENTIALS_FILE             instead of ~/.aws/credentials
  AWS_CA_BUNDLE, HTTPS_PROXY, NO_PROXY    the way to the services that give out keys
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS  and others of AWS's settings for endpoints
  CODECOMMIT_HELPER_CLOCK                 for tests: moves the helper's clock by `+16m`, `-2h`
                                          or `+960s`, or sets it to `2025-01-15T08:30:00Z`

Exit codes: 0 answered or nothing to answer, 1 no password (stderr says why), 2 wrong usage
";

const USAGE: &str = "\
usage: git-credential-codecommit [--profile NAME] [--region REGION] [--ignore-host-check] get|store|erase
       git-credential-codecommit setup|undo [--global|--local|--system] [--dry-run]\n";

const AWS_USAGE: &str = "\
usage: aws codecommit credential-helper [--profile NAME] [--region REGION] [--ignore-host-check] get|store|erase\n";

const REMOTE_HELP: &str = "\
Lets git use codecommit:// URLs. Git runs it; it runs `git remote-https` with a credential helper for AWS CodeCommit.

    git clone codecommit://MyDemoRepo                     the Region and the keys of your AWS configuration
    git clone codecommit://PROFILE@MyDemoRepo             those of a profile
    git clone codecommit::eu-west-1://PROFILE@MyDemoRepo  another Region

No other credential helper is asked or told anything, and no password is in a URL.

Environment, beside that of git-credential-codecommit:
  AWS_USE_FIPS_ENDPOINT=true    the Region's FIPS endpoint
  CODE_COMMIT_ENDPOINT          HOST or HOST:PORT to go to instead
";

/// `git-remote-codecommit --help` and `--version`.
pub(super) fn about_remote(argument: &OsStr) -> Option<String> {
    match argument.to_str()? {
        "--help" | "-h" => Some(REMOTE_HELP.to_owned()),
        "--version" => {
            Some(concat!("git-remote-codecommit ", env!("CARGO_PKG_VERSION"), "\n").to_owned())
        }
        _ => None,
    }
}

/// `--version`. As `aws` it does not pass itself off as the AWS CLI.
pub(super) fn version(program: Program) -> String {
    let version = concat!("git-credential-codecommit ", env!("CARGO_PKG_VERSION"));
    match program {
        Program::Credential | Program::Remote => format!("{version}\n"),
        Program::Aws => format!(
            "{version} as `aws`: `aws codecommit credential-helper` only, not the AWS CLI\n"
        ),
    }
}

/// `error` on stderr, with its hints.
pub(super) fn failure(
    program: Program,
    error: &dyn Error,
    hints: &[Hint],
    stderr: &mut dyn Write,
) -> io::Result<()> {
    let text = format!("{}: failed to {error}\n{}", name(program), shown(hints));
    stderr.write_all(printable(&text).as_bytes())
}

/// What will fail later, and need not: the same as a failure, in other words.
pub(super) fn warning(error: &dyn Error, hints: &[Hint], output: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "warning: as things stand, git will fail to {error}\n{}",
        shown(hints)
    );
    output.write_all(printable(&text).as_bytes())
}

fn shown(hints: &[Hint]) -> String {
    let mut text = String::new();
    for hint in hints {
        text += &match hint {
            Hint::Note(note) => format!("  note: {note}\n"),
            Hint::Run { purpose, command } => format!("  {purpose}, run:\n      {command}\n"),
        };
    }
    text
}

/// `error` on stderr, as the sentence that it is, with its hints.
pub(super) fn sentence(
    error: &dyn Error,
    hints: &[Hint],
    stderr: &mut dyn Write,
) -> io::Result<()> {
    let text = format!("git-remote-codecommit: {error}\n{}", shown(hints));
    stderr.write_all(printable(&text).as_bytes())
}

/// A usage error on stderr.
pub(super) fn usage(
    program: Program,
    error: &UsageError,
    stderr: &mut dyn Write,
) -> io::Result<()> {
    let hints: Vec<Hint> = error.advice().map(Hint::Note).into_iter().collect();
    failure(program, error, &hints, stderr)?;
    let usage = match program {
        Program::Credential | Program::Remote => USAGE,
        Program::Aws => AWS_USAGE,
    };
    stderr.write_all(usage.as_bytes())
}

fn name(program: Program) -> &'static str {
    match program {
        Program::Credential => "git-credential-codecommit",
        Program::Remote => "git-remote-codecommit",
        // So that nobody looks for the fault in the AWS CLI.
        Program::Aws => "aws (codecommit-helper)",
    }
}

/// Without control characters, except line feeds: host and profile names may come from a hostile repository's URL, and
/// terminals obey.
fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[2J\r\n"), "a\\u{1b}[2J\\u{d}\n");
    }
}
