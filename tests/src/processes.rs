//! The programs that the server has started, and waiting for what they do.

#![expect(clippy::expect_used, reason = "a test cannot go on without")]

use std::thread;
use std::time::{Duration, Instant};

use crate::Lab;

/// Waits for a condition that another process brings about, and insists that it holds soon enough.
///
/// # Panics
/// It does not.
#[track_caller]
pub fn eventually(within: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < within, "not after {within:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The ids of running programs that name the laboratory's data folder.
#[cfg(target_os = "linux")]
pub fn children(lab: &Lab) -> Vec<String> {
    let folder = lab.server.data_dir().display().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")
        .expect("Linux has /proc")
        .flatten()
    {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&line).contains(&folder) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}
