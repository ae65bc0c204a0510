//! Where a clock is: as far from the system's as it was moved, or standing still, within what can be shown.

use std::time::SystemTime;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) pace: Pace,
    /// How far the server is ahead of its clients, on top of where both are.
    pub(super) skew: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    Running { offset: Duration },
    Frozen { at: OffsetDateTime },
}

/// Beyond these no certificate can be made, and no `Date` header written.
pub(super) const EARLIEST: OffsetDateTime = datetime!(1970-01-01 0:00 UTC);
pub(super) const LATEST: OffsetDateTime = datetime!(9000-01-01 0:00 UTC);

impl State {
    /// The system's clock, for the server and its clients.
    pub(super) const SYSTEM: Self = Self {
        pace: Pace::Running {
            offset: Duration::ZERO,
        },
        skew: Duration::ZERO,
    };

    pub(super) fn now(&self) -> OffsetDateTime {
        self.at(OffsetDateTime::now_utc())
    }

    /// Where it is when the system's clock is at `system`.
    pub(super) fn at(&self, system: OffsetDateTime) -> OffsetDateTime {
        within_reach(self.pace.at(system).saturating_add(self.skew))
    }

    pub(super) fn offset_at(&self, system: OffsetDateTime) -> Duration {
        self.at(system) - system
    }

    /// Where the clients have to be for the server to be at `at`.
    pub(super) fn place(&self, at: OffsetDateTime) -> OffsetDateTime {
        at.saturating_sub(self.skew)
    }
}

impl Pace {
    pub(super) fn running_from(at: OffsetDateTime) -> Self {
        Self::Running {
            offset: at - OffsetDateTime::now_utc(),
        }
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.at(OffsetDateTime::now_utc())
    }

    pub(super) fn at(&self, system: OffsetDateTime) -> OffsetDateTime {
        within_reach(match self {
            Self::Running { offset } => system.saturating_add(*offset),
            Self::Frozen { at } => *at,
        })
    }
}

pub(super) fn within_reach(at: OffsetDateTime) -> OffsetDateTime {
    at.clamp(EARLIEST, LATEST)
}

/// Not `OffsetDateTime::from`: it panics for an instant that it cannot hold.
pub(super) fn instant(at: SystemTime) -> OffsetDateTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let since = since.ok().and_then(|since| Duration::try_from(since).ok());
    match since {
        Some(since) => within_reach(OffsetDateTime::UNIX_EPOCH.saturating_add(since)),
        None if at < SystemTime::UNIX_EPOCH => EARLIEST,
        None => LATEST,
    }
}
