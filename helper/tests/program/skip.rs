//! A test that cannot run says so where it is seen, and fails where it should have been able to.

use std::io::Write as _;
use std::path::Path;

/// Tells that the test at hand, or a part of it, does not run.
///
/// Where `CI` is `true` and `ci/install-peers.sh` has been run, nothing may be missing, and the test fails.
pub(crate) fn skipped(reason: &str) {
    told(reason);
    let peers = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/peers/bin");
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(
        !(in_ci && Path::new(peers).is_dir()),
        "skipped in CI, where the peers are installed: {reason}"
    );
}

/// The same for what `ci/install-peers.sh` does not bring everywhere: it may be missing in CI, too.
///
/// Straight to stderr: `cargo test` shows what `println!` and `eprintln!` print only when the test fails, so that one that
/// did nothing would look like one that passed.
pub(crate) fn told(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Nobody is left to tell if stderr is gone.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}
