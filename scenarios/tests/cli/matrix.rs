//! Scenarios played with several subjects.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Lab, text};

fn report(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap()
}

fn script(path: &Path, lines: &str) -> PathBuf {
    fs::write(path, format!("#!/bin/sh\n{lines}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}

#[test]
fn every_transport_is_spoken_and_has_a_column() {
    let lab = Lab::new();
    let json = lab.path("x.json");
    let arguments = [
        "run",
        "named-profile",
        "--transport",
        "h1",
        "--transport",
        "h2",
        "--json",
    ];
    let ended = lab.run(&[&arguments[..], &[json.to_str().unwrap()]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .starts_with("running 1 scenario with 2 subjects:\n  1  git version ")
    );
    ended.prints("\n1     2\npass  pass  ");
    let report = report(&json);
    for (subject, protocol) in ["HTTP/1.1", "HTTP/2.0"].into_iter().enumerate() {
        let case = &report["scenarios"][subject];
        assert_eq!(case["subject"], subject);
        let exchanges: Vec<&Value> = case["steps"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|step| step["exchanges"].as_array().unwrap())
            .collect();
        assert!(!exchanges.is_empty());
        assert!(
            exchanges
                .iter()
                .all(|exchange| exchange["protocol"] == protocol)
        );
    }
}

#[test]
fn a_command_is_the_helper_wherever_a_scenario_configures_one() {
    let lab = Lab::new();
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let program = env!("CARGO_BIN_EXE_codecommit-lab");
    std::os::unix::fs::symlink(program, folder.path().join("git-credential-codecommit")).unwrap();
    // A helper as a third party would write it: it knows nothing of the AWS CLI's options.
    let helper = script(
        &folder.path().join("my-helper"),
        &format!(
            "echo \"$* as $AWS_PROFILE\" >>'{}'\nexec '{}/git-credential-codecommit' \"$1\"\n",
            seen.display(),
            folder.path().display()
        ),
    );
    let json = lab.path("x.json");
    let ended = lab.run(&[
        "run",
        "named-profile",
        "--helper",
        helper.to_str().unwrap(),
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(
        text(&seen).contains("get as CodeCommitProfile"),
        "{}",
        text(&seen)
    );
    assert_eq!(
        report(&json)["subjects"][0]["helper"],
        helper.to_str().unwrap()
    );
}

/// Runs with a helper, and with a folder before PATH.
fn run_with_own(folder: &Path, helper: &str) -> super::Ended {
    let path = format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    Lab::new()
        .command(&["run", "named-profile", "--helper", helper])
        .env("PATH", path)
        .output()
        .unwrap()
        .into()
}

#[test]
fn a_command_may_be_or_wrap_what_the_sandbox_has_a_stand_in_for() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let program = folder.path().join("ours/git-credential-codecommit");
    fs::create_dir(folder.path().join("ours")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_codecommit-lab"), &program).unwrap();
    script(
        &folder.path().join("aws"),
        &format!(
            "echo \"$*\" >>'{}'\nfor operation; do :; done\nexec '{}' \"$operation\"\n",
            seen.display(),
            program.display()
        ),
    );
    let wrapper = script(
        &folder.path().join("wrapper"),
        "exec aws codecommit credential-helper \"$@\"\n",
    );
    for helper in [
        "!aws codecommit credential-helper $@",
        wrapper.to_str().unwrap(),
    ] {
        let ended = run_with_own(folder.path(), helper);
        assert_eq!(ended.code, Some(0), "{helper}: {}", ended.stdout);
    }
    let seen = text(&seen);
    assert!(seen.lines().count() >= 2, "{seen}");
    for line in seen.lines() {
        let operation = line.strip_prefix("codecommit credential-helper ");
        assert!(
            operation.is_some_and(|operation| ["get", "store", "erase"].contains(&operation)),
            "{line}"
        );
    }
}

#[test]
fn a_command_that_reaches_its_own_stand_in_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let helper = script(
        &folder.path().join("wrapper"),
        "exec \"$HOME/../bin/aws\" codecommit credential-helper \"$@\"\n",
    );
    let ended = run_with_own(folder.path(), helper.to_str().unwrap());
    assert_eq!(ended.code, Some(100), "{}", ended.stdout);
    ended.prints("aws: this stands for the command under test");
}

#[test]
fn a_command_that_gives_no_password_fails() {
    let ended = super::run(&["named-profile", "--helper", "!exit 1"]);
    assert_eq!(ended.code, Some(100), "{}", ended.stdout);
}

#[test]
fn what_works_otherwise_than_documented_differs_with_its_reason() {
    let lab = Lab::new();
    let json = lab.path("x.json");
    let ended = lab.run(&["run", "no-credentials", "--json", json.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0));
    ended.prints("\ndiff ");
    ended.prints("it says where it has looked");
    assert!(
        ended.stdout.ends_with("\n1 passed, 0 failed, 0 skipped\n"),
        "{}",
        ended.stdout
    );
    let report = report(&json);
    assert_eq!(report["summary"]["differs"], 1);
    let case = &report["scenarios"][0];
    assert_eq!(
        (&case["outcome"], &case["class"]),
        (&"passed".into(), &"differs".into())
    );
    assert_eq!(case["differences"][0]["step"], "symptom 1");
}

#[test]
fn what_is_to_be_tested_and_missing_is_an_error() {
    for (option, value, told) in [
        (
            "--git",
            "/nonexistent/git",
            "/nonexistent/git: no such program",
        ),
        ("--git", "git-of-nobody", "git-of-nobody is not installed"),
        (
            "--helper",
            "/nonexistent/helper",
            "/nonexistent/helper: no such program",
        ),
        (
            "--helper",
            "!no-such-helper --x",
            "no-such-helper is not installed",
        ),
        (
            "--remote-helper",
            "/nonexistent/h",
            "/nonexistent/h: no such program",
        ),
    ] {
        let ended = super::run(&["named-profile", option, value]);
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(96), ""),
            "{option} {value}"
        );
        ended.tells(told);
        ended.tells("= help: ");
    }
    let ended = super::run(&["named-profile", "--helper", "our"]);
    assert_eq!(ended.code, Some(2));
    ended.tells("neither `ours` nor `aws-cli` nor a command");
    ended.tells("did you mean `ours`?");
}

#[test]
fn an_empty_journal_asks_that_nothing_is_sent() {
    let lab = Lab::new();
    let file = lab.path("silent.toml");
    let scenario = |command: &str| {
        format!(
            "id = \"silent\"\ntitle = \"t\"\nsource = {{ page = \"p\" }}\nevidence = \"inferred\"\n\
             platforms = [\"linux\", \"macos\"]\n[[step]]\nrun = \"{command}\"\njournal = []\n"
        )
    };
    fs::write(&file, scenario("true")).unwrap();
    let ended = lab.run(&["run", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let asks =
        "git ls-remote https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo || true";
    fs::write(&file, scenario(asks)).unwrap();
    let ended = lab.run(&["run", file.to_str().unwrap()]);
    assert_eq!(ended.code, Some(100), "{}", ended.stdout);
    ended.prints("error: the server saw exchanges");
}

#[test]
fn what_the_python_remote_helper_does_otherwise_is_told_with_its_reason() {
    let lab = Lab::new();
    let bin = tempfile::tempdir().unwrap();
    // As far as it is known by its words.
    script(
        &bin.path().join("git-remote-codecommit"),
        "case $# in 1) echo 'Too few arguments.' >&2 ;; \
         *) echo 'The following profile does not have credentials configured: work.' >&2 ;; esac\nexit 1\n",
    );
    let path = format!(
        "{}:{}",
        bin.path().display(),
        std::env::var("PATH").unwrap()
    );
    let json = lab.path("x.json");
    let ended: super::Ended = lab
        .command(&[
            "run",
            "remote-helper-profile-without-credentials",
            "--remote-helper",
            "aws",
        ])
        .arg("--json")
        .arg(&json)
        .env("PATH", path)
        .output()
        .unwrap()
        .into();
    // It never gets further: the fix fails.
    assert_eq!(ended.code, Some(100), "{}", ended.stderr);
    let report = report(&json);
    assert_eq!(report["subjects"][0]["remote_helper"], "aws");
    let case = &report["scenarios"][0];
    assert_eq!(case["steps"][0]["passed"], true, "{case}");
    let steps: Vec<&Value> = case["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| &difference["step"])
        .collect();
    assert_eq!(steps, ["symptom 1", "cause"]);
}
