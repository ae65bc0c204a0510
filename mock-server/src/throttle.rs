//! How many requests an account may make in a Region (user guide, "Troubleshooting access errors": rate exceeded).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use codecommit_helper::timestamp::Timestamp;

use crate::world::AccountId;

/// Counts requests in whole seconds of the server's clock.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<(AccountId, String), (Timestamp, u64)>>);

impl Throttle {
    /// Counts a request; whether it is within `limit` requests in this second. A limit of 0 is none.
    pub(crate) fn admits(
        &self,
        account: &AccountId,
        region: &str,
        now: Timestamp,
        limit: u64,
    ) -> bool {
        if limit == 0 {
            return true;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts
            .entry((account.clone(), region.to_owned()))
            .or_insert((now, 0));
        if count.0 != now {
            *count = (now, 0);
        }
        count.1 += 1;
        count.1 <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_and_region_is_counted_by_itself_a_second() {
        let throttle = Throttle::default();
        let account: AccountId = "111122223333".parse().unwrap();
        let other: AccountId = "444455556666".parse().unwrap();
        let now = Timestamp::parse_compact("20250115T083000").unwrap();
        let next = Timestamp::parse_compact("20250115T083001").unwrap();
        assert!(throttle.admits(&account, "us-east-2", now, 2));
        assert!(throttle.admits(&account, "us-east-2", now, 2));
        assert!(!throttle.admits(&account, "us-east-2", now, 2));
        assert!(throttle.admits(&other, "us-east-2", now, 2));
        assert!(throttle.admits(&account, "us-east-1", now, 2));
        assert!(throttle.admits(&account, "us-east-2", next, 2));
        assert!((0..100).all(|_| throttle.admits(&account, "eu-west-1", now, 0)));
    }
}
