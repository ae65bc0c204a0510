//! No secret in any message, whatever goes wrong.

use crate::sandbox::{Outcome, REQUEST, Sandbox};

const SECRET: &str = "wJalrHUNTERsecret";
const TOKEN: &str = "IQoJHUNTERtoken";

/// The file has the secret and the token in it, in one broken way or another.
const BROKEN_FILES: [&str; 10] = [
    "aws_secret_access_key = SECRET\n",
    "[default]\naws_secret_access_key SECRET\n",
    "[default]\naws_secret_access_key = SECRET\naws_secret_access_key = SECRET\n",
    "[default]\n[default]\naws_secret_access_key = SECRET\n",
    "[default]\naws_access_key_id = A\naws_secret_access_key = SECRET # mine\naws_session_token = TOKEN\n",
    "[default]\naws_access_key_id = A\naws_secret_access_key = SECRET\n  more\n",
    "[default]\naws_access_key_id = A\naws_secret_access_key = SECRET\naws_session_token = TOKEN\n  x\n",
    "[default]\naws_secret_access_key = SECRET\naws_session_token = TOKEN\n",
    "[default]\naws_access_key_id =\naws_secret_access_key = SECRET\n",
    "[default]\ncredential_process = get SECRET\nrole_arn = TOKEN\naws_secret_access_key = SECRET\n",
];

const BROKEN_ENVIRONMENTS: [&[(&str, &str)]; 7] = [
    &[("AWS_SECRET_ACCESS_KEY", "SECRET")],
    &[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SESSION_TOKEN", "TOKEN")],
    &[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET\n"),
        ("AWS_SESSION_TOKEN", "TOKEN"),
    ],
    &[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET"),
        ("AWS_SESSION_TOKEN", "TOKEN\nusername=evil"),
    ],
    &[
        ("AWS_ACCESS_KEY_ID", "A\npassword=evil"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET"),
    ],
    &[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET"),
        ("AWS_SESSION_TOKEN", "TOKEN"),
        ("AWS_CREDENTIAL_EXPIRATION", "2001-01-01T00:00:00Z"),
    ],
    &[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET"),
        ("CODECOMMIT_HELPER_CLOCK", "soon"),
    ],
];

fn filled(text: &str) -> String {
    text.replace("SECRET", SECRET).replace("TOKEN", TOKEN)
}

fn assert_no_secret(outcome: &Outcome) {
    assert_eq!(outcome.stdout, "quit=1\n", "{outcome:?}");
    assert!(
        outcome
            .stderr
            .starts_with("git-credential-codecommit: failed to "),
        "{outcome:?}"
    );
    for text in ["HUNTER", "evil"] {
        assert!(!outcome.stderr.contains(text), "{outcome:?}");
    }
}

#[test]
fn broken_files_do_not_leak() {
    for text in BROKEN_FILES {
        let text = filled(text);
        assert_no_secret(&Sandbox::new().config(&text).run(&["get"], REQUEST));
        assert_no_secret(&Sandbox::new().credentials(&text).run(&["get"], REQUEST));
    }
}

#[test]
fn broken_environments_do_not_leak() {
    for variables in BROKEN_ENVIRONMENTS {
        let mut sandbox = Sandbox::new();
        for (name, value) in variables {
            sandbox = sandbox.variable(name, &filled(value));
        }
        assert_no_secret(&sandbox.run(&["get"], REQUEST));
    }
}

#[test]
fn a_request_that_cannot_be_signed_does_not_leak() {
    let sandbox = Sandbox::new()
        .variable("AWS_ACCESS_KEY_ID", "A")
        .variable("AWS_SECRET_ACCESS_KEY", SECRET)
        .variable("AWS_SESSION_TOKEN", TOKEN);
    for request in [
        "protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\npassword=HUNTER\n",
        "protocol=https\nhost=git-codecommit.us-east-1.amazonaws.com\npath=\n",
        "protocol=http\nhost=git-codecommit.us-east-1.amazonaws.com\npath=v1/repos/X\n",
    ] {
        assert_no_secret(&sandbox.run(&["get"], request));
    }
    let request = "protocol=https\nhost=nowhere.example\npath=v1/repos/X\n";
    assert_no_secret(&sandbox.run(&["get", "--ignore-host-check"], request));
}
