//! Whose keys it signs with, and what it says of their end.

use super::{configured, source, trial, with_files};
use crate::conformance::helper::Trial;
use crate::conformance::helper::bench::HelperBench;
use crate::conformance::world::{self, ALICE_SESSION, DEMO};
use crate::conformance::{Finding, Judged};
use crate::scenario::Client;

/// For how long a signed password is good, in seconds.
const LIFETIME: i64 = 15 * 60;

const SOMEBODY_ELSE: &str =
    "[default]\naws_access_key_id = AKIANOBODYEXAMPLE000\naws_secret_access_key = nobody\n";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "profile-of-the-environment",
            "Signs with the profile that AWS_PROFILE names.",
            source::PROFILES,
            || Client {
                env: [("AWS_PROFILE".to_owned(), "work".to_owned())].into(),
                ..with_files(
                    "[profile work]\nregion = us-east-2\n",
                    &format!("{SOMEBODY_ELSE}\n[work]\n{}", alice()),
                )
            },
            opens,
        ),
        trial(
            "profile-with-spaces",
            "Signs with a profile whose name has a space.",
            source::PROFILES,
            || Client {
                env: [("AWS_PROFILE".to_owned(), "my work".to_owned())].into(),
                ..with_files(
                    "[profile \"my work\"]\nregion = us-east-2\n",
                    &format!("{SOMEBODY_ELSE}\n[my work]\n{}", alice()),
                )
            },
            opens,
        ),
        trial(
            "keys-of-the-environment",
            "Signs with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which come before the default profile.",
            source::VARIABLES,
            || {
                let (id, secret, _) = key(world::ALICE);
                Client {
                    env: [
                        ("AWS_ACCESS_KEY_ID".to_owned(), id),
                        ("AWS_SECRET_ACCESS_KEY".to_owned(), secret),
                    ]
                    .into(),
                    ..with_files("[default]\nregion = us-east-2\n", SOMEBODY_ELSE)
                }
            },
            opens,
        ),
        trial(
            "session-token",
            "Answers `AKID%TOKEN` as the user name of temporary credentials.",
            source::TEMPORARY,
            || {
                let (id, secret, token) = key(ALICE_SESSION);
                with_files(
                    "[default]\nregion = us-east-2\n",
                    &format!(
                        "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
                    ),
                )
            },
            opens,
        ),
        trial(
            "says-when-the-password-expires",
            "Adds `password_expiry_utc`, so that git's stores do not hand the password out again when it has expired.",
            source::PROTOCOL,
            configured,
            expiry,
        ),
        trial(
            "leaves-nothing-to-replay",
            "Leaves no password in a credential store that stands before it: a push after 15 minutes would end with 403.",
            source::TROUBLE,
            configured,
            nothing_to_replay,
        ),
    ]
}

/// Access key id, secret and token of a key.
fn key(id: &str) -> (String, String, String) {
    let world = world::world();
    let holder = world.key(id);
    let secret = holder.as_ref().map(|holder| holder.key.secret().to_owned());
    let token = holder.and_then(|holder| match holder.key {
        codecommit_mock::world::Key::Temporary(session) => Some(session.token.expose().to_owned()),
        codecommit_mock::world::Key::LongTerm(_) => None,
    });
    (
        id.to_owned(),
        secret.unwrap_or_default(),
        token.unwrap_or_default(),
    )
}

fn alice() -> String {
    let (id, secret, _) = key(world::ALICE);
    format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

fn opens(helper: &mut HelperBench<'_>) -> Judged {
    let answer = helper.get(&DEMO)?;
    helper.opens(&answer, &DEMO)?;
    Ok(Finding::pass())
}

fn expiry(helper: &mut HelperBench<'_>) -> Judged {
    let before = helper.bench.now().unix_seconds();
    let answer = helper.get(&DEMO)?;
    helper.opens(&answer, &DEMO)?;
    let Some(text) = answer.field("password_expiry_utc") else {
        return Ok(Finding::differs("says nothing of the password's end"));
    };
    let after = helper.bench.now().unix_seconds();
    match text.parse::<i64>() {
        Ok(at) if at > before && at <= after + LIFETIME => Ok(Finding::pass()),
        Ok(at) => Err(Finding::fail(format!(
            "says that the password ends {} s from now",
            at - after
        ))),
        Err(_) => Err(Finding::fail("does not give a number of seconds")),
    }
}

fn nothing_to_replay(helper: &mut HelperBench<'_>) -> Judged {
    let kept = helper.git_with_a_store_before_it(&DEMO)?;
    match kept {
        false => Ok(Finding::pass()),
        true => Err(Finding::fail("its password stays in the store")),
    }
}
