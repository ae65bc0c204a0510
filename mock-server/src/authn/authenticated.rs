use std::sync::Arc;

use super::verdict::Principal;
use crate::world::{Account, Identity, Key, KeyHolder, Session};

/// Who a request comes from, once its credentials are proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated<'a> {
    /// The account of the credentials: the account whose repositories the request sees.
    pub account: &'a Account,
    /// Who acts.
    pub identity: Identity<'a>,
    /// What proved it: an access key id, or the user name of an HTTPS Git credential.
    pub credential: String,
    /// The session, if it was proved with temporary credentials.
    pub session: Option<Arc<Session>>,
}

impl Authenticated<'_> {
    /// The same for the journal.
    pub fn principal(&self) -> Principal {
        Principal {
            arn: self.account.arn(&self.identity),
            account: self.account.id.to_string(),
            credential: self.credential.clone(),
        }
    }
}

impl<'a> From<KeyHolder<'a>> for Authenticated<'a> {
    fn from(holder: KeyHolder<'a>) -> Self {
        Self {
            account: holder.account,
            credential: holder.key.id().to_owned(),
            session: match &holder.key {
                Key::LongTerm(_) => None,
                Key::Temporary(session) => Some(Arc::clone(session)),
            },
            identity: holder.identity,
        }
    }
}
