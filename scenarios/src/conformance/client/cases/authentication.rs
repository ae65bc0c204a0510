//! User names and passwords.

use std::time::Duration;

use codecommit_mock::authn::verdict::Reason;
use codecommit_mock::fidelity::{Challenge, RefusalStatus};

use super::{source, trial, usual};
use crate::conformance::bench::Done;
use crate::conformance::client::bench::{ClientBench, encoded};
use crate::conformance::client::file::Credentials;
use crate::conformance::client::{Operation, Trial};
use crate::conformance::world::{ALICE, ALICE_GIT, ALICE_SESSION, ANA_GIT, DEMO, ELSEWHERE};
use crate::conformance::{Finding, Judged};
use crate::links::quoted_path;

/// As often as a client may send a password again that was refused, before it is a loop.
const MOST: usize = 4;

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "clone-with-a-signed-password",
            "Clones with the SigV4 password of a credential helper.",
            source::HELPER,
            usual,
            clone,
        ),
        trial(
            "clone-with-git-credentials",
            "Clones with HTTPS Git credentials of IAM.",
            source::GIT_CREDENTIALS,
            usual,
            |client| {
                client.log_in_as(ALICE_GIT)?;
                client
                    .run(Operation::Clone, &DEMO)?
                    .accepted_as(ALICE_GIT)?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "session-token-in-the-user-name",
            "Sends `AKID%TOKEN` unchanged, whose token has slashes, plus and equals signs.",
            source::TEMPORARY,
            usual,
            |client| {
                client.act_with(ALICE_SESSION);
                client
                    .run(Operation::Clone, &DEMO)?
                    .accepted_as(ALICE_SESSION)?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "special-characters-in-git-credentials",
            "Sends a user name with an `@` and a password with `/`, `+` and `=` unchanged.",
            source::GIT_CREDENTIALS,
            usual,
            |client| {
                client.log_in_as(ANA_GIT)?;
                client.run(Operation::Clone, &DEMO)?.accepted_as(ANA_GIT)?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "credentials-in-the-url",
            "Takes user name and password from a URL, and undoes the percent-encoding of `@`, `/`, `+` and `=`.",
            source::URL,
            usual,
            |client| {
                client.log_in_as(ANA_GIT)?;
                client.put_credentials_into_url();
                client.run(Operation::Clone, &DEMO)?.accepted_as(ANA_GIT)?;
                Ok(Finding::pass())
            },
        ),
        trial(
            "answers-the-challenge",
            "Asks without credentials first, and sends them when the server answers 401.",
            source::PROTOCOL,
            usual,
            answers_the_challenge,
        ),
        trial(
            "challenge-with-negotiate",
            "Answers with Basic where the server offers Negotiate before it.",
            source::CHALLENGE,
            |server| server.challenge = Challenge::NegotiateAndBasic,
            clone,
        ),
        trial(
            "fresh-password-after-16-minutes",
            "Fetches with a new password 16 minutes after it cloned, when the first has expired.",
            source::TROUBLE,
            usual,
            fetch_later,
        ),
        trial(
            "expired-password-ends-with-an-error",
            "Gives up when an expired password is refused with 403, and says so.",
            source::TROUBLE,
            usual,
            replay,
        ),
        trial(
            "refused-with-401-ends-with-an-error",
            "Gives up when the password is refused with 401 again and again.",
            source::PROTOCOL,
            |server| server.expired_password_status = RefusalStatus(401),
            replay,
        ),
        trial(
            "erases-what-401-refused",
            "Has the credential helper erase a password that 401 refused.",
            source::HELPERS,
            |server| server.expired_password_status = RefusalStatus(401),
            erases,
        ),
        trial(
            "password-is-not-kept",
            "Leaves the password in no file of the clone or the home folder.",
            source::HELPERS,
            usual,
            keeps_no_password,
        ),
        trial(
            "password-of-another-region",
            "Ends with an error when the password was signed for another Region.",
            source::TROUBLE,
            usual,
            |client| {
                let login = client.signed(ALICE, &ELSEWHERE, Duration::ZERO)?;
                client.log_in(login);
                let done = client.run(Operation::Clone, &DEMO)?;
                done.refused(Reason::SignatureMismatch)?;
                Ok(Finding::pass())
            },
        ),
    ]
}

fn clone(client: &mut ClientBench<'_>) -> Judged {
    client.run(Operation::Clone, &DEMO)?.accepted()?;
    client.has_it_all(&DEMO)?;
    Ok(Finding::pass())
}

fn answers_the_challenge(client: &mut ClientBench<'_>) -> Judged {
    let done = client.run(Operation::Clone, &DEMO)?;
    done.accepted()?;
    Ok(match done.verdicts().next() {
        Some("accepted") => {
            Finding::differs("sends the credentials with the first request, before the server asks")
        }
        _ => Finding::pass(),
    })
}

fn fetch_later(client: &mut ClientBench<'_>) -> Judged {
    client.prepare(Operation::Clone, &DEMO)?;
    client
        .bench
        .sandbox
        .server()
        .clock()
        .advance(time::Duration::minutes(16));
    client
        .bench
        .commit_on_server(&DEMO, &[("next.txt", "next\n")])?;
    let done = client.run(Operation::Fetch, &DEMO)?;
    done.accepted()?;
    client.has_it_all(&DEMO)?;
    Ok(match done.refusals(Reason::PasswordExpired) {
        0 => Finding::pass(),
        _ => Finding::differs("sends the expired password once more before it asks for a new one"),
    })
}

/// It has the same password for ever, and that has expired.
fn log_in_too_late(client: &mut ClientBench<'_>) -> Result<(), Finding> {
    let login = client.signed(ALICE, &DEMO, Duration::from_secs(20 * 60))?;
    client.log_in(login);
    Ok(())
}

fn replay(client: &mut ClientBench<'_>) -> Judged {
    log_in_too_late(client)?;
    let done = client.run(Operation::Clone, &DEMO)?;
    let times = done.refusals(Reason::PasswordExpired);
    if times > MOST {
        return Err(Finding::fail(format!(
            "sends the refused password {}",
            if times > 20 {
                "over and over".to_owned()
            } else {
                format!("{times} times")
            }
        )));
    }
    done.came_to_an_end()?;
    done.refused(Reason::PasswordExpired)?;
    Ok(match times {
        1 => Finding::pass(),
        times => Finding::differs(format!("sends the refused password {times} times")),
    })
}

fn erases(client: &mut ClientBench<'_>) -> Judged {
    if client.credentials() != Credentials::Helper {
        return Err(Finding::skipped("it knows no credential helpers"));
    }
    log_in_too_late(client)?;
    let done: Done = client.run(Operation::Clone, &DEMO)?;
    done.refused(Reason::PasswordExpired)?;
    match client
        .asked_helper()
        .iter()
        .any(|operation| operation == "erase")
    {
        true => Ok(Finding::pass()),
        false => Ok(Finding::differs("never calls `erase`")),
    }
}

fn keeps_no_password(client: &mut ClientBench<'_>) -> Judged {
    let login = client.log_in_as(ANA_GIT)?;
    client.prepare(Operation::Clone, &DEMO)?;
    let sandbox = &client.bench.sandbox;
    // As it is, and as it would be in a URL.
    let forms = [
        login.password.clone(),
        encoded(&login.password),
        login.password.replace('/', "%2F"),
    ];
    let patterns = sandbox.path().join("tmp/patterns");
    client.bench.write(&patterns, &forms.join("\n"))?;
    let (work, home) = (quoted_path(&sandbox.work()), quoted_path(&sandbox.home()));
    let found = client.bench.look(&format!(
        "grep --recursive --files-with-matches --ignore-case --fixed-strings --file={} {work} {home} | sort || true",
        quoted_path(&patterns)
    ))?;
    Ok(match found.lines().next() {
        None => Finding::pass(),
        Some(file) => Finding::fail(format!("leaves it in {}", file.replace("$SANDBOX/", ""))),
    })
}
