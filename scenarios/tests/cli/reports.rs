//! The files that a run writes.

use super::{Lab, normal, text};

#[test]
fn json_tells_every_step_and_exchange() {
    let lab = Lab::new();
    let path = lab.path("report.json");
    let ended = lab.run(&[
        "run",
        "wrong-region-in-url",
        "does-not-hold.toml",
        "--json",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100));
    let report: serde_json::Value = serde_json::from_str(&text(&path)).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["helper"], "ours");
    assert!(
        report["git_version"]
            .as_str()
            .unwrap()
            .starts_with("git version ")
    );
    let summary =
        serde_json::json!({"passed": 1, "failed": 1, "skipped": 0, "not_run": 0, "differs": 0});
    assert_eq!(report["summary"], summary);

    let passed = &report["scenarios"][0];
    assert_eq!(passed["id"], "wrong-region-in-url");
    assert_eq!(passed["outcome"], "passed");
    let symptom = &passed["steps"][1];
    assert_eq!(symptom["phase"], "symptom");
    assert_eq!(symptom["status"], 128);
    assert_eq!(symptom["exchanges"][1]["status"], 404);
    assert_eq!(
        symptom["exchanges"][1]["verdict"]["id"],
        "repository-not-found"
    );

    let failed = &report["scenarios"][1];
    assert_eq!(failed["outcome"], "failed");
    let mismatch = &failed["steps"][1]["mismatches"][0];
    assert_eq!(mismatch["expected"], "1");
    assert_eq!(mismatch["actual"], "128");
    assert_eq!(mismatch["line"], 20);
}

#[test]
fn junit_tells_what_passed_failed_and_was_skipped() {
    let lab = Lab::new();
    let path = lab.path("report.xml");
    let ended = lab.run(&[
        "run",
        "wrong-region-in-url",
        "does-not-hold.toml",
        "elsewhere.toml",
        "--junit",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100));
    let xml = text(&path);
    assert!(xml.contains(r#"<testsuites name="codecommit-lab, helper: ours" tests="3" skipped="1" failures="1" errors="0""#), "{xml}");
    assert!(
        xml.contains(r#"<testcase name="wrong-region-in-url" classname="addressing""#),
        "{xml}"
    );
    assert!(
        xml.contains(r#"<failure message="does-not-hold.toml:20:11: the exit status differs">"#),
        "{xml}"
    );
    assert!(
        xml.contains("request 2: GET git-codecommit.us-east-1.amazonaws.com"),
        "{xml}"
    );
    assert!(
        xml.contains(r#"<skipped message="it does not happen on "#),
        "{xml}"
    );
}

#[test]
fn no_secret_is_in_any_output() {
    let lab = Lab::new();
    let (json, junit) = (lab.path("report.json"), lab.path("report.xml"));
    let ended = lab.run(&[
        "run",
        "secrets-are-not-told.toml",
        "--json",
        json.to_str().unwrap(),
        "--junit",
        junit.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100), "{}", ended.stdout);
    let outputs = [ended.stdout, ended.stderr, text(&json), text(&junit)];
    for output in &outputs {
        for secret in [
            "wJalrXUtnFEMI",
            "temporary/secret",
            "session/token",
            "session%2ftoken",
            "session%2Ftoken",
            // Base64 of `ASIAIOSFODNN7`, the beginning of a user name.
            "QVNJQUlPU0ZPRE5ON",
        ] {
            assert!(!output.contains(secret), "{secret} in {output}");
        }
        assert!(!has_signature(output), "{output}");
    }
    // It was there to be redacted.
    assert!(outputs[2].contains("password=<redacted>"), "{}", outputs[2]);
    assert!(outputs[2].contains("aws_secret_access_key = <redacted>"));
    assert!(
        outputs[0].contains("Basic <redacted>"),
        "{}",
        normal(&outputs[0])
    );
}

/// 64 hexadecimal digits behind a `Z`: the end of a Git password.
fn has_signature(text: &str) -> bool {
    text.as_bytes()
        .windows(65)
        .any(|window| window[0] == b'Z' && window[1..].iter().all(u8::is_ascii_hexdigit))
}
