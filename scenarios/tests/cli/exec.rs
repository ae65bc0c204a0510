//! A command against a server of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Ended, Lab};

const URL: &str = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo";

/// A user's machine: only a home and a PATH.
fn on_machine_of(home: &Path, lab: &Lab, command: &[&str]) -> Command {
    let all: Vec<&str> = ["exec", "--"].iter().chain(command).copied().collect();
    let mut exec = lab.command(&all);
    exec.env_clear()
        .env("HOME", home)
        .env("TMPDIR", lab.temporary.path())
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(home);
    exec
}

fn ended(mut command: Command) -> Ended {
    command.output().unwrap().into()
}

#[test]
fn git_clones_with_nothing_configured_and_nothing_is_left() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let ended = ended(on_machine_of(
        home.path(),
        &lab,
        &["git", "clone", "--quiet", URL],
    ));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(home.path().join("MyDemoRepo/.git").is_dir());
    assert!(lab.leftovers().is_empty());
    assert!(!home.path().join(".gitconfig").exists());
}

#[test]
fn the_users_own_configuration_does_not_get_in_the_way() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let gitconfig = "
        [credential]
            helper = !echo username=someone; echo password=else
        [credential \"https://git-codecommit.us-east-2.amazonaws.com\"]
            helper = store
            useHttpPath = false
        [http]
            proxy = http://127.0.0.1:1
            sslCAInfo = /nowhere
        [http \"https://git-codecommit.us-east-2.amazonaws.com\"]
            proxy = http://127.0.0.1:1
    ";
    fs::write(home.path().join(".gitconfig"), gitconfig).unwrap();
    let mut command = on_machine_of(home.path(), &lab, &["git", "clone", "--quiet", URL]);
    command
        .env("AWS_PROFILE", "does-not-exist")
        .env("AWS_SESSION_TOKEN", "of another session")
        .env("GIT_SSL_CAINFO", "/nowhere")
        .env("https_proxy", "http://127.0.0.1:1")
        .env("NO_PROXY", "*")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "credential.helper")
        .env("GIT_CONFIG_VALUE_0", "cache");
    let ended = ended(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!home.path().join(".git-credentials").exists());
}

#[test]
fn the_rest_of_the_users_environment_is_there() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut command = on_machine_of(
        home.path(),
        &lab,
        &["sh", "-c", "echo $MINE $AWS_ACCESS_KEY_ID"],
    );
    command.env("MINE", "yes");
    assert_eq!(ended(command).stdout, "yes AKIAIOSFODNN7EXAMPLE\n");
}

#[test]
fn the_exit_code_is_the_commands() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let code = |command: &[&str]| ended(on_machine_of(home.path(), &lab, command)).code;
    assert_eq!(code(&["true"]), Some(0));
    assert_eq!(code(&["sh", "-c", "exit 7"]), Some(7));
    assert_eq!(code(&["sh", "-c", "kill -9 $$"]), Some(137));
    assert_eq!(code(&["/nowhere/at-all"]), Some(127));
    assert_eq!(code(&["/etc/passwd"]), Some(126));
}

#[test]
fn the_dashes_before_the_command_may_be_left_out() {
    let lab = Lab::new();
    let ended = lab.run(&[
        "exec",
        "--explain",
        "sh",
        "-c",
        "echo $0 $1",
        "--world",
        "-x",
    ]);
    assert_eq!((ended.code, &*ended.stdout), (Some(0), "--world -x\n"));
    assert_eq!(lab.run(&["exec", "--bogus", "true"]).code, Some(2));
}

#[test]
fn an_aws_cli_of_the_users_comes_before_ours() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut command = on_machine_of(home.path(), &lab, &["/bin/sh", "-c", "command -v aws"]);
    command.env("PATH", "/usr/bin:/bin");
    let git = Command::new("sh")
        .args(["-c", "command -v git"])
        .output()
        .unwrap();
    let git = String::from_utf8(git.stdout).unwrap();
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(git.trim(), bin.join("git")).unwrap();
    command.env("PATH", &bin);
    // Without one, ours.
    let found = ended(command).stdout;
    assert!(found.trim_end().ends_with("/bin/aws"), "{found}");
    assert!(
        Path::new(&found).starts_with(lab.temporary.path()),
        "{found}"
    );

    fs::copy("/bin/sh", bin.join("aws")).unwrap();
    let mut command = on_machine_of(home.path(), &lab, &["/bin/sh", "-c", "command -v aws"]);
    command.env("PATH", &bin);
    assert_eq!(
        ended(command).stdout.trim_end(),
        bin.join("aws").to_str().unwrap()
    );
}
