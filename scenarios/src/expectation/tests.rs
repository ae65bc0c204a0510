use serde::Deserialize;

use super::*;
use crate::machine::{GitVersion, Shell};
use crate::scenario::{FragmentsFile, Texts, TextsTable};

#[derive(Deserialize)]
struct Sample {
    #[serde(default)]
    text: TextsTable,
    stdout: Option<Spanned<FragmentsFile>>,
    stdout_lacks: Option<Spanned<FragmentsFile>>,
    status: Option<Spanned<ExitStatus>>,
    journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
}

/// What differs: line and column, message, expected, actual.
fn judge(text: &str, status: Status, stdout: &str) -> Vec<(usize, usize, String)> {
    judge_on(&Machine::default(), text, status, stdout)
}

fn judge_on(
    machine: &Machine,
    text: &str,
    status: Status,
    stdout: &str,
) -> Vec<(usize, usize, String)> {
    let document = Source::new("sample.toml", text);
    let sample: Sample = codecommit_mock::document::parse(&document).unwrap();
    let mut texts = Texts::default();
    texts.add(&document, sample.text).unwrap();
    let fragments = |file: Option<_>| texts.fragments(&document, file.as_ref()).unwrap();
    let expectation = Expectation {
        stdout: fragments(sample.stdout),
        stdout_lacks: fragments(sample.stdout_lacks),
        status: sample.status,
        journal: sample.journal,
        ..Expectation::default()
    };
    let output = Output {
        status,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    };
    expectation
        .judge((&document, 0..0), machine, &output, &[])
        .into_iter()
        .map(|mismatch| {
            (
                mismatch.error.line(),
                mismatch.error.column(),
                format!(
                    "{}: {} / {}",
                    mismatch.error.message, mismatch.expected, mismatch.actual
                ),
            )
        })
        .collect()
}

#[test]
fn a_status_of_zero_goes_without_saying() {
    assert_eq!(judge("", Status::Exited(0), ""), []);
    assert_eq!(
        judge("", Status::Exited(128), ""),
        [(1, 1, "the exit status differs: 0 / 128".to_owned())]
    );
    assert_eq!(judge("status = 128", Status::Exited(128), ""), []);
}

#[test]
fn no_status_is_expected_of_a_command_that_does_not_end_by_itself() {
    for status in [
        Status::Signalled(9),
        Status::TimedOut(std::time::Duration::from_secs(1)),
        Status::Stopped,
    ] {
        assert_eq!(judge("status = 137", status, "").len(), 1, "{status}");
    }
}

#[test]
fn every_text_of_a_list_is_looked_for_and_located() {
    assert_eq!(judge("stdout = ['a', 'b']", Status::Exited(0), "ab"), []);
    assert_eq!(
        judge("stdout = ['a', 'b']", Status::Exited(0), "a"),
        [(
            1,
            16,
            "stdout lacks a text: stdout that contains \"b\" / stdout as shown below".to_owned()
        )]
    );
    assert_eq!(
        judge("stdout = 'b'", Status::Exited(0), "")[0].2,
        "stdout lacks a text: stdout that contains \"b\" / stdout is empty"
    );
}

#[test]
fn unwanted_texts_are_found() {
    assert_eq!(
        judge("stdout_lacks = 'a'", Status::Exited(0), "a"),
        [(
            1,
            16,
            "stdout contains a text: stdout without \"a\" / stdout as shown below".to_owned()
        )]
    );
}

#[test]
fn a_journal_without_the_exchange_says_what_there_was() {
    assert_eq!(
        judge(
            "journal = [{ status = 403, verdict = 'password-expired' }]",
            Status::Exited(0),
            ""
        ),
        [(
            1,
            12,
            "the server did not see this exchange: { status = 403, verdict = \"password-expired\" } / no exchange at all".to_owned()
        )]
    );
}

#[test]
fn a_text_is_looked_for_as_the_git_and_the_shell_word_it() {
    let text = "stdout = ['a', { text = 'b' }]\n[[text.b]]\ngit = '< 2.46'\ntext = 'old'\n[[text.b]]\nshell = 'bash'\n\
                text = 'bash'\n[[text.b]]\ntext = 'other'\n";
    let missing = |git: &str, shell, stdout: &str| {
        let machine = Machine {
            git: GitVersion::of(git),
            shell,
        };
        let found = judge_on(&machine, text, Status::Exited(0), stdout);
        found.into_iter().map(|(line, column, what)| {
            let expected = what.split(" / ").next().unwrap_or_default().to_owned();
            (line, column, expected)
        })
    };
    let (old, new) = ("git version 2.39.5", "git version 2.47.3");
    for (git, shell, stdout) in [
        (old, None, "a old"),
        (old, Some(Shell::Bash), "a old"),
        (new, Some(Shell::Bash), "a bash"),
        (new, Some(Shell::Dash), "a other"),
        (new, None, "a other"),
        ("git version unknown", None, "a other"),
    ] {
        assert_eq!(missing(git, shell, stdout).next(), None, "{git} {stdout}");
    }
    let expected = "stdout lacks a text: stdout that contains \"old\"";
    let found: Vec<_> = missing(old, None, "a other").collect();
    assert_eq!(found, [(1, 25, expected.to_owned())]);
}

#[test]
fn of_texts_that_nobody_can_choose_from_beforehand_one_is_found() {
    let text = |key: &str| {
        format!(
            "{key} = {{ text = 'a' }}\n[[text.a]]\none_of = [\n  {{ from = 'one', text = 'cut' }},\n  \
             {{ from = 'another', text = 'reset' }},\n]\n"
        )
    };
    let judged = |key: &str, stdout: &str| {
        let found = judge(&text(key), Status::Exited(0), stdout);
        found.into_iter().map(|(.., what)| what).collect::<Vec<_>>()
    };
    assert_eq!(judged("stdout", "it was cut").len(), 0);
    assert_eq!(judged("stdout", "it was reset").len(), 0);
    let expected =
        "stdout lacks a text: stdout that contains one of: \"cut\" (one), \"reset\" (another)";
    assert_eq!(
        judged("stdout", "it broke"),
        [format!("{expected} / stdout as shown below")]
    );
    assert_eq!(judged("stdout_lacks", "it broke").len(), 0);
    assert_eq!(
        judged("stdout_lacks", "it was reset"),
        ["stdout contains a text: stdout without \"reset\" / stdout as shown below"]
    );
}
