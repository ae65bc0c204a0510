use super::*;
use crate::machine::Machine;
use crate::scenario::{Teller, Told, Why};

const HEAD: &str = r#"
id        = "sample"
title     = "A sample"
source    = { page = "a-page" }
evidence  = "inferred"
platforms = ["linux"]
"#;

pub(super) fn read(rest: &str) -> Result<Scenario, DocumentError> {
    let document = Source::new("sample.toml", format!("{}{rest}", HEAD.trim_start()));
    Scenario::read(document, "area", "sample")
}

/// The line of `rest` (0 for what comes before it), the column, the message and the help.
pub(super) fn error(rest: &str) -> (usize, usize, String, String) {
    let error = read(rest).expect_err("not a scenario");
    let head = HEAD.trim_start().lines().count();
    (
        error.line().saturating_sub(head),
        error.column(),
        error.message.clone(),
        error.help.unwrap_or_default(),
    )
}

#[track_caller]
pub(super) fn refused(rest: &str, place: (usize, usize), message: &str, help: &str) {
    let (line, column, actual, actual_help) = error(rest);
    assert_eq!(
        ((line, column), &*actual, &*actual_help),
        (place, message, help)
    );
}

#[test]
fn a_walkthrough() {
    let scenario = read("[[step]]\nrun = 'true'\n[[step]]\nclock = '+16m'\n").unwrap();
    assert_eq!(scenario.name(), "area/sample");
    let phases = scenario.phases();
    assert_eq!(phases.len(), 1);
    assert_eq!(phases[0].1.len(), 2);
    assert!(scenario.moves_the_clock());
    assert!(scenario.cause().is_none());
}

#[test]
fn a_failure() {
    let scenario = read(
        "[[symptom]]\nrun = 'false'\nstatus = 1\n[cause]\nverdict = 'access-denied'\n[[fix]]\nrun = 'false'\n",
    )
    .unwrap();
    assert_eq!(
        scenario.cause().map(|cause| &cause.why),
        Some(&Why::Verdict(Reason::AccessDenied))
    );
}

#[test]
fn an_unknown_key_is_an_error_in_every_table() {
    refused(
        "[[step]]\nrun = 'true'\nstauts = 1\n",
        (3, 1),
        "unknown key `stauts`",
        "did you mean `status`?",
    );
    refused(
        "[client]\ngitconfig.golbal = ''\n[[step]]\nrun = 'true'\n",
        (2, 11),
        "unknown key `golbal`",
        "did you mean `global`?",
    );
    refused(
        "[[step]]\nrun = 'true'\njournal = [{ verdit = 'accepted' }]\n",
        (3, 14),
        "unknown key `verdit`",
        "did you mean `verdict`?",
    );
    refused(
        "[[step]]\nrun = 'true'\n[step.helper.aws]\nstatus = 1\n",
        (3, 14),
        "unknown key `aws`",
        "did you mean `aws-cli`?",
    );
    refused(
        "[world]\nextents = 'demo'\n[[step]]\nrun = 'true'\n",
        (2, 1),
        "unknown key `extents`",
        "did you mean `extends`?",
    );
}

#[test]
fn an_unknown_value_is_an_error_with_a_suggestion() {
    refused(
        "requires = ['git-credential-manger']\n[[step]]\nrun = 'true'\n",
        (1, 13),
        "unknown value `git-credential-manger`",
        "did you mean `git-credential-manager`?",
    );
    refused(
        "[[step]]\nrun = 'true'\njournal = [{ verdict = 'password-expird' }]\n",
        (3, 24),
        "unknown verdict `password-expird`",
        "did you mean `password-expired`?",
    );
    let (line, column, message, _) =
        error("[[symptom]]\nrun = 'true'\n[cause]\nverdict = 'accepted'\n[[fix]]\nrun = 'true'\n");
    assert_eq!((line, column), (4, 11), "{message}");
}

#[test]
fn a_wrong_type_is_located() {
    let (line, column, message, _) = error("[[step]]\nrun = 'true'\nstdout = ['a', 1]\n");
    assert_eq!((line, column), (3, 16), "{message}");
    let (line, column, message, _) = error("[[step]]\nrun = 'true'\nstatus = 'x'\n");
    assert_eq!((line, column), (3, 10), "{message}");
}

#[test]
fn a_step_is_one_thing() {
    let message =
        "a step is exactly one of `run`, `clock`, `edit`, `faults`, `administrator` and `include`";
    refused("[[step]]\nnote = 'hm'\n", (1, 1), message, "");
    refused(
        "[[step]]\nrun = 'true'\nclock = '+1m'\n",
        (1, 1),
        message,
        "",
    );
}

#[test]
fn a_key_of_another_kind_of_step_is_refused() {
    refused(
        "[[step]]\nclock = '+1m'\nstderr = 'x'\n",
        (3, 10),
        "`stderr` means nothing in a `clock` step",
        "it belongs to a `run` step",
    );
    refused(
        "[[step]]\nrun = 'true'\nfind = 'x'\n",
        (3, 8),
        "`find` means nothing in a `run` step",
        "it belongs to an `edit` step",
    );
}

#[test]
fn an_expectation_that_always_holds_is_refused() {
    let message = "this holds whatever happens";
    refused(
        "[[step]]\nrun = 'true'\nstdout = ''\n",
        (3, 10),
        message,
        "",
    );
    refused(
        "[[step]]\nrun = 'true'\nstderr_lacks = []\n",
        (3, 16),
        message,
        "",
    );
    refused(
        "[[step]]\nrun = 'true'\njournal = [{}]\n",
        (3, 12),
        message,
        "",
    );
}

#[test]
fn a_scenario_is_a_walkthrough_or_a_failure_and_whole() {
    for (rest, message) in [
        ("", "nothing happens"),
        ("[[symptom]]\nrun = 'x'\n", "a failure without a `[cause]`"),
        (
            "[[step]]\nrun = 'x'\n[[fix]]\nrun = 'x'\n",
            "a scenario is either a walkthrough or a failure",
        ),
        (
            "[[symptom]]\nrun = 'x'\n[cause]\nverdict = 'plain-http'\n",
            "a failure without a `[[fix]]`",
        ),
        (
            "[[fix]]\nrun = 'x'\n[cause]\nverdict = 'plain-http'\n",
            "a failure without a `[[symptom]]`",
        ),
    ] {
        assert_eq!(error(rest).2, message);
    }
}

#[test]
fn a_fix_ends_with_a_success() {
    let with_fix = |fix: &str| {
        error(&format!(
            "[[symptom]]\nrun = 'x'\nstatus = 1\n[cause]\nverdict = 'plain-http'\n{fix}"
        ))
    };
    assert_eq!(
        with_fix("[[fix]]\nrun = 'x'\nstatus = 128\n").2,
        "the last command of the fix fails"
    );
    assert_eq!(
        with_fix("[[fix]]\nclock = '+1m'\n").2,
        "the fix runs no command: nothing shows that it mends anything"
    );
}

#[test]
fn a_fix_runs_again_what_failed_and_succeeds() {
    let failure = "[[symptom]]\nrun = 'x'\nstatus = 1\n[cause]\nverdict = 'plain-http'\n";
    let refused = |fix: &str, place, message: &str, help: &str| {
        super::tests::refused(&format!("{failure}{fix}"), place, message, help);
    };
    refused(
        "[[fix]]\nrun = 'true'\n",
        (7, 7),
        "the fix does not run again what failed",
        "run it again: `x`; where the command has to be another one, say so with `stands_for`",
    );
    refused(
        "[[fix]]\nrun = 'x'\nstatus = 1\n[[fix]]\nrun = 'true'\n",
        (8, 10),
        "what failed still fails when the fix is done",
        "end the fix with the same command, and let it succeed",
    );
    refused(
        "[[fix]]\nrun = 'true'\nstands_for = 'y'\n",
        (8, 14),
        "no command of the symptom that fails reads like this",
        "these fail: `x`",
    );
    let scenario = read(&format!("{failure}[[fix]]\nrun = 'z'\nstands_for = 'x'\n")).unwrap();
    let Action::Run(run) = &scenario.phases()[1].1[0].action else {
        panic!("a command");
    };
    assert!(run.mends);
}

#[test]
fn only_a_fix_stands_for_something() {
    for table in ["step", "setup"] {
        let rest = format!("[[{table}]]\nrun = 'x'\nstands_for = 'y'\n[[step]]\nrun = 'z'\n");
        assert_eq!(error(&rest).2, "`stands_for` means nothing here");
    }
}

#[test]
fn a_symptom_fails_with_every_helper_whose_cause_does_not_say_otherwise() {
    let with = |symptom: &str, cause: &str| {
        read(&format!(
            "[[symptom]]\nrun = 'x'\n{symptom}[cause]\nverdict = 'plain-http'\n{cause}[[fix]]\nrun = 'x'\n"
        ))
    };
    let message = |symptom: &str, cause: &str| with(symptom, cause).unwrap_err().message;
    assert_eq!(
        message("", ""),
        "no command of the symptom fails with the helper ours"
    );
    let works_with_ours =
        "status = 1\n[symptom.helper.ours]\nreason = 'it is better'\nstatus = 0\n";
    assert_eq!(
        message(works_with_ours, ""),
        "no command of the symptom fails with the helper ours"
    );
    let none = "[cause.helper.ours]\nreason = 'it is better'\nverdict = 'accepted'\n";
    assert_eq!(
        message("status = 1\n", none),
        "a command of the symptom fails with the helper ours"
    );
    let scenario = with(works_with_ours, none).unwrap();
    let why = |helper| scenario.cause().unwrap().why(helper).0;
    assert_eq!(why(crate::subject::Helper::Ours), None);
    assert_eq!(
        why(crate::subject::Helper::AwsCli),
        Some(&Why::Verdict(Reason::PlainHttp))
    );
}

#[test]
fn a_cause_is_a_verdict_or_what_somebody_tells() {
    let with = |cause: &str| {
        format!("[[symptom]]\nrun = 'x'\nstatus = 1\n[cause]\n{cause}[[fix]]\nrun = 'x'\n")
    };
    let told = "told = { by = 'remote-helper', what = 'no such profile' }\n";
    let scenario = read(&with(told)).unwrap();
    let cause = scenario.cause().unwrap();
    let expected = Told {
        by: Teller::RemoteHelper,
        what: "no such profile".to_owned(),
        or: Vec::new(),
    };
    assert_eq!(cause.why.told(), Some(&expected));
    assert!(cause.is_beside_the_server());
    let message = "a cause is either a verdict or what is told";
    assert_eq!(error(&with("")).2, message);
    let both = format!("verdict = 'plain-http'\n{told}");
    assert_eq!(error(&with(&both)).2, message);
    let neither = format!("{told}[cause.helper.ours]\nreason = 'it is better'\n");
    assert_eq!(error(&with(&neither)).2, message);
    for (told, place, message) in [
        (
            "told = { by = 'git', what = ' ' }\n",
            (5, 29),
            "the text that is told is empty",
        ),
        (
            "told = { by = 'git', what = \"a\\nb\" }\n",
            (5, 29),
            "what is told stands in one line",
        ),
        (
            "told = { by = 'gti', what = 'a' }\n",
            (5, 15),
            "unknown value `gti`",
        ),
        (
            "told = { by = 'credential-manager', what = 'a' }\n",
            (5, 8),
            "this scenario can run without Git Credential Manager",
        ),
        (
            "told = { by = 'git', waht = 'a' }\n",
            (5, 22),
            "unknown key `waht`",
        ),
    ] {
        let (line, column, actual, _) = error(&with(told));
        assert_eq!(((line, column), &*actual), (place, message));
    }
}

#[test]
fn the_server_has_a_part_in_a_cause_if_it_has_with_any_helper() {
    let with = |cause: &str| {
        let text =
            format!("[[symptom]]\nrun = 'x'\nstatus = 1\n[cause]\n{cause}[[fix]]\nrun = 'x'\n");
        read(&text).unwrap().cause().unwrap().is_beside_the_server()
    };
    let told = "told = { by = 'git', what = 'a' }\n";
    let other = |why: &str| format!("{told}[cause.helper.aws-cli]\nreason = 'r'\n{why}");
    assert!(with(told));
    assert!(with(&other("told = { by = 'helper', what = 'b' }\n")));
    assert!(!with(&other("verdict = 'plain-http'\n")));
    assert!(!with("told = { by = 'server', what = 'a' }\n"));
    assert!(!with("verdict = 'plain-http'\n"));
}

#[test]
fn an_exit_status_is_a_number_that_a_command_can_have() {
    for (status, message) in [
        ("-1", "`-1` is not an exit status: a number from 0 to 255"),
        ("256", "`256` is not an exit status: a number from 0 to 255"),
    ] {
        let rest = format!("[[step]]\nrun = 'true'\nstatus = {status}\n");
        refused(&rest, (3, 10), message, "");
    }
}

#[test]
fn spans_of_time_and_places_are_checked() {
    refused(
        "[[step]]\nclock = '16'\n",
        (2, 9),
        "`16` is no movement of a clock",
        codecommit_mock::NotAClockMove::HELP,
    );
    refused(
        "[[step]]\nrun = 'x'\ntimeout = '-1s'\n",
        (3, 11),
        "`-1s` is not a span of time",
        NOT_A_SPAN,
    );
    let (line, column, message, _) = error("[[step]]\nedit = '../x'\nfind = 'a'\nreplace = 'b'\n");
    assert_eq!(
        (line, column, &*message),
        (2, 8, "`../x` leads out of the sandbox")
    );
}

const NOT_A_SPAN: &str = crate::duration::NotADuration::HELP;

#[test]
fn the_id_is_the_name_of_the_file() {
    let document = Source::new("other.toml", format!("{HEAD}[[step]]\nrun = 'true'\n"));
    let error = Scenario::read(document, "area", "other").unwrap_err();
    assert_eq!(
        error.to_string(),
        "other.toml:2:13: the id differs from the file's name, `other`"
    );
}

#[test]
fn a_source_is_one_thing() {
    let text = HEAD.replace("\"a-page\" }", "\"a\", section = \"b\", place = \"c\" }");
    let document = Source::new("sample.toml", format!("{text}[[step]]\nrun = 'true'\n"));
    let error = Scenario::read(document, "area", "sample").unwrap_err();
    assert_eq!(
        (error.line(), &*error.message),
        (4, "a section and a place")
    );
    let text = HEAD.replace("{ page = \"a-page\" }", "{ page = \"a\", issue = \"b\" }");
    let document = Source::new("sample.toml", format!("{text}[[step]]\nrun = 'true'\n"));
    let error = Scenario::read(document, "area", "sample").unwrap_err();
    assert_eq!((error.line(), error.column()), (4, 13));
}

#[test]
fn an_error_in_the_world_is_located_in_the_scenario() {
    let (line, column, message, _) =
        error("[[world.account]]\nid = '12'\n[[step]]\nrun = 'true'\n");
    assert_eq!(
        (line, column, &*message),
        (2, 6, "an account id has twelve digits")
    );
}

#[test]
fn the_document_that_errors_show_holds_no_secret() {
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let scenario = read(&format!("[[step]]\nrun = 'echo {secret}'\n")).unwrap();
    assert!(!scenario.document.text().contains(secret));
}

#[test]
fn a_difference_with_one_helper_replaces_key_by_key() {
    let scenario = read(
        "[[step]]\nrun = 'x'\nstatus = 1\nstderr = 'common'\n[step.helper.aws-cli]\nstderr = 'own'\n",
    )
    .unwrap();
    let Action::Run(run) = &scenario.phases()[0].1[0].action else {
        panic!("a command");
    };
    let stderr = |helper| {
        let expectation = run.expectation(helper);
        assert_eq!(expectation.status(), 1);
        let fragments = expectation.stderr.unwrap().into_inner();
        fragments
            .iter()
            .flat_map(|fragment| fragment.on(&Machine::default()))
            .map(|one| one.text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(stderr(crate::subject::Helper::Ours), ["common"]);
    assert_eq!(stderr(crate::subject::Helper::AwsCli), ["own"]);
}

#[test]
fn faults_are_there_from_the_start_or_from_a_step_on() {
    let text = "[[fault]]\nstatus = 503\ntimes = 1\n[[step]]\nrun = 'true'\n[[step]]\nfaults = [{ tls = 'expired' }]\n";
    let scenario = read(text).unwrap();
    assert_eq!(scenario.faults.0.len(), 1);
    let summary = scenario.phases()[0].1[1].summary();
    assert_eq!(summary, "broken on purpose: an expired certificate");
    refused(
        "[[step]]\nfaults = [{ tls = 'expird' }]\n",
        (2, 19),
        "unknown value `expird`",
        "did you mean `expired`?",
    );
    let (line, _, message, _) = error("[[step]]\nfaults = [{ reset = 1, status = 500 }]\n");
    assert_eq!((line, &*message), (2, "a fault that does two things"));
    refused(
        "[[step]]\nfaults = []\nstatus = 1\n",
        (3, 10),
        "`status` means nothing in a `faults` step",
        "it belongs to a `run` step",
    );
}

#[test]
fn a_difference_with_our_helper_or_another_remote_helper_has_a_reason() {
    for table in ["[step.helper.ours]", "[step.remote_helper.aws]"] {
        for reason in ["", "reason = ' '\n"] {
            let (.., message, help) = error(&format!(
                "[[step]]\nrun = 'true'\n{table}\nstatus = 1\n{reason}"
            ));
            assert_eq!(message, "a difference without a reason");
            assert_eq!(help, "say why with `reason = \"...\"`");
        }
    }
}

#[test]
fn versions_of_git_can_be_required() {
    let scenario = read("requires = ['openssl', 'git >= 2.46']\n[[step]]\nrun = 'true'\n").unwrap();
    let words: Vec<String> = scenario.requires.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["openssl", "git >= 2.46"]);
    assert_eq!(scenario.peers().len(), 1);
    let (line, column, message, _) = error("requires = ['git 2.46']\n[[step]]\nrun = 'true'\n");
    assert_eq!((line, column), (1, 13), "{message}");
}
