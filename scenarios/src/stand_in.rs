//! Commands of a sandbox that stand for the helpers, so that the configuration of a scenario reaches the ones under test.
//!
//! | name | our helpers | the AWS CLI's | a command |
//! | --- | --- | --- | --- |
//! | `aws` | this program; the AWS CLI for a scenario that requires it | the AWS CLI | the command, for `aws codecommit credential-helper`; this program for anything else |
//! | `git-credential-codecommit` | this program | this program | the command, for `get`, `store` and `erase`; this program for anything else |
//! | `git-remote-codecommit` | this program | the program in Python | the command |
//!
//! A command is run as git runs one: by `sh`, with the operation behind it. `--profile` and `--region` of the configured
//! line reach it as `AWS_PROFILE` and `AWS_REGION`. A profile on the line is stronger than keys in the environment, and the
//! variable is not: so they do not reach it then. What it finds on PATH are the caller's own programs, not the stand-ins: it
//! may be a wrapper of the AWS CLI's helper. Only git is the subject's.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use crate::links;
use crate::subject::{CommandLine, CredentialHelper, RemoteHelper, Subject};
use crate::toolbox::{Peer, SYSTEM_PATH, Toolbox};

/// Links the helpers of a subject into the folder `bin`. What is linked under its own names is in `bin/.lab`.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn link_helpers(
    bin: &Path,
    peers: &[Peer],
    toolbox: &Toolbox,
    subject: &Subject,
) -> io::Result<()> {
    let faketime = toolbox.peer(Peer::Faketime).ok();
    let ours = bin.join(".lab");
    fs::create_dir_all(&ours)?;
    for name in ["aws", "git-credential-codecommit"] {
        links::link(&toolbox.lab, &ours, name)?;
    }
    let command = |line| Command {
        line,
        faketime,
        bin,
        path: &toolbox.path,
    };
    // A scenario that is about a program of AWS gets it, whatever is under test.
    let aws = Some(&Peer::Aws).filter(|aws| peers.contains(aws));
    match (aws.map(|aws| toolbox.peer(*aws)), &subject.helper) {
        (Some(Ok(aws)), _) => links::with_clock(aws, faketime, bin, "aws")?,
        (_, CredentialHelper::Ours) => links::link(&toolbox.lab, bin, "aws")?,
        (_, CredentialHelper::AwsCli(aws)) => links::with_clock(aws, faketime, bin, "aws")?,
        (_, CredentialHelper::Command(line)) => {
            let run = command(line).script(Arguments::Operation);
            links::script(bin, "aws", &as_aws(&run, &ours.join("aws")))?;
        }
    }
    match &subject.helper {
        CredentialHelper::Command(line) => {
            git_alone(bin)?;
            let run = command(line).script(Arguments::Operation);
            let text = as_helper(&run, &ours.join("git-credential-codecommit"));
            links::script(bin, "git-credential-codecommit", &text)?;
        }
        _ => links::link(&toolbox.lab, bin, "git-credential-codecommit")?,
    }
    if peers.contains(&Peer::GitRemoteCodecommit) {
        return Ok(());
    }
    let name = "git-remote-codecommit";
    match &subject.remote_helper {
        RemoteHelper::Ours => links::link(&toolbox.lab, bin, name),
        RemoteHelper::Aws(program) => links::with_clock(program, faketime, bin, name),
        RemoteHelper::Command(line) => {
            links::script(bin, name, &command(line).script(Arguments::Words))
        }
    }
}

/// How the arguments of a stand-in reach its command.
#[derive(Clone, Copy)]
enum Arguments {
    /// The operation is text behind the line, as git appends it: a `$@` in the line is empty.
    Operation,
    /// Words behind the line, as git starts a remote helper.
    Words,
}

/// The lines of a script that become the user's command.
struct Command<'a> {
    line: &'a CommandLine,
    faketime: Option<&'a Path>,
    /// The sandbox's programs.
    bin: &'a Path,
    /// The caller's PATH.
    path: &'a OsStr,
}

/// A folder of the sandbox with git and nothing else.
const GIT_ALONE: &str = ".git";

const IN_HELPER: &str = "CODECOMMIT_LAB_IN_HELPER";
const IN_REMOTE_HELPER: &str = "CODECOMMIT_LAB_IN_REMOTE_HELPER";
const OUTER_PATH: &str = "CODECOMMIT_LAB_PATH";

/// The git that a command finds. What it starts in turn, such as the helpers of `git credential reject`, are the sandbox's.
fn git_alone(bin: &Path) -> io::Result<()> {
    let folder = bin.join(GIT_ALONE);
    fs::create_dir_all(&folder)?;
    let git = links::quoted_path(&bin.join("git"));
    let text = format!(
        "PATH=${OUTER_PATH}\nexport PATH\nunset {IN_HELPER} {OUTER_PATH}\nexec {git} \"$@\"\n"
    );
    links::script(&folder, "git", &text)
}

impl Command<'_> {
    fn script(&self, arguments: Arguments) -> String {
        let line = links::quoted(&self.line.to_string());
        let call = match arguments {
            Arguments::Operation => format!("sh -c {line}\" $*\""),
            Arguments::Words => format!("sh -c {line}' \"$@\"' sh \"$@\""),
        };
        let moved = self
            .faketime
            .map_or_else(String::new, |faketime| links::moved(faketime, &call));
        let begin = format!("{}{}", self.guard(arguments), self.search(arguments));
        format!("{begin}{moved}exec {call}\n")
    }

    /// A command may start the stand-in for itself in ways that no PATH prevents, and each would start the next.
    fn guard(&self, arguments: Arguments) -> String {
        let inside = match arguments {
            Arguments::Operation => IN_HELPER,
            Arguments::Words => IN_REMOTE_HELPER,
        };
        let said = links::quoted(&format!(
            ": this stands for the command under test, `{}`, which has called it: let it name the program that it means by its path",
            self.line
        ));
        format!(
            "if [ \"${inside}\" ]; then printf '%s%s\\n' \"${{0##*/}}\" {said} >&2; exit 1; fi\n\
             {inside}=1\nexport {inside}\n"
        )
    }

    /// Where a command finds programs.
    fn search(&self, arguments: Arguments) -> String {
        let path = links::quoted(&self.path.to_string_lossy());
        if let Arguments::Words = arguments {
            // The git that it starts may need the credential helper's stand-in.
            return format!("PATH=$PATH:{path}\nexport PATH\n");
        }
        let bin = links::quoted_path(self.bin);
        let git = links::quoted_path(&self.bin.join(GIT_ALONE));
        let system = SYSTEM_PATH.join(":");
        let known = SYSTEM_PATH.join("|");
        format!(
            "\
{OUTER_PATH}=$PATH
export {OUTER_PATH}
added=
IFS=:
set -f
for folder in $PATH; do
    case $folder in
    {bin}|{known}) ;;
    *) added=$added$folder: ;;
    esac
done
set +f
unset IFS
PATH={git}:$added{path}:{system}
export PATH
"
        )
    }
}

fn as_aws(run: &str, ours: &Path) -> String {
    let ours = links::quoted_path(ours);
    format!(
        "\
helper=
profile=
before=
operation=
for argument; do
    case $before in
    --profile) profile=yes; AWS_PROFILE=$argument; export AWS_PROFILE ;;
    --region) AWS_REGION=$argument; AWS_DEFAULT_REGION=$argument; export AWS_REGION AWS_DEFAULT_REGION ;;
    *)
        case $argument in
        credential-helper) helper=yes; operation= ;;
        --profile=*) profile=yes; AWS_PROFILE=${{argument#*=}}; export AWS_PROFILE ;;
        --region=*) AWS_REGION=${{argument#*=}}; AWS_DEFAULT_REGION=$AWS_REGION; export AWS_REGION AWS_DEFAULT_REGION ;;
        -*) ;;
        *) operation=$argument ;;
        esac
        ;;
    esac
    before=$argument
done
[ \"$helper\" ] || exec {ours} \"$@\"
[ \"$profile\" ] && unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
set -- ${{operation:+\"$operation\"}}
{run}"
    )
}

fn as_helper(run: &str, ours: &Path) -> String {
    let ours = links::quoted_path(ours);
    format!(
        "\
for operation; do :; done
case $operation in
get|store|erase) set -- \"$operation\" ;;
*) exec {ours} \"$@\" ;;
esac
{run}"
    )
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    /// What a stand-in for `aws` tells a command of the operation and its environment, and what reaches the program itself.
    fn aws(arguments: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        links::script(folder.path(), "ours", "echo \"ours: $*\"\n").unwrap();
        let line = CommandLine::parse(
            "!echo \"$AWS_PROFILE $AWS_REGION $AWS_ACCESS_KEY_ID $CODECOMMIT_HELPER_CLOCK:\" it\\'s $@",
            ["ours", "aws-cli"],
        );
        let run = Command {
            line: &line.unwrap(),
            faketime: None,
            bin: folder.path(),
            path: OsStr::new("/nowhere"),
        };
        let run = run.script(Arguments::Operation);
        let text = as_aws(&run, &folder.path().join("ours"));
        links::script(folder.path(), "aws", &text).unwrap();
        let output = process::Command::new(folder.path().join("aws"))
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("CODECOMMIT_HELPER_CLOCK", "+9s")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_command_is_given_the_operation_and_what_the_configured_line_says() {
        assert_eq!(
            aws(&["codecommit", "credential-helper", "get", "get"]),
            "  AKIAEXAMPLE +9s: it's get\n"
        );
        assert_eq!(
            aws(&[
                "codecommit",
                "credential-helper",
                "--profile",
                "a b",
                "--region=us-east-2",
                "get",
            ]),
            "a b us-east-2  +9s: it's get\n"
        );
        assert_eq!(
            aws(&["--profile", "p", "codecommit", "credential-helper"]),
            "p   +9s: it's\n"
        );
    }

    #[test]
    fn other_commands_of_the_aws_cli_do_not_reach_it() {
        assert_eq!(aws(&["--version"]), "ours: --version\n");
        assert_eq!(
            aws(&["codecommit", "list-repositories"]),
            "ours: codecommit list-repositories\n"
        );
    }
}
