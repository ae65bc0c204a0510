//! What a user sees, word for word.

use crate::sandbox::{REQUEST, Sandbox};

#[test]
fn no_path() {
    let request = "protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\n";
    Sandbox::with_keys().run(&["get"], request).assert_quit(
        "git-credential-codecommit: failed to sign for git-codecommit.us-east-1.amazonaws.com: git sent no repository \
         path, because credential.useHttpPath is not set for this host\n  \
         to have git send it, run:\n      \
         git config --global credential.https://git-codecommit.us-east-1.amazonaws.com.useHttpPath true\n",
    );
}

#[test]
fn no_credentials() {
    let sandbox = Sandbox::new().config("[default]\nregion = us-east-1\n");
    sandbox.run(&["get"], REQUEST).assert_quit(&format!(
        "git-credential-codecommit: failed to find AWS credentials\n  \
         note: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set\n  \
         note: profile `default` (the default) has no aws_access_key_id\n  \
         note: looked in {}: 1 profile\n  \
         note: looked in {}: there is no such file\n  \
         note: the instance metadata service was not asked: AWS_EC2_METADATA_DISABLED is set\n  \
         to store a key, run:\n      \
         aws configure\n",
        sandbox.config_path().display(),
        sandbox.credentials_path().display(),
    ));
    for (sandbox, args, note) in [
        (
            Sandbox::new().variable("AWS_SECRET_ACCESS_KEY", "secret"),
            vec!["get"],
            "note: AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not\n",
        ),
        (
            Sandbox::with_keys().config("[default]\n"),
            vec!["get", "--profile", "default"],
            "note: the environment was not asked, since --profile names a profile\n",
        ),
    ] {
        let outcome = sandbox.run(&args, REQUEST);
        assert!(outcome.stderr.contains(note), "{outcome:?}");
    }
}

#[test]
fn unknown_profile() {
    let sandbox = Sandbox::new()
        .config("[default]\n[profile \"Code Commit\"]\n")
        .credentials("[ops]\n");
    let files = format!(
        "  note: looked in {}: 2 profiles\n  note: looked in {}: 1 profile\n  \
         note: there are `default`, `Code Commit`, `ops`\n",
        sandbox.config_path().display(),
        sandbox.credentials_path().display(),
    );
    let near = sandbox.run(&["get", "--profile", "code-comit"], REQUEST);
    near.assert_quit(&format!(
        "git-credential-codecommit: failed to find profile `code-comit` (named by --profile)\n{files}  \
         note: did you mean `Code Commit`?\n"
    ));
    let sandbox = sandbox.variable("AWS_PROFILE", "Other Team");
    sandbox.run(&["get"], REQUEST).assert_quit(&format!(
        "git-credential-codecommit: failed to find profile `Other Team` (named by AWS_PROFILE)\n{files}  \
         to store a key for profile `Other Team`, run:\n      \
         aws configure --profile 'Other Team'\n"
    ));
}

#[test]
fn a_profile_name_without_quotes_in_the_config_file() {
    let sandbox = Sandbox::new().config("[profile Code Commit]\naws_access_key_id = AKIA\n");
    let outcome = sandbox.run(&["get", "--profile", "Code Commit"], REQUEST);
    let config = sandbox.config_path();
    outcome.assert_quit(&format!(
        "git-credential-codecommit: failed to find profile `Code Commit` (named by --profile)\n  \
         note: looked in {0}: 0 profiles\n  \
         note: looked in {1}: there is no such file\n  \
         note: {0}:1 has [profile Code Commit], which is another name: it would have to be [profile \"Code Commit\"]\n",
        config.display(),
        sandbox.credentials_path().display(),
    ));
}

#[test]
fn a_profile_name_without_quotes_on_the_command_line() {
    let message = "git-credential-codecommit: failed to read the arguments: `Commit` is one too many\n  \
                   note: a profile name with spaces needs quotes: --profile 'Code Commit'\n\
                   usage: git-credential-codecommit [--profile NAME] [--region REGION] [--ignore-host-check] \
                   get|store|erase\n       \
                   git-credential-codecommit setup|undo [--global|--local|--system] [--dry-run]\n";
    let sandbox = Sandbox::with_keys();
    let outcome = sandbox.run(&["--profile", "Code", "Commit", "get"], REQUEST);
    assert_eq!(outcome.stderr, message);
    // Git waits for an answer: without this one it would ask for a user name.
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, "quit=1\n"));
    // It was said already, at `get`.
    for operation in ["store", "erase"] {
        let args = ["--profile", "Code", "Commit", operation];
        sandbox.run(&args, REQUEST).assert_silent();
    }
}

#[test]
fn half_a_key() {
    let sandbox = Sandbox::new().credentials("[default]\naws_access_key_id = AKIA\n");
    sandbox.run(&["get"], REQUEST).assert_quit(&format!(
        "git-credential-codecommit: failed to use half a key: profile `default` ({}:2) has aws_access_key_id but no \
         aws_secret_access_key\n  \
         to store a key, run:\n      aws configure\n",
        sandbox.credentials_path().display(),
    ));
    let sandbox = Sandbox::new().variable("AWS_ACCESS_KEY_ID", "AKIA");
    sandbox.run(&["get"], REQUEST).assert_quit(
        "git-credential-codecommit: failed to use half a key: the environment has AWS_ACCESS_KEY_ID but no \
         AWS_SECRET_ACCESS_KEY\n",
    );
}

#[test]
fn a_clock_that_cannot_be_read() {
    let sandbox = Sandbox::with_keys().variable("CODECOMMIT_HELPER_CLOCK", "16m");
    sandbox.run(&["get"], REQUEST).assert_quit(
        "git-credential-codecommit: failed to read CODECOMMIT_HELPER_CLOCK: `16m` is neither an offset such as `+16m`, \
         `-2h` or `+960s` nor an instant such as `2025-01-15T08:30:00Z`\n",
    );
}

#[test]
fn operations_without_a_job_are_silent() {
    let sandbox = Sandbox::new().variable("CODECOMMIT_HELPER_CLOCK", "nonsense");
    for operation in ["store", "erase", "frobnicate"] {
        sandbox
            .run(&["--profile", "nope", operation], REQUEST)
            .assert_silent();
    }
}

#[test]
fn other_hosts_are_left_to_other_helpers() {
    let sandbox = Sandbox::new().variable("CODECOMMIT_HELPER_CLOCK", "nonsense");
    for host in [
        "github.com",
        "git-codecommit.us-east-1.amazonaws.com.evil.example",
    ] {
        let request = format!("protocol=https\nhost={host}\n");
        let outcome = sandbox.run(&["get", "--profile", "nope"], &request);
        outcome.assert_silent();
    }
}

#[test]
fn no_operation() {
    let outcome = Sandbox::new().run::<&str>(&[], "");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("usage: git-credential-codecommit"),
        "{outcome:?}"
    );
}

#[test]
fn help_and_version() {
    let help = Sandbox::new().run(&["--help"], "");
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    for word in [
        "get|store|erase",
        "--ignore-host-check",
        "CODECOMMIT_HELPER_CLOCK",
    ] {
        assert!(help.stdout.contains(word), "{word}");
    }
    let version = Sandbox::new().run(&["--version"], "");
    let expected = concat!(
        "git-credential-codecommit ",
        env!("CARGO_PKG_VERSION"),
        "\n"
    );
    assert_eq!((version.code, version.stdout.as_str()), (0, expected));
}
