//! `git-remote-codecommit`, in front of a git that only tells how it was started.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::sandbox::{Outcome, REMOTE_HELPER, REQUEST, Sandbox};

/// A sandbox whose git prints its arguments and any settings in its environment, and ends with 7. It leaves a file behind.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let git = sandbox.path().join("git");
    fs::write(
        &git,
        "#!/bin/sh\nfor word in \"$@\"; do echo \"argument $word\"; done\n/usr/bin/env | /usr/bin/sort | \
         /bin/grep ^GIT_CONFIG\n: >\"$HOME/started\"\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let folder = sandbox.path().display().to_string();
    sandbox.variable("PATH", &folder)
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    sandbox.run_program(Path::new(REMOTE_HELPER), args, "")
}

#[test]
fn git_gets_a_plain_url_and_our_helper() {
    let sandbox =
        sandbox().config("[profile Code Commit]\n[profile \"Code Commit\"]\nregion = eu-west-1\n");
    let outcome = run(&sandbox, &["origin", "codecommit://Code Commit@MyDemoRepo"]);
    let key = "credential.https://git-codecommit.eu-west-1.amazonaws.com";
    assert_eq!(
        outcome.stdout,
        format!(
            "argument -c\nargument {key}.helper=\n\
             argument -c\nargument {key}.helper=!{REMOTE_HELPER} credential-helper --profile 'Code Commit'\n\
             argument -c\nargument {key}.useHttpPath=true\n\
             argument remote-https\nargument origin\n\
             argument https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/MyDemoRepo\n"
        )
    );
    // It has become git: the code is git's own.
    assert_eq!((outcome.code, outcome.stderr.as_str()), (7, ""));
}

#[test]
fn it_is_the_helper_that_it_names() {
    let sandbox = Sandbox::with_keys();
    let args = ["credential-helper", "get"];
    let outcome = sandbox.run_program(Path::new(REMOTE_HELPER), &args, REQUEST);
    outcome.assert_user_name("AKIAIOSFODNN7EXAMPLE");
}

/// It is the only helper for its host, so that nobody else has stored anything.
#[test]
fn as_that_helper_it_does_not_have_git_erase_anything() {
    let sandbox = sandbox();
    let used = format!(
        "{REQUEST}username=AKIA\npassword=20250115T083000Z{}\n",
        "0".repeat(64)
    );
    let started = sandbox.path().join("started");
    let store = ["credential-helper", "store"];
    sandbox
        .run_program(Path::new(REMOTE_HELPER), &store, &used)
        .assert_silent();
    assert!(!started.exists());
    sandbox.run(&["store"], &used).assert_silent();
    assert!(started.exists());
}

#[test]
fn errors_are_the_documented_sentences_and_say_what_to_run() {
    let sandbox = sandbox().config("[default]\n[profile dev]\n");
    for (args, message) in [
        (
            vec!["origin"],
            "git-remote-codecommit: Too few arguments. This hook requires the git command and remote.\n",
        ),
        (
            vec!["a", "b", "c"],
            "git-remote-codecommit: Too many arguments. Hook only accepts the git command and remote, but argv was: \
             'a', 'b', 'c'\n",
        ),
        (
            vec!["origin", "us-east://Demo"],
            "git-remote-codecommit: The following URL is malformed: us-east://Demo. A URL must be in one of the two \
             following formats: codecommit://<profile>@<repository> or \
             codecommit::<region>://<profile>@<repository>\n",
        ),
        (
            vec!["origin", "codecommit://dev@Demo"],
            "git-remote-codecommit: The following profile does not have an AWS Region: dev. You must set an AWS Region \
             for this profile. For more information, see Configure An AWS CLI Profile in the AWS CLI User Guide.\n  \
             to set one, run:\n      aws configure set region REGION --profile dev\n  \
             note: or name it in the URL: codecommit::REGION://dev@Demo\n",
        ),
    ] {
        let outcome = run(&sandbox, &args);
        assert_eq!(outcome.stderr, message);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
    }
    let outcome = run(&sandbox, &["origin", "us-east-1://de@Demo"]);
    assert!(outcome.stderr.starts_with(
        "git-remote-codecommit: The following profile was not found: de. Available profiles are: default, dev. Either \
         use one of the available profiles, or create an AWS CLI profile to use and then try again."
    ));
    assert!(outcome.stderr.contains("looked in"), "{outcome:?}");
}

#[test]
fn no_secret_reaches_git_or_its_environment() {
    let sandbox = sandbox()
        .variable("AWS_ACCESS_KEY_ID", "AKIAHUNTER")
        .variable("AWS_SECRET_ACCESS_KEY", "HUNTERsecret")
        .variable("AWS_SESSION_TOKEN", "HUNTERtoken");
    let outcome = run(&sandbox, &["origin", "us-east-1://Demo"]);
    assert_eq!(outcome.code, 7);
    assert!(!outcome.stdout.contains("HUNTER"), "{outcome:?}");
}
