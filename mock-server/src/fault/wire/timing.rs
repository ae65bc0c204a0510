//! How late and how slow bytes are.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::fault::plan;

/// How late the first byte of an answer is.
#[derive(Clone, Copy)]
pub(super) struct Latency {
    pub(super) latency: Duration,
    pub(super) jitter: Duration,
    pub(super) seed: u64,
}

impl Latency {
    /// Anywhere within the jitter, and the same in every run.
    pub(super) fn of_turn(&self, turn: u64) -> Duration {
        let drawn = plan::fraction(self.seed, turn);
        (self.latency + self.jitter.mul_f64(2.0 * drawn)).saturating_sub(self.jitter)
    }
}

/// Sleeps to the end, if there is something to sleep.
pub(super) fn poll_sleep(
    sleep: &mut Option<Pin<Box<Sleep>>>,
    context: &mut Context<'_>,
) -> Poll<()> {
    if let Some(waiting) = sleep {
        ready!(waiting.as_mut().poll(context));
        *sleep = None;
    }
    Poll::Ready(())
}

/// A tenth of a second's worth at a time.
pub(super) fn piece_of(a_second: u64) -> u64 {
    (a_second / 10).max(1)
}

/// Keeps bytes to so many a second. What is small is not waited for by itself: timers are coarse, and HTTP/2 writes
/// thousands of small pieces.
#[derive(Default)]
pub(super) struct Pace {
    /// Until when the bytes that have passed take.
    until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// So much may come too early, and be made up for after a timer that was late.
const SLACK: Duration = Duration::from_millis(10);

impl Pace {
    pub(super) fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        poll_sleep(&mut self.sleep, context)
    }

    pub(super) fn passed(&mut self, bytes: usize, a_second: u64) {
        let now = Instant::now();
        let from = self.until.map_or(now, |until| {
            until.max(now.checked_sub(SLACK).unwrap_or(now))
        });
        let until = from + Duration::from_secs_f64(bytes as f64 / a_second as f64);
        self.until = Some(until);
        if until > now + SLACK {
            self.sleep = Some(Box::pin(tokio::time::sleep_until(until)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_its_bounds_and_is_the_same_in_every_run() {
        let latency = Latency {
            latency: Duration::from_millis(100),
            jitter: Duration::from_millis(20),
            seed: 7,
        };
        let turns: Vec<_> = (0..100).map(|turn| latency.of_turn(turn)).collect();
        let again: Vec<_> = (0..100).map(|turn| latency.of_turn(turn)).collect();
        assert_eq!(turns, again);
        let bounds = Duration::from_millis(80)..=Duration::from_millis(120);
        assert!(turns.iter().all(|turn| bounds.contains(turn)), "{turns:?}");
        assert!(turns.iter().any(|turn| *turn != turns[0]));
    }
}
