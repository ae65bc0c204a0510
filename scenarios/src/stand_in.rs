//! Commands of a sandbox that stand for the helpers, so that the configuration of a scenario reaches the ones under test.
//!
//! | name | our helpers | the AWS CLI's | a command |
//! | --- | --- | --- | --- |
//! | `aws` | this program; the AWS CLI for a scenario that requires it | the AWS CLI | the command, for `aws codecommit credential-helper`; this program for anything else |
//! | `git-credential-codecommit` | this program | this program | the command, for `get`, `store` and `erase`; this program for anything else |
//! | `git-remote-codecommit` | this program | the program in Python | the command |
//!
//! A command is run as git runs one: by `sh`, with the operation behind it. `--profile` and `--region` of the configured
//! line reach it as `AWS_PROFILE` and `AWS_REGION`. It finds programs on the caller's own PATH, behind the sandbox's.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use crate::links;
use crate::subject::{CommandLine, CredentialHelper, RemoteHelper, Subject};
use crate::toolbox::{Peer, Toolbox};

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
    // A scenario that is about a program of AWS gets it, whatever is under test.
    let aws = Some(&Peer::Aws).filter(|aws| peers.contains(aws));
    match (aws.map(|aws| toolbox.peer(*aws)), &subject.helper) {
        (Some(Ok(aws)), _) => links::with_clock(aws, faketime, bin, "aws")?,
        (_, CredentialHelper::Ours) => links::link(&toolbox.lab, bin, "aws")?,
        (_, CredentialHelper::AwsCli(aws)) => links::with_clock(aws, faketime, bin, "aws")?,
        (_, CredentialHelper::Command(line)) => {
            let run = command(line, faketime, &toolbox.path);
            links::script(bin, "aws", &as_aws(&run, &ours.join("aws")))?;
        }
    }
    match &subject.helper {
        CredentialHelper::Command(line) => {
            let run = command(line, faketime, &toolbox.path);
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
            links::script(bin, name, &command(line, faketime, &toolbox.path))
        }
    }
}

/// Lines that become the command, with the script's own arguments behind it.
fn command(line: &CommandLine, faketime: Option<&Path>, path: &OsStr) -> String {
    let line = links::quoted(&format!("{line} \"$@\""));
    let run = format!("sh -c {line} sh \"$@\"");
    let moved = faketime.map_or_else(String::new, |faketime| links::moved(faketime, &run));
    format!(
        "PATH=\"$PATH:\"{}\nexport PATH\n{moved}exec {run}\n",
        links::quoted(&path.to_string_lossy())
    )
}

fn as_aws(run: &str, ours: &Path) -> String {
    let ours = links::quoted(&ours.display().to_string());
    format!(
        "\
helper=
before=
operation=
for argument; do
    case $before in
    --profile) AWS_PROFILE=$argument; export AWS_PROFILE ;;
    --region) AWS_REGION=$argument; AWS_DEFAULT_REGION=$argument; export AWS_REGION AWS_DEFAULT_REGION ;;
    *)
        case $argument in
        credential-helper) helper=yes; operation= ;;
        --profile=*) AWS_PROFILE=${{argument#*=}}; export AWS_PROFILE ;;
        --region=*) AWS_REGION=${{argument#*=}}; AWS_DEFAULT_REGION=$AWS_REGION; export AWS_REGION AWS_DEFAULT_REGION ;;
        -*) ;;
        *) operation=$argument ;;
        esac
        ;;
    esac
    before=$argument
done
[ \"$helper\" ] || exec {ours} \"$@\"
set -- ${{operation:+\"$operation\"}}
{run}"
    )
}

fn as_helper(run: &str, ours: &Path) -> String {
    let ours = links::quoted(&ours.display().to_string());
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
    use std::process::Command;

    use super::*;

    /// What a stand-in for `aws` tells a command of the operation and its environment, and what reaches the program itself.
    fn aws(arguments: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        links::script(folder.path(), "ours", "echo \"ours: $*\"\n").unwrap();
        let line = CommandLine::parse(
            "!echo \"$AWS_PROFILE $AWS_REGION $CODECOMMIT_HELPER_CLOCK:\" it\\'s",
            "",
        );
        let run = command(&line.unwrap(), None, OsStr::new("/nowhere"));
        let text = as_aws(&run, &folder.path().join("ours"));
        links::script(folder.path(), "aws", &text).unwrap();
        let output = Command::new(folder.path().join("aws"))
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("CODECOMMIT_HELPER_CLOCK", "+9s")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_command_is_given_the_operation_and_what_the_configured_line_says() {
        assert_eq!(
            aws(&["codecommit", "credential-helper", "get", "get"]),
            "  +9s: it's get\n"
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
            "a b us-east-2 +9s: it's get\n"
        );
        assert_eq!(
            aws(&["--profile", "p", "codecommit", "credential-helper"]),
            "p  +9s: it's\n"
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
