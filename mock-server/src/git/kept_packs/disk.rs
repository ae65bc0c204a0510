//! How much of the disk is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The sum of all files of one server, those included that are forgotten and that somebody still reads.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    taken: Arc<AtomicU64>,
    largest: u64,
}

/// What a file has taken; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    disk: Disk,
    bytes: u64,
}

impl Disk {
    pub(super) fn of(largest: u64) -> Self {
        Self {
            taken: Arc::default(),
            largest,
        }
    }

    /// Of nothing yet.
    pub(super) fn share(&self) -> Share {
        Share {
            disk: self.clone(),
            bytes: 0,
        }
    }
}

impl Share {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more; false if there is not so much left.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let Disk { taken, largest } = &self.disk;
        let more = |taken: u64| taken.checked_add(bytes).filter(|sum| sum <= largest);
        let grown = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        if grown.is_ok() {
            self.bytes += bytes;
        }
        grown.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.disk.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
