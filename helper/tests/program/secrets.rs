//! No secret in any message, whatever goes wrong.

use crate::fake::{Asked, Fake};
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
    "[default]\ncredential_process = /nowhere/get SECRET\naws_session_token = SECRET\n",
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

/// What a service may answer: what it was asked, in every form that it is shown in, and other nonsense.
fn answers() -> Vec<Fake> {
    let echo = |asked: &Asked| format!("{asked:?}");
    vec![
        Fake::start(move |asked| {
            let message = serde_json::json!({
                "Code": echo(asked), "error": echo(asked), "message": echo(asked), "Message": echo(asked),
            });
            (400, message.to_string())
        }),
        Fake::start(move |asked| {
            let told = echo(asked);
            (
                403,
                format!("<Error><Code>{told}</Code><Message>{told}</Message></Error>"),
            )
        }),
        Fake::start(move |asked| (500, echo(asked))),
        Fake::start(move |asked| (302, echo(asked))),
        Fake::start(move |asked| (200, echo(asked))),
        Fake::start(|_| {
            (
                200,
                filled("{\"accessToken\": \"SECRET\", \"AccessKeyId\": \"SECRET"),
            )
        }),
        Fake::start(|_| {
            let keys = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey>\
                        <SessionToken>TOKEN</SessionToken><Expiration>SECRET</Expiration>";
            (200, filled(keys))
        }),
        Fake::start(|_| {
            let keys = r#"{"AccessKeyId":"A\nB","SecretAccessKey":"SECRET","Token":"TOKEN","Expiration":"SECRET",
                "roleCredentials":{"accessKeyId":"A\nB","secretAccessKey":"SECRET","sessionToken":"TOKEN"}}"#;
            (200, filled(keys))
        }),
        Fake::start(|_| (200, "x".repeat(2 << 20))),
        Fake::start(|_| (200, String::new())),
    ]
}

/// The profile, and what else it needs.
const SOURCES: [&str; 7] = [
    "role_arn = arn:aws:iam::1:role/R\nsource_profile = default\naws_access_key_id = AKIA\n\
     aws_secret_access_key = SECRET\naws_session_token = TOKEN\nexternal_id = xHUNTERx\n",
    "role_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = ~/token\n",
    "sso_account_id = 1\nsso_role_name = r\nsso_session = corp\n",
    "login_session = alice\n",
    "credential_process = /bin/sh -c 'echo SECRET; echo TOKEN; exit 1'\n",
    "credential_process = /bin/echo '{\"Version\": 1, \"AccessKeyId\": \"A B\", \"SecretAccessKey\": \"SECRET\"}'\n",
    "",
];

#[cfg(unix)]
#[test]
fn no_source_and_no_service_leaks() {
    let sso = "ee0bfd2552fbd840c02cc48b6e823320543c450f";
    let login = "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90";
    for service in answers() {
        for source in SOURCES {
            let sandbox = Sandbox::new()
                .config(&filled(&format!(
                    "[default]\n{source}[sso-session corp]\nsso_region = r\nsso_start_url = u\n"
                )))
                .variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T08:30:00Z")
                .variable("RUST_BACKTRACE", "full")
                .variable("RUST_LOG", "trace")
                .variable("GIT_TERMINAL_PROMPT", "0")
                .variable("AWS_ENDPOINT_URL", &service.url);
            let folder = |name: &str| {
                let folder = sandbox.path().join(".aws").join(name).join("cache");
                std::fs::create_dir_all(&folder).unwrap();
                folder
            };
            std::fs::write(sandbox.path().join("token"), filled("TOKEN")).unwrap();
            let token = r#"{"accessToken":"TOKEN","expiresAt":"2025-01-15T08:35:00Z","clientId":"SECRET",
                "clientSecret":"SECRET","refreshToken":"SECRET","registrationExpiresAt":"2026-01-15T08:35:00Z"}"#;
            std::fs::write(folder("sso").join(format!("{sso}.json")), filled(token)).unwrap();
            let keys = r#"{"accessToken":{"accessKeyId":"A","secretAccessKey":"SECRET","sessionToken":"TOKEN",
                "expiresAt":"2025-01-15T08:31:00Z"},"clientId":"SECRET","refreshToken":"SECRET","dpopKey":"SECRET"}"#;
            std::fs::write(folder("login").join(format!("{login}.json")), filled(keys)).unwrap();
            // With no profile to speak of, the container and the instance are asked.
            let sandbox = match source {
                "" => sandbox
                    .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &service.url)
                    .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", &filled("TOKEN")),
                _ => sandbox,
            };
            let outcome = sandbox.run(&["get"], REQUEST);
            assert_no_secret(&outcome);
            assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
        }
        let sandbox = Sandbox::new()
            .variable("AWS_EC2_METADATA_DISABLED", "")
            .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &service.url);
        assert_no_secret(&sandbox.run(&["get"], REQUEST));
    }
}
