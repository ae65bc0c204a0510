//! The files that a run writes.

use std::process::Stdio;

use super::{Lab, normal, text, validator};

/// The top of the work tree.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

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
    let validator = validator("report.schema.json");
    assert!(
        validator.validate(&report).is_ok(),
        "{:?}",
        validator.validate(&report)
    );
    let mut broken = report.clone();
    broken["scenarios"][0]["outcome"] = "perhaps".into();
    assert!(!validator.is_valid(&broken));

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

/// Everything that a run writes: the terminal, every kind of file, annotations and the step's summary, and what `merge` makes
/// of it again.
#[test]
fn no_secret_is_in_any_output() {
    let lab = Lab::new();
    let names = [
        "x.json", "x.xml", "x.tap", "x.html", "y.json", "y.xml", "y.tap", "y.html",
    ];
    let files = names.map(|name| lab.path(name));
    let summary = lab.path("summary.md");
    let options = |files: &[std::path::PathBuf]| {
        ["--json", "--junit", "--tap", "--html"]
            .into_iter()
            .zip(files)
            .flat_map(|(option, file)| [option.to_owned(), file.display().to_string()])
            .collect::<Vec<String>>()
    };
    let run: super::Ended = lab
        .command(&["run", "secrets-are-not-told.toml", "--github"])
        .args(options(&files[..4]))
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap()
        .into();
    assert_eq!(run.code, Some(100), "{}", run.stdout);
    let merged: super::Ended = lab
        .command(&["merge", files[0].to_str().unwrap()])
        .args(options(&files[4..]))
        .output()
        .unwrap()
        .into();
    assert_eq!(merged.code, Some(100), "{}", merged.stderr);
    assert!(
        run.stdout
            .contains("::error file=scenarios/tests/data/secrets-are-not-told.toml,line=")
    );
    let mut outputs = vec![run.stdout, run.stderr, merged.stdout, merged.stderr];
    outputs.extend(files.iter().chain([&summary]).map(|file| text(file)));
    outputs.push(lab.run(&["show", "secrets-are-not-told.toml"]).stdout);
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
    assert!(outputs[4].contains("password=<redacted>"), "{}", outputs[4]);
    assert!(outputs[4].contains("aws_secret_access_key = <redacted>"));
    assert!(
        outputs[0].contains("Basic <redacted>"),
        "{}",
        normal(&outputs[0])
    );
    assert!(
        outputs[7].contains("password=&#60;redacted&#62;"),
        "{}",
        outputs[7]
    );
}

#[test]
fn tap_has_a_plan_a_point_a_case_and_directives() {
    let lab = Lab::new();
    let path = lab.path("x.tap");
    let ended = lab.run(&[
        "run",
        "wrong-region-in-url",
        "does-not-hold.toml",
        "elsewhere.toml",
        "--tap",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100));
    let tap = text(&path);
    let lines: Vec<&str> = tap.lines().filter(|line| !line.starts_with("  ")).collect();
    assert_eq!(
        lines,
        [
            "TAP version 13",
            "1..3",
            "ok 1 - addressing/wrong-region-in-url",
            "not ok 2 - data/does-not-hold",
            "ok 3 - data/elsewhere # SKIP it does not happen on linux"
        ]
    );
    assert!(
        tap.contains("\n  message: \"the exit status differs\"\n"),
        "{tap}"
    );
}

#[test]
fn on_github_failures_are_annotated_by_themselves_and_the_last_line_stays() {
    let lab = Lab::new();
    let summary = lab.path("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let ended: super::Ended = lab
        .command(&["run", "does-not-hold.toml", "wrong-region-in-url"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", REPOSITORY)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap()
        .into();
    let annotation = "::error file=scenarios/tests/data/does-not-hold.toml,line=20,col=11,title=data/does-not-hold::the exit status differs%0A";
    ended.prints(annotation);
    assert!(ended.stdout.ends_with("\n1 passed, 1 failed, 0 skipped\n"));
    let summary = text(&summary);
    assert!(
        summary.starts_with("before\n### codecommit-lab: 1 passed, 1 failed"),
        "{summary}"
    );
    assert!(summary.contains("| 1 | 0 | 1 | 0 | 0 |"), "{summary}");
}

#[test]
fn the_summary_of_a_step_is_whole_without_a_reader_of_the_annotations() {
    let lab = Lab::new();
    let summary = lab.path("summary.md");
    let told = |is_read: bool| {
        let _ = std::fs::remove_file(&summary);
        let mut command = lab.command(&["run", "does-not-hold.toml", "--github"]);
        command
            .env("GITHUB_STEP_SUMMARY", &summary)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        if !is_read {
            drop(child.stdout.take());
        }
        let ended: super::Ended = child.wait_with_output().unwrap().into();
        assert_eq!((ended.code, &*ended.stderr), (Some(100), ""));
        super::normal(&text(&summary))
    };
    let whole = told(true);
    assert!(whole.contains("| 0 | 0 | 1 | 0 | 0 |"), "{whole}");
    assert_eq!(told(false), whole);
}

#[test]
fn the_page_needs_nothing_else_and_escapes_what_it_shows() {
    let lab = Lab::new();
    let file = lab.path("markup.toml");
    let scenario = concat!(
        "id = \"markup\"\ntitle = \"</title><script>alert(1)</script>\"\n",
        "source = { page = \"p\" }\nevidence = \"inferred\"\nplatforms = [\"linux\", \"macos\"]\n",
        "[[step]]\nrun = \"echo '<img src=x onerror=alert(2)>'\"\nstdout = \"no such text\"\n",
    );
    std::fs::write(&file, scenario).unwrap();
    let path = lab.path("x.html");
    let ended = lab.run(&[
        "run",
        file.to_str().unwrap(),
        "wrong-region-in-url",
        "--html",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100), "{}", ended.stderr);
    let page = text(&path);
    assert!(
        !page.contains("<script>alert") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("&#60;img src=x onerror=alert(2)&#62;"));
    // Nothing is fetched, and every cell leads to a transcript that is there.
    for attribute in ["src=\"", "<link", "@import", "url("] {
        assert!(!page.contains(attribute), "{attribute}");
    }
    for case in ["case-1", "case-2"] {
        assert!(
            page.contains(&format!("href=\"#{case}\"")) && page.contains(&format!("id=\"{case}\""))
        );
    }
    assert!(page.contains("<code class=\"verdict refused\">repository-not-found</code>"));
}

#[test]
fn the_filter_of_the_page_finds_what_the_server_said_and_prose_is_set() {
    let lab = Lab::new();
    let file = lab.path("walk.toml");
    let scenario = concat!(
        "id = \"walk\"\ntitle = \"T\"\nsource = { page = \"p\" }\nevidence = \"inferred\"\n",
        "platforms = [\"linux\", \"macos\"]\n[client]\nextends = \"credential-helper\"\n[[step]]\n",
        "note = \"Here `git` is\\nasked.\"\nstatus = 128\n",
        "run = \"git ls-remote https://git-codecommit.us-east-2.amazonaws.com/v1/repos/none\"\n",
    );
    std::fs::write(&file, scenario).unwrap();
    let path = lab.path("x.html");
    let ended = lab.run(&[
        "run",
        file.to_str().unwrap(),
        "--html",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let page = text(&path);
    let searched: Vec<&str> = page.split("data-text=\"").skip(1).collect();
    assert_eq!(searched.len(), 2);
    for text in searched {
        let text = text.split('"').next().unwrap();
        assert!(text.contains(" repository-not-found"), "{text}");
        // Git is always asked for credentials first.
        assert!(!text.contains("credentials-missing"), "{text}");
    }
    assert!(page.contains("Here <code>git</code> is\nasked."));
}

/// "stderr as shown below" is said only where it is.
#[test]
fn every_report_shows_the_output_that_it_speaks_of() {
    let lab = Lab::new();
    let file = lab.path("quiet.toml");
    let scenario = concat!(
        "id = \"quiet\"\ntitle = \"T\"\n",
        "source = { page = \"p\" }\nevidence = \"inferred\"\nplatforms = [\"linux\", \"macos\"]\n",
        "[[step]]\nrun = \"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo line $i >&2; done\"\nstderr = \"no such text\"\n",
    );
    std::fs::write(&file, scenario).unwrap();
    let (tap, summary) = (lab.path("x.tap"), lab.path("summary.md"));
    let ended: super::Ended = lab
        .command(&["run", file.to_str().unwrap(), "--github", "--tap"])
        .arg(&tap)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap()
        .into();
    assert_eq!(ended.code, Some(100), "{}", ended.stderr);
    let tap = text(&tap);
    let told = "  actual: \"stderr as shown below\"\n  stderr: \"line 1\\nline 2\\n";
    assert!(tap.contains(told), "{tap}");
    let annotation = ended
        .stdout
        .lines()
        .find(|line| line.starts_with("::error "));
    let annotation = annotation.unwrap();
    let told = "stderr as shown below%0Astderr, the end:%0A  line 2%0A";
    assert!(annotation.contains(told), "{annotation}");
    assert!(annotation.ends_with("%0A  line 13"), "{annotation}");
    let told = "stderr as shown below\nstderr, the end:\n  line 2\n";
    assert!(text(&summary).contains(told), "{}", text(&summary));
}

/// 64 hexadecimal digits behind a `Z`: the end of a Git password.
fn has_signature(text: &str) -> bool {
    text.as_bytes()
        .windows(65)
        .any(|window| window[0] == b'Z' && window[1..].iter().all(u8::is_ascii_hexdigit))
}
