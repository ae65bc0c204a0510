use super::signed::Caller;
use super::xml::element;
use super::{Call, Fault, Outcome};
use crate::mint::unique_id;
use crate::world::Identity;

/// `GetCallerIdentity`: who signed. Nothing has to be allowed for it.
pub(super) fn get(call: &Call<'_>) -> Result<Outcome, Fault> {
    let caller = Caller::of(call)?;
    let (holder, arn) = (caller.holder(), caller.arn());
    let user_id = match &holder.identity {
        Identity::User(_) => unique_id("AIDA", &arn),
        Identity::RoleSession { role, session_name } => {
            let id = unique_id("AROA", &holder.account.role_arn(role));
            format!("{id}:{session_name}")
        }
    };
    let result = element("Arn", arn)
        .and(element("UserId", user_id))
        .and(element("Account", holder.account.id.as_str()));
    Ok(Outcome {
        principal: caller.principal(),
        result,
    })
}
