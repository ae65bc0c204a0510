//! `conformance`: helpers and clients of others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::Value;

use super::{Ended, Lab, text, validator};

const GIT: &str = r#"
name        = "mine"
title       = "Mine"
needs       = ["git"]
version     = "git --version"
credentials = "helper"
[network]
proxy = ["https_proxy"]
ca    = ["GIT_SSL_CAINFO"]
[commands]
clone = 'git clone --quiet "$LAB_URL" "$LAB_DIR"'
"#;

/// Runs one case with a client file of the user's own.
fn client(lab: &Lab, file: &str, case: &str) -> Ended {
    let path = lab.path("mine.toml");
    fs::write(&path, file.trim_start()).unwrap();
    let path = path.to_str().unwrap();
    lab.run(&["conformance", "client", "--client", path, "--case", case])
}

fn clone_with(command: &str) -> String {
    GIT.replace(r#"git clone --quiet "$LAB_URL" "$LAB_DIR""#, command)
}

#[test]
fn a_client_of_the_users_own_runs_as_ours_do() {
    let lab = Lab::new();
    let ended = client(&lab, GIT, "clone-with-a-signed-password");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("1 pass, 0 differ, 0 fail, 0 skipped"));
}

#[test]
fn a_client_is_not_believed() {
    let lab = Lab::new();
    let case = "clone-with-a-signed-password";
    let ended = client(&lab, &clone_with("echo cloned"), case);
    assert_eq!(ended.code, Some(100));
    ended.prints("it says that all is well and asked the server nothing");
    let lazy = r#"git ls-remote "$LAB_URL"; git init --quiet "$LAB_DIR""#;
    let ended = client(&lab, &clone_with(lazy), case);
    assert_eq!(ended.code, Some(100));
    ended.prints("the clone has no branch");
}

#[test]
fn a_client_that_trusts_everybody_fails() {
    let lab = Lab::new();
    let case = "refuses-an-unknown-authority";
    assert_eq!(client(&lab, GIT, case).code, Some(0));
    let careless = clone_with(r#"git -c http.sslVerify=false clone "$LAB_URL" "$LAB_DIR""#);
    let ended = client(&lab, &careless, case);
    assert_eq!(ended.code, Some(100));
    ended.prints("to a server that nothing vouches for");
}

#[test]
fn a_client_that_does_not_start_refuses_nothing() {
    let lab = Lab::new();
    let missing = clone_with("no-such-program");
    let ended = client(&lab, &missing, "refuses-an-unknown-authority");
    assert_eq!(ended.code, Some(100));
    ended.prints("it cannot be started");
}

#[test]
fn a_client_that_writes_the_password_down_fails() {
    let lab = Lab::new();
    let case = "password-is-not-kept";
    assert_eq!(client(&lab, GIT, case).code, Some(0));
    let ended = client(&lab, &GIT.replace("\"helper\"", "\"url\""), case);
    assert_eq!(ended.code, Some(100));
    ended.prints("leaves it in work/clone/.git/config");
}

#[test]
fn a_client_that_never_ends_is_ended_with_its_children() {
    let lab = Lab::new();
    let pid = lab.path("pid");
    let hangs = format!("sleep 600 & echo $! > {}; wait", pid.display());
    let file = clone_with(&hangs) + "timeout = '1s'\n";
    let ended = client(&lab, &file, "clone-with-a-signed-password");
    assert_eq!(ended.code, Some(100));
    ended.prints("no end within 1s");
    let pid = text(&pid);
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    let state = state.unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
    assert_eq!(lab.leftovers().len(), 2, "{:?}", lab.leftovers());
}

#[test]
fn a_client_whose_program_is_missing_is_skipped_with_its_name() {
    let lab = Lab::new();
    let file = GIT.replace(
        "[\"git\"]",
        "[\"frobnicate\"]\ninstall = \"make frobnicate\"",
    );
    let ended = client(&lab, &file, "shallow-clone");
    assert_eq!(ended.code, Some(4));
    ended.prints("skipped: frobnicate is not on PATH (to install it: make frobnicate)");
    let file = GIT.replace("git --version", "frobnicate --version");
    let ended = client(&lab, &file, "shallow-clone");
    assert_eq!(ended.code, Some(4));
    ended.prints("skipped: exit status 127");
}

#[test]
fn an_error_in_a_client_file_is_shown_at_its_place() {
    let lab = Lab::new();
    let ended = client(&lab, &GIT.replace("clone =", "clon ="), "shallow-clone");
    assert_eq!(ended.code, Some(2));
    for part in [
        "unknown key `clon`",
        "mine.toml:10:1",
        "did you mean `clone`?",
    ] {
        ended.tells(part);
    }
}

#[test]
fn what_is_known_of_a_client_is_news_when_it_is_not_so() {
    let lab = Lab::new();
    let known =
        format!("{GIT}[[known]]\ncase = 'http-1-1'\nverdict = 'fail'\nbecause = 'It is old.'\n");
    let ended = client(&lab, &known, "http-1-1");
    assert_eq!(ended.code, Some(100));
    ended.prints("not as known: its file says `fail`, It is old.");
}

#[test]
fn a_name_that_does_not_exist_has_a_suggestion() {
    let lab = Lab::new();
    for (arguments, help) in [
        (
            ["client", "--client", "dulwhich"],
            "did you mean `dulwich`?",
        ),
        (["client", "--client", "subversion"], "built in: git, "),
        (
            ["client", "--case", "shalow-clone"],
            "did you mean `shallow-clone`?",
        ),
        (["helper", "--case", "chinese"], "did you mean `china`?"),
    ] {
        let all: Vec<&str> = std::iter::once("conformance").chain(arguments).collect();
        let ended = lab.run(&all);
        assert_eq!(ended.code, Some(4), "{}", ended.stderr);
        ended.tells(help);
    }
}

#[test]
fn a_misspelt_helper_is_a_command_that_is_not_there() {
    let ended = Lab::new().run(&["conformance", "helper", "--helper", "awscli"]);
    assert_eq!(ended.code, Some(4));
    let told = "skipped: awscli is not on PATH; did you mean `aws-cli`?";
    ended.prints(told);
}

#[test]
fn a_report_that_cannot_be_written_is_found_out_before_anything_runs() {
    let ended = Lab::new().run(&[
        "conformance",
        "helper",
        "--json",
        "/no/such/folder/report.json",
    ]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    ended.tells("make its folder first");
}

#[test]
fn our_helper_passes_and_the_report_says_so() {
    let lab = Lab::new();
    let (json, markdown) = (lab.path("report.json"), lab.path("report.md"));
    let ended = lab.run(&[
        "conformance",
        "helper",
        "--helper",
        "ours",
        "--json",
        json.to_str().unwrap(),
        "--markdown",
        markdown.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let report: Value = serde_json::from_str(&text(&json)).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["summary"]["fail"], 0);
    let cases = report["subjects"][0]["cases"].as_array().unwrap();
    assert!(
        cases.iter().all(|case| case["verdict"] == "pass"),
        "{report}"
    );
    assert!(text(&markdown).contains("| [`china`](#helper-cases) | pass |"));
}

#[test]
fn a_helper_that_makes_passwords_up_fails() {
    let lab = Lab::new();
    let script = lab.path("made-up");
    fs::write(&script, "[ \"$1\" = get ] || exit 0\necho username=AKIAIOSFODNN7EXAMPLE\necho password=20250115T083000Z0000\n").unwrap();
    let command = format!("sh {}", script.display());
    let ended = lab.run(&["conformance", "helper", "--helper", &command]);
    assert_eq!(ended.code, Some(100));
    for part in [
        "the server refuses its password: password-malformed",
        "answers for github.com",
        "gives a password for plain HTTP",
        "gives a password for s3.us-east-2.amazonaws.com",
        "gives a password all the same",
    ] {
        ended.prints(part);
    }
}

#[test]
fn no_report_holds_a_secret() {
    let lab = Lab::new();
    // What a helper prints where it should not is shown, without what must not be.
    let script = lab.path("talks");
    fs::write(&script, "cat ~/.aws/credentials >&2; exit 1\n").unwrap();
    let json = lab.path("report.json");
    let command = format!("sh {}", script.display());
    let ended = lab.run(&[
        "conformance",
        "helper",
        "--helper",
        &command,
        "--json",
        json.to_str().unwrap(),
    ]);
    let all = format!("{}{}{}", ended.stdout, ended.stderr, text(&json));
    assert!(all.contains("prints it when asked to"), "{all}");
    assert!(!all.contains("wJalrXUtnFEMI"), "{all}");
}

#[test]
fn a_report_is_as_its_schema_says() {
    let lab = Lab::new();
    let (file, json) = (lab.path("helper.toml"), lab.path("x.json"));
    fs::write(
        &file,
        "name = 'mine'\ntitle = 'Mine'\ncommand = 'false #'\n[[known]]\ncase = 'china'\nverdict = 'fail'\n\
         because = 'it knows no partitions'\n[[known]]\ncase = 'plain-http'\nverdict = 'skipped'\nbecause = 'so'\nsource = 'x'\n",
    )
    .unwrap();
    let mut arguments = vec!["conformance", "helper", "--json", json.to_str().unwrap()];
    for helper in [file.to_str().unwrap(), "ours", "frobnicate"] {
        arguments.extend(["--helper", helper]);
    }
    for case in ["china", "plain-http"] {
        arguments.extend(["--case", case]);
    }
    let ended = lab.run(&arguments);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let mut report: Value = serde_json::from_str(&text(&json)).unwrap();
    assert_eq!(report["version"], 1);
    let validator = validator("conformance.schema.json");
    validator.validate(&report).unwrap();
    report["subjects"][0]["cases"][0]["verdict"] = "perhaps".into();
    assert!(!validator.is_valid(&report));
}

#[test]
fn a_document_keeps_what_a_run_does_not_have() {
    let lab = Lab::new();
    let path = lab.path("doc.md");
    let tables = "# Ours\n\n<!-- helper tables -->\n\n| case | ours | aws-cli |\n\n<!-- end of helper tables -->\n";
    for (document, told, help) in [
        (
            "# A document\n",
            "it has no place for helper tables",
            "`<!-- helper tables -->` and `<!-- end of helper tables -->`",
        ),
        (
            tables,
            "its helper tables have a column of aws-cli",
            "`--helper aws-cli`",
        ),
    ] {
        fs::write(&path, document).unwrap();
        let markdown = path.to_str().unwrap();
        let ended = lab.run(&[
            "conformance",
            "helper",
            "--helper",
            "ours",
            "--markdown",
            markdown,
        ]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        ended.tells(told);
        ended.tells(help);
        assert_eq!(text(&path), document);
    }
}

#[test]
fn reports_that_cannot_both_be_written_are_refused() {
    let lab = Lab::new();
    let path = lab.path("x");
    let path = path.to_str().unwrap();
    for (options, told) in [
        (["--json", path], "it is both --json and --markdown"),
        // A table of one case would take the place of a whole one.
        (["--case", "china"], "cannot be used with"),
    ] {
        let all = [&["conformance", "helper", "--markdown", path], &options[..]].concat();
        let ended = lab.run(&all);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        ended.tells(told);
        assert!(lab.leftovers().is_empty());
    }
}

#[test]
fn a_run_that_is_stopped_counts_what_it_did_not_try() {
    let (lab, reports) = (Lab::new(), tempfile::tempdir().unwrap());
    let (json, markdown) = (reports.path().join("x.json"), reports.path().join("x.md"));
    let document = "<!-- helper tables -->\n\n| case | sleep |\n\n<!-- end of helper tables -->\n";
    fs::write(&markdown, document).unwrap();
    let child = lab
        .command(&["conformance", "helper", "--helper", "sleep 600 #"])
        .args(["--helper", "ours", "--json"])
        .arg(&json)
        .arg("--markdown")
        .arg(&markdown)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = lab.interrupt(child);
    assert_eq!(ended.code, Some(130));
    let report: Value = serde_json::from_str(&text(&json)).unwrap();
    let cases = report["subjects"][0]["cases"].as_array().unwrap().len();
    let not_run = format!("\n{} not run: stopped\n0 pass, ", 2 * cases);
    assert!(
        cases > 20 && ended.stdout.contains(&not_run),
        "{not_run}: {}",
        ended.stdout
    );
    assert_eq!(report["summary"]["not_run"], 2 * cases);
    assert!(validator("conformance.schema.json").is_valid(&report));
    assert_eq!(report["subjects"][1]["cases"][0]["verdict"], "not-run");
    assert_eq!(text(&markdown), document);
    ended.tells("x.md is left as it was");
}

#[test]
fn a_run_that_is_stopped_makes_no_empty_document() {
    let (lab, reports) = (Lab::new(), tempfile::tempdir().unwrap());
    let markdown = reports.path().join("x.md");
    let child = lab
        .command(&["conformance", "helper", "--helper", "sleep 600 #"])
        .arg("--markdown")
        .arg(&markdown)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = lab.interrupt(child);
    assert_eq!(ended.code, Some(130));
    assert!(!markdown.exists());
    ended.tells("x.md is not written");
}

#[test]
fn the_cases_of_a_client_that_is_not_there_are_skipped() {
    let lab = Lab::new();
    let json = lab.path("x.json");
    let ended = lab.run(&[
        "conformance",
        "helper",
        "--helper",
        "frobnicate",
        "--case",
        "china",
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(4));
    assert!(
        ended
            .stdout
            .ends_with("\n0 pass, 0 differ, 0 fail, 1 skipped\n"),
        "{}",
        ended.stdout
    );
    let report: Value = serde_json::from_str(&text(&json)).unwrap();
    assert_eq!(
        report["subjects"][0]["cases"][0]["how"],
        "frobnicate is not on PATH"
    );
}

#[test]
fn the_path_of_a_helper_is_that_from_the_callers_folder() {
    let lab = Lab::new();
    let script = lab.path("helper");
    fs::write(
        &script,
        "#!/bin/sh\nexec git-credential-codecommit \"$@\"\n",
    )
    .unwrap();
    let helper = |case: &str| -> Ended {
        let mut command = lab.command(&["conformance", "helper", "--helper", "./helper"]);
        command
            .args(["--case", case])
            .current_dir(lab.temporary.path());
        command.output().unwrap().into()
    };
    let ended = helper("china");
    assert_eq!(ended.code, Some(4), "{}", ended.stdout);
    ended.prints("it is not a program that may be run");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let ended = helper("china");
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    fs::remove_file(&script).unwrap();
    let ended = helper("china");
    assert_eq!(ended.code, Some(4), "{}", ended.stdout);
    ended.prints("helper: no such program");
}

#[test]
fn a_helper_that_does_not_start_passes_nothing() {
    let lab = Lab::new();
    // The line is the shell's: nobody can know before that there is no such program.
    let ended = lab.run(&["conformance", "helper", "--helper", "X=1 frobnicate"]);
    assert_eq!(ended.code, Some(100));
    ended.prints("it cannot be started: exit status 127: ");
    ended.prints("\n0 pass, 0 differ, ");
}
