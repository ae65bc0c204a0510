use std::sync::{Mutex, PoisonError};

use codecommit_helper::timestamp::Timestamp;
use time::Duration;

use super::Question;
use crate::mint::Terms;
use crate::world::{AccountId, Session, SessionHolder};

/// The credentials that a machine has at the moment. Whoever asks gets the same, until they are renewed.
#[derive(Debug, Default)]
pub(super) struct Credentials(Mutex<Option<Current>>);

#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) session: Session,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
}

/// About six hours, as instances have been seen to get.
const LIFETIME: Duration = Duration::hours(6);

/// "We make new credentials available at least five minutes before the expiration of the old" (EC2 user guide, "IAM roles for
/// Amazon EC2").
const RENEWED_BEFORE_END: Duration = Duration::minutes(5);

impl Credentials {
    /// The credentials of a role's session, new ones if the old end soon.
    pub(super) fn current(
        &self,
        question: &Question<'_>,
        account: &AccountId,
        role: &str,
        session_name: &str,
    ) -> Current {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = question.now;
        // A clock that was moved back must not make them last longer than they would.
        let is_good = |current: &&Current| {
            current.issued <= now && now < current.expires.plus(-RENEWED_BEFORE_END)
        };
        if let Some(good) = current.as_ref().filter(is_good) {
            return good.clone();
        }
        let expires = now.plus(LIFETIME);
        let terms = Terms {
            account: account.clone(),
            holder: SessionHolder::Role {
                role: role.to_owned(),
                session_name: session_name.to_owned(),
            },
            mfa_authenticated: false,
            policy: None,
            expires,
        };
        let new = Current {
            session: question.mint.issue(question.world, terms),
            issued: now,
            expires,
        };
        current.insert(new).clone()
    }
}
