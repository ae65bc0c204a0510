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
        [http \"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo\"]
            proxy = http://127.0.0.1:1
            extraHeader = Authorization: Basic c29tZW9uZTplbHNl
        [remote \"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo\"]
            proxy = http://127.0.0.1:1
        [url \"git@github.com:\"]
            insteadOf = https://github.com/
    ";
    fs::write(home.path().join(".gitconfig"), gitconfig).unwrap();
    let mut command = on_machine_of(home.path(), &lab, &["git", "clone", "--quiet", URL]);
    command
        .env("AWS_PROFILE", "does-not-exist")
        .env("AWS_SESSION_TOKEN", "of another session")
        .env("GIT_SSL_CAINFO", "/nowhere")
        .env("https_proxy", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .env("CODECOMMIT_HELPER_CLOCK", "+1h")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
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
fn a_configuration_that_rewrites_the_urls_is_refused_with_the_command_that_mends_it() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let gitconfig = "[url \"ssh://git@elsewhere/\"]\n\
                     insteadOf = https://git-codecommit.us-east-2.amazonaws.com/\n";
    fs::write(home.path().join(".gitconfig"), gitconfig).unwrap();
    let run = |command: &[&str]| ended(on_machine_of(home.path(), &lab, command));
    let refused = run(&["git", "ls-remote", URL]);
    assert_eq!((refused.code, &*refused.stdout), (Some(2), ""));
    insta::assert_snapshot!(refused.stderr, @r"
    error: failed to keep git in the laboratory: its global configuration rewrites CodeCommit's URLs: url.ssh://git@elsewhere/.insteadof = https://git-codecommit.us-east-2.amazonaws.com/
      = help: git config --global --fixed-value --unset-all 'url.ssh://git@elsewhere/.insteadof' 'https://git-codecommit.us-east-2.amazonaws.com/'
    ");
    let help = refused.stderr.lines().last().unwrap();
    let command = help.split("= help: ").nth(1).unwrap();
    let mended = Command::new("sh")
        .args(["-c", command])
        .env("HOME", home.path())
        .status()
        .unwrap();
    assert!(mended.success());
    assert_eq!(run(&["git", "ls-remote", "--quiet", URL]).code, Some(0));
}

#[test]
fn what_was_refused_is_told_after_the_command_unless_it_is_the_ordinary_challenge() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let run = |options: &[&str], region: &str| {
        let url = format!("https://git-codecommit.{region}.amazonaws.com/v1/repos/MyDemoRepo");
        let mut command = on_machine_of(home.path(), &lab, &["git", "ls-remote", "-q", &url]);
        let all: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let mut with_options = lab.command(&[]);
        with_options.arg("exec").args(options).args(&all[1..]);
        for (name, value) in command.get_envs() {
            with_options.env(name, value.unwrap_or_default());
        }
        with_options.current_dir(home.path());
        command = with_options;
        ended(command)
    };
    assert_eq!(run(&[], "us-east-2").stderr, "");
    let journal = home.path().join("x.jsonl");
    let refused = run(&["--journal", journal.to_str().unwrap()], "us-east-1");
    let last = refused.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "codecommit-lab: 404 GET git-codecommit.us-east-1.amazonaws.com/v1/repos/MyDemoRepo/info/refs?service=git-upload-pack: \
         repository-not-found: account 111122223333 has this repository in us-east-2, not in us-east-1; help: use the host \
         of its Region: https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"
    );
    let lines = fs::read_to_string(&journal).unwrap();
    assert_eq!(lines.lines().count(), 2);
    let told = lab.run(&["journal", journal.to_str().unwrap()]);
    assert_eq!(told.code, Some(0));
    told.prints("error: 404 repository-not-found: no such repository");
    let raw = lab.run(&["journal", "--format", "json", journal.to_str().unwrap()]);
    assert_eq!(raw.stdout, lines);
    let quiet = run(&["--quiet"], "us-east-1");
    assert!(!quiet.stderr.contains("codecommit-lab"), "{}", quiet.stderr);
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
fn the_urls_of_git_remote_codecommit_lead_here_too() {
    let (lab, home) = (Lab::new(), tempfile::tempdir().unwrap());
    let command = [
        "git",
        "ls-remote",
        "codecommit::us-east-2://MyDemoRepo",
        "main",
    ];
    let mut command = on_machine_of(home.path(), &lab, &command);
    // Without the one that a machine may have, so that it is ours.
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::env::split_paths(&path)
        .filter(|folder| !folder.join("git-remote-codecommit").exists());
    command.env("PATH", std::env::join_paths(folders).unwrap());
    let ended = ended(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.ends_with("refs/heads/main\n"),
        "{}",
        ended.stdout
    );
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

/// Nothing of it is a refusal, so `--quiet` keeps none of it back.
#[test]
fn a_fault_that_has_done_nothing_is_told_with_why() {
    let lab = Lab::new();
    let url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo";
    for (fault, told) in [
        (
            "status=503,host=git-codecommit.us-esat-2.*",
            "nothing came that the fault is for: status 503 (host=git-codecommit.us-esat-2.*)",
        ),
        (
            "status=503,nth=5",
            "the fault has done nothing: status 503: it is for number 5 of those that match, and 2 came",
        ),
        (
            "corrupt=pack",
            "the fault has done nothing: corrupt pack: no answer that it met has a pack",
        ),
    ] {
        let ended = lab.run(&[
            "exec",
            "--quiet",
            "--fault",
            fault,
            "--",
            "git",
            "ls-remote",
            url,
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stderr, format!("codecommit-lab: {told}\n"));
    }
}

#[test]
fn a_limit_is_set_and_one_that_does_not_exist_is_refused_with_the_nearest() {
    let lab = Lab::new();
    let url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo";
    for (size, is_too_large) in [("1", true), ("100000", false)] {
        let limit = format!("head-bytes={size}");
        let said = lab.run(&["exec", "--limit", &limit, "--", "git", "ls-remote", url]);
        let told = said.stderr.contains("head-too-large");
        assert_eq!(told, is_too_large, "{}", said.stderr);
    }
    let twice = ["--limit", "children=1", "--limit", "children=2"];
    let said = lab.run(&[&["exec"], &twice[..], &["--", "true"]].concat());
    let told = "failed to set limit `children` to `1` and to `2`";
    said.tells(told);
    let said = lab.run(&["exec", "--limit", "childen=1", "--", "true"]);
    assert!(
        said.stderr.contains("did you mean `children`?"),
        "{}{}",
        said.stdout,
        said.stderr
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_journal_that_cannot_be_finished_leaves_the_code_to_the_command() {
    for stderr in [super::full().into(), std::process::Stdio::piped()] {
        let lab = Lab::new();
        let exchange = "git ls-remote -q \"$0\" >/dev/null; exit 7";
        let output = lab
            .command(&[
                "exec",
                "--journal",
                "/dev/full",
                "--",
                "sh",
                "-c",
                exchange,
                URL,
            ])
            .stderr(stderr)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(7));
    }
}

#[test]
fn what_a_terminal_sends_is_the_commands_own_from_its_first_moment() {
    for signal in ["INT", "QUIT"] {
        let lab = Lab::new();
        let line = format!("kill -{signal} $PPID; exit 5");
        let ended = lab.run(&["exec", "--", "sh", "-c", &line]);
        assert_eq!(ended.code, Some(5), "{signal}: {}", ended.stderr);
        assert!(lab.leftovers().is_empty(), "{:?}", lab.leftovers());
    }
}
