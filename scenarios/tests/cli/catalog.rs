//! The scenarios that are built in.

use super::{Lab, normal};

#[test]
fn all_hold_with_our_helper_and_leave_nothing() {
    let lab = Lab::new();
    let ended = lab.run(&["run"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.stderr, "");
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.contains(" passed, 0 failed, "), "{last}");
    assert!(lab.leftovers().is_empty(), "{:?}", lab.leftovers());
}

/// What needs faketime is skipped, with the reason, where it is missing; all of it where the AWS CLI is.
#[test]
fn all_hold_with_the_aws_cli() {
    let ended = Lab::new().run(&["run", "--helper", "aws-cli"]);
    if ended.code == Some(96) && ended.stderr.contains("failed to find the AWS CLI") {
        super::skip::skipped(&ended.stderr);
        return;
    }
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn the_report_has_the_same_order_however_many_run_at_a_time() {
    let report = |jobs| {
        let ended = Lab::new().run(&[
            "run",
            "addressing/*",
            "credential-helper/p*",
            "--jobs",
            jobs,
        ]);
        assert_eq!(ended.code, Some(0));
        normal(&ended.stdout)
    };
    assert_eq!(report("1"), report("4"));
}

#[test]
fn they_are_listed_for_people_and_for_programs() {
    let text = Lab::new().run(&["list"]);
    assert_eq!(text.code, Some(0));
    assert!(text.stdout.contains("credential-helper\n"));
    let json = Lab::new().run(&["list", "--format", "json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).unwrap();
    let wrong_region = entries
        .iter()
        .find(|entry| entry["id"] == "wrong-region-in-url")
        .unwrap();
    assert_eq!(wrong_region["area"], "addressing");
    assert_eq!(wrong_region["cause"], "repository-not-found");
    assert_eq!(wrong_region["evidence"], "observed");
    assert_eq!(wrong_region["source"]["page"], "how-to-connect");
    assert!(wrong_region["title"].is_string());
}

/// A verdict, or what a client is told where the server refuses no request.
#[test]
fn each_failure_is_listed_with_its_cause_and_no_walkthrough_with_one() {
    let json = Lab::new().run(&["list", "--format", "json"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).unwrap();
    let mut failures = 0;
    for entry in &entries {
        let causes = [&entry["cause"], &entry["told"]];
        let causes = causes.iter().filter(|cause| !cause.is_null()).count();
        match entry["kind"].as_str() {
            Some("failure") => assert_eq!(causes, 1, "{entry}"),
            Some("walkthrough") => assert_eq!(causes, 0, "{entry}"),
            _ => panic!("neither a failure nor a walkthrough: {entry}"),
        }
        failures += causes;
    }
    let page = Lab::new().run(&["list", "--format", "markdown"]);
    page.prints(&format!(" scenarios: {failures} failures "));
    let told = |entry: &&serde_json::Value| entry["id"] == "atomic-push";
    let told = &entries.iter().find(told).unwrap()["told"];
    assert_eq!(told["by"], "git");
    assert_eq!(
        told["what"],
        "the receiving end does not support --atomic push"
    );
}

#[test]
fn one_is_told_for_reading() {
    let ended = Lab::new().run(&["show", "wrong-region-in-url"]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(ended.stdout);
}

/// Files of the scenario's own stand as they are; one that is left out is what the machine has all the same.
#[test]
fn one_is_told_with_the_keys_that_the_machine_has() {
    let lab = Lab::new();
    let usual = lab.run(&["show", "wrong-region-in-url"]);
    usual.prints("\n~/.aws/credentials, as `aws configure` has written it:\n  [default]\n  aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n  aws_secret_access_key = <redacted>\n");
    let own = lab.run(&["show", "session-expired"]);
    own.prints("\n~/.aws/credentials:\n  [default]\n  aws_access_key_id = ASIAYESTERDAYEXAMPLE\n");
    assert!(
        !own.stdout.contains("credentials, as `aws"),
        "{}",
        own.stdout
    );
}

#[test]
fn one_is_told_in_markdown() {
    let ended = Lab::new().run(&["show", "wrong-region-in-url", "--format", "markdown"]);
    assert_eq!(ended.code, Some(0));
    for line in [
        "# The URL names another Region than the repository's: repository not found",
        "## What goes wrong",
        "$ git -C my-demo-repo fetch",
        "- ends with status 128",
        "- server: 404 repository-not-found; host git-codecommit.us-east-1.amazonaws.com",
    ] {
        assert!(ended.stdout.lines().any(|known| known == line), "{line}");
    }
    assert_eq!(ended.stdout.matches("```").count() % 2, 0);
}

#[test]
fn lines_of_an_output_stay_below_one_another() {
    let ended = Lab::new().run(&["show", "named-profile"]);
    let expected = "    prints: [credential]\n            \thelper = !aws codecommit credential-helper --profile";
    ended.prints(expected);
}

#[test]
fn a_here_document_that_is_shown_can_be_pasted() {
    for format in ["text", "markdown"] {
        let told = Lab::new().run(&["show", "section-for-another-region", "--format", format]);
        let expected = "$ cat > ~/.gitconfig <<'END'\n[credential \"https://git-codecommit.";
        told.prints(expected);
        told.prints("\nEND\n");
    }
}

#[test]
fn one_is_told_with_what_is_broken_and_what_is_answered_otherwise() {
    let told = |id: &str| Lab::new().run(&["show", id]).stdout;
    let broken = told("internal-service-error-during-push");
    let expected =
        "Broken on purpose:\n  status 500 (path=/v1/repos/*/git-receive-pack), the first 2 times\n";
    assert!(broken.contains(expected), "{broken}");
    let switched = told("too-many-references");
    let expected = "Answered otherwise than usual:\n  references-per-push = 4\n";
    assert!(switched.contains(expected), "{switched}");
}

#[test]
fn one_is_told_with_what_it_needs_as_the_catalog_page_says_it() {
    let told = Lab::new().run(&["show", "event-not-found"]).stdout;
    assert!(told.contains("requires:  bash, linux or macos\n"), "{told}");
}

#[test]
fn texts_of_which_one_is_said_are_told_line_by_line_with_whose_they_are() {
    let told = |format| {
        let arguments = ["show", "connection-cut-during-push", "--format", format];
        Lab::new().run(&arguments).stdout
    };
    let (text, markdown) = (told("text"), told("markdown"));
    let reading =
        "curl, reading: error: RPC failed; curl 56 Recv failure: Connection reset by peer\n";
    assert!(
        text.contains(&format!("    says: one of\n          - {reading}")),
        "{text}"
    );
    assert!(
        markdown.contains(&format!("\n- says: one of\n  - {reading}")),
        "{markdown}"
    );
}

#[test]
fn a_secret_that_is_replaced_by_another_is_told_as_that() {
    let told = Lab::new()
        .run(&["show", "session-token-of-another-session"])
        .stdout;
    let expected = "(in ~/.aws/credentials, with an editor; one secret for another)\n  - <redacted>\n  + <redacted>\n";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn none_is_told_with_its_secrets() {
    let ended = Lab::new().run(&["show", "profile-name-with-spaces"]);
    assert!(ended.stdout.contains("aws_secret_access_key = <redacted>"));
}
