//! When it cannot sign.

use super::{configured, source, trial, with_files};
use crate::conformance::helper::Trial;
use crate::conformance::helper::bench::{Answer, HelperBench};
use crate::conformance::world::{ALICE, DEMO, world};
use crate::conformance::{Finding, Judged};
use crate::scenario::Client;

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "path-missing",
            "Says that credential.useHttpPath is off when the request has no path, and gives no password.",
            source::HELPER,
            configured,
            |helper| {
                let answer =
                    helper.ask("get", &format!("protocol=https\nhost={}\n\n", DEMO.host))?;
                explained(&answer, &["usehttppath"])
            },
        ),
        trial(
            "no-credentials",
            "Says that there are no credentials when there are none, and gives no password.",
            source::TROUBLE,
            || with_files("[default]\nregion = us-east-2\n", ""),
            |helper| {
                let answer = helper.get(&DEMO)?;
                explained(&answer, &["credential"])
            },
        ),
        trial(
            "unknown-profile",
            "Names the profile when there is none of this name, and gives no password.",
            source::PROFILES,
            || Client {
                env: [("AWS_PROFILE".to_owned(), "nowhere".to_owned())].into(),
                ..Client::default()
            },
            |helper| {
                let answer = helper.get(&DEMO)?;
                explained(&answer, &["nowhere"])
            },
        ),
        trial(
            "secret-in-no-message",
            "Prints the secret access key nowhere.",
            source::CUSTOM,
            configured,
            secret_in_no_message,
        ),
    ]
}

/// No password, and a message with one of these words in it.
fn explained(answer: &Answer, words: &[&str]) -> Judged {
    if answer.login().is_some() {
        return Err(Finding::fail("gives a password all the same"));
    }
    let said = answer.done.stderr.to_lowercase();
    match words.iter().any(|word| said.contains(word)) {
        true => Ok(Finding::pass()),
        false => Ok(Finding::differs(format!(
            "does not say why: {}",
            answer.done.ending()
        ))),
    }
}

fn secret_in_no_message(helper: &mut HelperBench<'_>) -> Judged {
    let secret = world()
        .key(ALICE)
        .map(|holder| holder.key.secret().to_owned())
        .unwrap_or_default();
    for (operation, request) in [
        (
            "get",
            "protocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/MyDemoRepo\n\n",
        ),
        (
            "get",
            "protocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\n\n",
        ),
        ("get", "nonsense\n\n"),
    ] {
        if helper.prints(operation, request, &secret)? {
            return Err(Finding::fail(format!(
                "prints it when asked to `{operation}`"
            )));
        }
    }
    Ok(Finding::pass())
}
