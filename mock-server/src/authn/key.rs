//! Whose key is it, and may it be used? What a Git password and the header of an API request have in common.

use codecommit_helper::timestamp::Timestamp;
use subtle::ConstantTimeEq as _;

use super::duration::span;
use super::verdict::{Reason, Refusal};
use crate::world::{Key, KeyHolder, KeyStatus, World};

/// The key with this id, if it is known and active.
pub(super) fn find<'a>(world: &'a World, key_id: &str) -> Result<KeyHolder<'a>, Refusal> {
    let holder = world.key(key_id).ok_or_else(|| unknown(key_id))?;
    check_status(&holder)?;
    Ok(holder)
}

/// Whether the session token that came belongs to the key, and the session has not ended at `now`.
pub(super) fn check_session(
    holder: &KeyHolder<'_>,
    token: Option<&str>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let session = match (&holder.key, token) {
        (Key::LongTerm(_), None) => return Ok(()),
        (Key::LongTerm(key), Some(_)) => {
            return Err(Refusal::new(
                Reason::SessionTokenUnexpected,
                format!(
                    "{} is a long-term key, but a session token came with it",
                    key.id
                ),
            )
            .with_help("unset AWS_SESSION_TOKEN, or use the key that the token was issued with"));
        }
        (Key::Temporary(session), None) => {
            return Err(Refusal::new(
                Reason::SessionTokenMissing,
                format!(
                    "{} is a temporary key, and no session token came with it",
                    session.id
                ),
            )
            .with_help("set AWS_SESSION_TOKEN, or aws_session_token in the profile"));
        }
        (Key::Temporary(session), Some(token)) => {
            let issued = session.token.expose().as_bytes();
            if !bool::from(token.as_bytes().ct_eq(issued)) {
                return Err(Refusal::new(
                    Reason::SessionTokenWrong,
                    format!("the session token was not issued with {}", session.id),
                )
                .with_help("take key, secret and session token from the same session"));
            }
            session
        }
    };
    match session.expires {
        Some(expires) if now >= expires => Err(Refusal::new(
            Reason::SessionExpired,
            format!(
                "the session of {} ended at {expires}, {} ago",
                session.id,
                span(now.since(expires))
            ),
        )
        .with_help("get new temporary credentials")),
        _ => Ok(()),
    }
}

fn unknown(key_id: &str) -> Refusal {
    let is_id = key_id.len() <= 128 && key_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let detail = if is_id && !key_id.is_empty() {
        format!("no account has the access key `{key_id}`")
    } else {
        // It may be anything, a password in the wrong field included: not repeated.
        "what came in the place of the access key id is not one".to_owned()
    };
    Refusal::new(Reason::AccessKeyUnknown, detail).with_help(
        "check which profile the credential helper used, and that its key was not deleted",
    )
}

fn check_status(holder: &KeyHolder<'_>) -> Result<(), Refusal> {
    let Key::LongTerm(key) = &holder.key else {
        return Ok(());
    };
    let whose = holder.identity.describe();
    match key.status {
        KeyStatus::Active => Ok(()),
        KeyStatus::Inactive => Err(Refusal::new(
            Reason::AccessKeyInactive,
            format!("access key {} of {whose} is inactive", key.id),
        )
        .with_help("make the key active in IAM, or use another")),
        KeyStatus::Deleted => Err(Refusal::new(
            Reason::AccessKeyUnknown,
            format!("access key {} of {whose} was deleted", key.id),
        )
        .with_help("make a new access key in IAM, and put it into the profile")),
    }
}
