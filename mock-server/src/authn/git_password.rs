//! The SigV4 Git password, checked step by step.

use codecommit_helper::endpoint::without_port;
use codecommit_helper::password::{GitPassword, SERVICE, Signable};
use codecommit_helper::timestamp::Timestamp;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;
use time::Duration;

use super::duration::span;
use super::verdict::{Reason, Refusal};
use super::{Authenticated, BasicCredentials, hypothesis, key};
use crate::fidelity::{Fidelity, SignedPort};
use crate::world::{Key, KeyHolder, World};

/// What the password should have been made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host from the request, with its port if it named one.
    pub authority: String,
    /// The repository's path, `/v1/repos/NAME`: what is signed, not the path of the request.
    pub repository_path: String,
    /// The Region of the host.
    pub region: String,
    /// When the request came, by the server's clock.
    pub now: Timestamp,
    /// How long a password is good, and the like.
    pub fidelity: Fidelity,
}

impl Target {
    /// The hosts that may have been signed. The AWS CLI drops a port and git-remote-codecommit keeps it (both read in
    /// their sources), so where the request names a port both are right, unless a switch says otherwise.
    fn signable_hosts(&self) -> impl Iterator<Item = &str> {
        let bare = without_port(&self.authority);
        let has_port = bare != self.authority;
        let with_port = (has_port && self.fidelity.signed_port == SignedPort::Allowed)
            .then_some(&*self.authority);
        std::iter::once(bare).chain(with_port)
    }

    pub(super) fn signable<'a>(&'a self, host: &'a str, at: Timestamp) -> Signable<'a> {
        Signable {
            host,
            path: &self.repository_path,
            region: &self.region,
            service: SERVICE,
            at,
        }
    }
}

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
            && signature_matches(target, holder.key.secret(), password)
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
    if signature_matches(target, holder.key.secret(), password) {
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

fn signature_matches(target: &Target, secret: &str, password: &GitPassword) -> bool {
    // Every host is tried, so that the time taken does not tell which one matched.
    target.signable_hosts().fold(false, |matched, host| {
        matched
            | is_signature_of(
                &target.signable(host, password.signed_at()),
                secret,
                password,
            )
    })
}

/// Whether `password` carries the signature that `secret` makes; compared in constant time.
pub(super) fn is_signature_of(
    signable: &Signable<'_>,
    secret: &str,
    password: &GitPassword,
) -> bool {
    let expected = signable.sign(secret);
    expected
        .signature()
        .as_bytes()
        .ct_eq(password.signature().as_bytes())
        .into()
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
