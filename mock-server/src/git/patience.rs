//! How long a client is waited for: less while others wait for the turn that it has.

use std::fmt;
use std::pin::pin;
use std::time::{Duration, Instant};

use super::child::Queue;
use crate::limits::Limits;

/// What one client may take for each piece of a body.
#[derive(Debug)]
pub(super) struct Patience {
    silence: Duration,
    crowded_silence: Duration,
    /// Who waits while this client is waited for, once it has its turn.
    queue: Option<Queue>,
}

/// How long a client did nothing, at the end of patience with it.
#[derive(Debug)]
pub(super) struct Waited {
    time: Duration,
    is_waited_for: bool,
}

impl Patience {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            silence: limits.silence,
            crowded_silence: limits.crowded_silence,
            queue: None,
        }
    }

    /// From now on the client keeps others waiting.
    pub(super) fn occupies(&mut self, queue: &Queue) {
        self.queue = Some(queue.clone());
    }

    /// Waits for what the client is to do.
    pub(super) async fn wait<T>(&self, what: impl Future<Output = T>) -> Result<T, Waited> {
        let began = Instant::now();
        let mut what = pin!(what);
        loop {
            let left = self.silence.saturating_sub(began.elapsed());
            let turn = left.min(self.crowded_silence);
            if let Ok(done) = tokio::time::timeout(turn, &mut what).await {
                return Ok(done);
            }
            let is_over = began.elapsed() >= self.silence;
            let is_waited_for = self.queue.as_ref().is_some_and(Queue::is_waited_in);
            if is_over || is_waited_for {
                return Err(Waited {
                    time: if is_over {
                        self.silence
                    } else {
                        self.crowded_silence
                    },
                    is_waited_for: !is_over,
                });
            }
        }
    }
}

/// `for 10s, and others wait`.
impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "for {:?}", self.time)?;
        match self.is_waited_for {
            true => write!(f, ", and others wait"),
            false => Ok(()),
        }
    }
}
