use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::clock::Clock;

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validity {
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
}

impl Validity {
    /// A CA is there for one run, wherever its clock goes meanwhile; its key does not outlive the run.
    pub(super) fn of_a_ca() -> Self {
        Self {
            not_before: datetime!(1970-01-01 0:00 UTC),
            not_after: datetime!(9001-01-01 0:00 UTC),
        }
    }

    /// The time between the server's clock and the system's: clients under test look at either.
    pub(super) fn now(clock: &Clock) -> Self {
        let (now, system) = (clock.now().into(), OffsetDateTime::now_utc());
        Self {
            not_before: system.min(now),
            not_after: system.max(now),
        }
    }

    pub(super) fn with_margin(self) -> Self {
        Self {
            not_before: self.not_before.saturating_sub(Duration::days(1)),
            not_after: self.not_after.saturating_add(Duration::days(30)),
        }
    }

    /// Over by either clock.
    pub(super) fn ended(self) -> Self {
        Self {
            not_before: self.not_before.saturating_sub(Duration::days(31)),
            not_after: self.not_before.saturating_sub(Duration::days(1)),
        }
    }

    /// Still to come by either clock.
    pub(super) fn not_begun(self) -> Self {
        Self {
            not_before: self.not_after.saturating_add(Duration::days(1)),
            not_after: self.not_after.saturating_add(Duration::days(31)),
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.not_before <= other.not_before && other.not_after < self.not_after
    }
}
