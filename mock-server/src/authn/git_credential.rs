//! HTTPS Git credentials: a static user name and password that IAM makes for a user.

use subtle::ConstantTimeEq as _;

use super::verdict::{Reason, Refusal};
use super::{Authenticated, BasicCredentials, Hypothesis, Mistake};
use crate::world::{GitCredentialStatus, Identity, World};

/// Whether a user name has the form that IAM gives to HTTPS Git credentials, `alice-at-111122223333`: the endpoint tells
/// the two kinds of credentials apart by it.
pub(super) fn is_user_name(user_name: &str) -> bool {
    user_name.rsplit_once("-at-").is_some_and(|(_, account)| {
        account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Checks a user name and password: is there such a credential, is it active, is the password its own?
pub(super) fn verify<'a>(
    world: &'a World,
    presented: &BasicCredentials,
) -> Result<Authenticated<'a>, Refusal> {
    let user_name = presented.user_name.expose();
    let password = presented.password.expose().as_bytes();
    let (account, user, credential) = world.git_credential(user_name).ok_or_else(|| {
        Refusal::new(
            Reason::GitCredentialUnknown,
            format!("no user has the HTTPS Git credential `{user_name}`"),
        )
        .with_help("look up the user name in IAM: users, security credentials, HTTPS Git credentials for AWS CodeCommit")
    })?;
    if credential.status == GitCredentialStatus::Inactive {
        return Err(Refusal::new(
            Reason::GitCredentialInactive,
            format!("the HTTPS Git credential `{user_name}` is inactive"),
        )
        .with_help("make it active in IAM"));
    }
    if bool::from(password.ct_eq(credential.password.expose().as_bytes())) {
        return Ok(Authenticated {
            account,
            identity: Identity::User(user),
            credential: user_name.to_owned(),
            session: None,
        });
    }
    let mut refusal = Refusal::new(
        Reason::GitCredentialMismatch,
        format!("the password is not that of the HTTPS Git credential `{user_name}`"),
    )
    .with_help("delete the stored password and type the right one; if it is lost, reset it in IAM");
    let was_it = credential
        .former_password
        .as_ref()
        .is_some_and(|former| password.ct_eq(former.expose().as_bytes()).into());
    if was_it {
        refusal.hypotheses = vec![Hypothesis {
            id: Mistake::PasswordReset,
            explanation: "this was the password before it was reset".to_owned(),
            help: "delete the stored password and type the new one".to_owned(),
        }];
    }
    Err(refusal)
}
