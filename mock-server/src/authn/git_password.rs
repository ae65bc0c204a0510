//! The SigV4 Git password, checked step by step.

use codecommit_helper::endpoint::without_port;
use codecommit_helper::password::GitPassword;
use percent_encoding::percent_decode_str;
use time::Duration;

use super::duration::span;
use super::verdict::{Reason, Refusal};
use super::{Authenticated, BasicCredentials, Target, hypothesis, key};
use crate::world::{Key, KeyHolder, World};

/// Checks a user name and password, in this order: is it a Git password, whose key is it, is the key usable, does the
/// session token belong to it, is the signature right, and is it still good?
pub(super) fn verify<'a>(
    world: &'a World,
    target: &Target,
    presented: &BasicCredentials,
) -> Result<Authenticated<'a>, Refusal> {
    let user_name = presented.user_name.expose();
    let (key_id, token) = match user_name.split_once('%') {
        Some((key_id, token)) => (key_id, Some(token)),
        None => (user_name, None),
    };
    let Ok(password) = presented.password.expose().parse::<GitPassword>() else {
        return Err(Refusal::new(
            Reason::PasswordMalformed,
            "the password is not YYYYMMDDTHHMMSSZ and 64 lower-case hex digits",
        )
        .with_help("use the password that a credential helper for CodeCommit makes"));
    };
    let holder = key::find(world, key_id)?;
    check_session(target, &holder, token, &password)?;
    check_signature(world, target, &holder, &password)?;
    check_age(target, &password)?;
    Ok(holder.into())
}

/// A temporary key without its token whose signature is right has nothing else wrong with it.
fn check_session(
    target: &Target,
    holder: &KeyHolder<'_>,
    token: Option<&str>,
    password: &GitPassword,
) -> Result<(), Refusal> {
    key::check_session(holder, token, target.now).map_err(|mut refusal| {
        if refusal.reason == Reason::SessionTokenMissing
            && target.is_signed(holder.key.secret(), password)
        {
            refusal.hypotheses = vec![hypothesis::token_missing()];
        }
        if refusal.reason == Reason::SessionTokenWrong
            && let (Key::Temporary(session), Some(token)) = (&holder.key, token)
            && percent_decode_str(token).decode_utf8_lossy() == session.token.expose()
        {
            refusal.hypotheses = vec![hypothesis::token_percent_encoded()];
        }
        refusal
    })
}

fn check_signature(
    world: &World,
    target: &Target,
    holder: &KeyHolder<'_>,
    password: &GitPassword,
) -> Result<(), Refusal> {
    if target.is_signed(holder.key.secret(), password) {
        return Ok(());
    }
    let expected = target.signable(without_port(&target.authority), password.signed_at());
    let hypotheses = hypothesis::explain(world, target, holder, password);
    let detail = match hypotheses.first() {
        Some(hypothesis) => hypothesis.explanation.clone(),
        None => format!(
            "{} did not make this signature, and none of the usual mistakes explains it",
            holder.key.id()
        ),
    };
    Err(Refusal {
        help: Some(match hypotheses.first() {
            Some(hypothesis) => hypothesis.help.clone(),
            None => format!("check the secret access key of {}", holder.key.id()),
        }),
        canonical_request: Some(expected.canonical_request()),
        string_to_sign: Some(expected.string_to_sign()),
        hypotheses,
        ..Refusal::new(Reason::SignatureMismatch, detail)
    })
}

fn check_age(target: &Target, password: &GitPassword) -> Result<(), Refusal> {
    let signed_at = password.signed_at();
    let age = target.now.since(signed_at);
    let lifetime = seconds(target.fidelity.password_lifetime_seconds);
    let (reason, detail, help) = if age >= lifetime {
        (
            Reason::PasswordExpired,
            format!(
                "the password was signed at {signed_at}, {} ago; it was good for {}",
                span(age),
                span(lifetime)
            ),
            "a stored password was replayed: make the CodeCommit helper the only one for this host (an empty \
             `credential.helper` in front of it) and delete the stored entry; if nothing stores passwords, set the clock",
        )
    } else if -age > seconds(target.fidelity.future_tolerance_seconds) {
        (
            Reason::PasswordFromTheFuture,
            format!(
                "the password was signed at {signed_at}, {} ahead of the server",
                span(-age)
            ),
            "set the client's clock",
        )
    } else {
        return Ok(());
    };
    let mut refusal = Refusal::new(reason, detail).with_help(help);
    let expected = target.signable(without_port(&target.authority), signed_at);
    refusal.canonical_request = Some(expected.canonical_request());
    refusal.string_to_sign = Some(expected.string_to_sign());
    refusal.hypotheses = vec![hypothesis::clock_off(age)];
    Err(refusal)
}

/// A switch's number as a time; more than fits is for ever.
fn seconds(number: u64) -> Duration {
    Duration::seconds(i64::try_from(number).unwrap_or(i64::MAX))
}
