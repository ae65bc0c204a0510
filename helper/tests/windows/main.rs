//! What is different on Windows: line ends, home, paths, quotes. `ci/windows-helper` runs it under Wine.

#![cfg(windows)]
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at its first surprise, also in a function it calls"
)]

#[expect(dead_code, reason = "the tests of other systems use more of it")]
#[path = "../program/fake.rs"]
mod fake;
#[expect(dead_code, reason = "the tests of other systems use more of it")]
#[path = "../program/sandbox.rs"]
mod sandbox;

use std::fs;

use fake::Fake;
use sandbox::{HELPER, REQUEST, Sandbox};

fn key(id: &str) -> String {
    format!("aws_access_key_id = {id}\r\naws_secret_access_key = secret\r\n")
}

#[test]
fn answers_end_their_lines_with_line_feeds() {
    let sandbox = Sandbox::with_keys().variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T08:30:00Z");
    let crlf = REQUEST.replace('\n', "\r\n");
    let outcome = sandbox.run(&["get"], &crlf);
    outcome.assert_user_name("AKIAIOSFODNN7EXAMPLE");
    assert!(!outcome.stdout.contains('\r'), "{outcome:?}");
    assert_eq!(outcome.stdout.lines().count(), 3);
    let outcome = sandbox.run(&["get"], &format!("capability[]=authtype\r\n{crlf}"));
    assert!(outcome.stdout.starts_with(
        "capability[]=authtype\nephemeral=1\nusername=AKIAIOSFODNN7EXAMPLE\npassword="
    ));
    assert!(!outcome.stdout.contains('\r'), "{outcome:?}");
}

#[test]
fn profiles_are_in_the_folder_of_the_user() {
    let sandbox = Sandbox::new()
        .config(&format!(
            "[profile \"Code Commit\"]\r\n{}",
            key("AKIACONFIG")
        ))
        .credentials(&format!("[raw name]\r\n{}", key("AKIARAW")));
    for (profile, id) in [("Code Commit", "AKIACONFIG"), ("raw name", "AKIARAW")] {
        let outcome = sandbox.run(&["--profile", profile, "get"], REQUEST);
        outcome.assert_user_name(id);
    }
    // HOME is not where Python looks.
    let elsewhere = sandbox.variable("HOME", r"C:\nowhere");
    let outcome = elsewhere.run(&["--profile", "raw name", "get"], REQUEST);
    outcome.assert_user_name("AKIARAW");
}

#[test]
fn files_may_be_named_with_a_tilde_or_a_drive() {
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("my keys");
    fs::write(&file, format!("[default]\r\n{}", key("AKIAELSEWHERE"))).unwrap();
    for path in [r"~\my keys".to_owned(), file.display().to_string()] {
        let sandbox = Sandbox::new()
            .variable("USERPROFILE", &sandbox.path().display().to_string())
            .variable("AWS_SHARED_CREDENTIALS_FILE", &path);
        sandbox
            .run(&["get"], REQUEST)
            .assert_user_name("AKIAELSEWHERE");
    }
}

#[test]
fn a_program_is_started_with_the_words_that_windows_makes_of_the_line() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path().join("my folder");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("key.json");
    fs::write(
        &file,
        r#"{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"s","SessionToken":"t"}"#,
    )
    .unwrap();
    let sandbox = sandbox.config(&format!(
        "[default]\r\ncredential_process = cmd /c type \"{}\"\r\n",
        file.display()
    ));
    sandbox
        .run(&["get"], REQUEST)
        .assert_user_name("ASIAPROCESS%t");
    let sandbox = sandbox.config("[default]\r\ncredential_process = cmd /c exit 3\r\n");
    let outcome = sandbox.run(&["get"], REQUEST);
    assert!(
        outcome.stderr.contains("`cmd` ended with exit code: 3"),
        "{outcome:?}"
    );
}

#[test]
fn setup_writes_a_path_that_gits_shell_reads() {
    let sandbox = Sandbox::new();
    let config = sandbox.path().join(".gitconfig");
    fs::write(&config, "[user]\r\n\tname = Alice\r\n").unwrap();
    let said = sandbox.run(&["setup", "--profile", "Code Commit"], "");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let text = fs::read_to_string(&config).unwrap();
    let program = HELPER.replace('\\', "/");
    assert!(text.contains(&program), "{text}");
    assert!(text.contains("--profile 'Code Commit'"), "{text}");
    assert!(!text.contains('\\'), "{text}");
    let said = sandbox.run(&["undo"], "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        "[user]\r\n\tname = Alice\r\n"
    );
}

#[test]
fn a_role_is_assumed_once() {
    let service = Fake::start(|_| {
        let text = "<R><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                    <Expiration>2025-01-15T09:30:00Z</Expiration></R>";
        (200, text.to_owned())
    });
    let sandbox = Sandbox::new()
        .variable("CODECOMMIT_HELPER_CLOCK", "2025-01-15T08:30:00Z")
        .variable("AWS_ENDPOINT_URL_STS", &service.url)
        .config(&format!(
            "[default]\r\nrole_arn = r\r\nsource_profile = default\r\n{}",
            key("AKIA")
        ));
    for _ in 0..2 {
        sandbox.run(&["get"], REQUEST).assert_user_name("ASIA%t");
    }
    assert_eq!(service.asked().len(), 1);
}
