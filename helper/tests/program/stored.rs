//! No stale password stays behind, whatever helper is in front of ours or behind it.
//!
//! `git credential fill` and `approve` are what git does before and after a request that worked.

use std::fs;

use crate::gits::{self, Git};
use crate::sandbox::{HELPER, REQUEST, Sandbox};

/// Asks as git's HTTP client asks, and reports success.
fn use_a_password(git: &Git, sandbox: &Sandbox) -> String {
    let capability = if git.knows_ephemeral() {
        "capability[]=authtype\n"
    } else {
        ""
    };
    let request = format!("{capability}{REQUEST}");
    let filled = git.says(sandbox, &["credential", "fill"], &request);
    git.says(sandbox, &["credential", "approve"], &filled);
    filled
}

/// What a helper would answer with now, if ours were not there.
fn answer_of(git: &Git, sandbox: &Sandbox, helper: &str) -> Option<String> {
    let args = [
        "-c",
        "credential.helper=",
        "-c",
        &format!("credential.helper={helper}"),
        "credential",
        "fill",
    ];
    let outcome = git.run(sandbox, &args, REQUEST);
    (outcome.code == 0).then_some(outcome.stdout)
}

/// The helpers, each a line in the user's configuration.
fn configured(git: &Git, helpers: &[&str]) -> Sandbox {
    let sandbox = git.sandbox();
    for helper in helpers {
        let args = ["config", "--global", "--add", "credential.helper", helper];
        git.says(&sandbox, &args, "");
    }
    let args = ["config", "--global", "credential.useHttpPath", "true"];
    git.says(&sandbox, &args, "");
    sandbox
}

fn nothing_stays(other: &str, in_front: bool) {
    for git in gits::all() {
        let helpers = match in_front {
            true => [other, HELPER],
            false => [HELPER, other],
        };
        let sandbox = configured(&git, &helpers);
        let first = use_a_password(&git, &sandbox);
        assert!(first.contains("username=AKIAIOSFODNN7EXAMPLE\n"), "{first}");
        // 2.39 does not know the expiry, and sends none to its helpers.
        let expires = first.contains("password_expiry_utc=");
        assert_eq!(expires, git.version >= (2, 40), "{first}");
        assert_eq!(first.contains("ephemeral=1\n"), git.knows_ephemeral());
        // A helper behind ours stores after ours has had its turn, and only the cache heeds `ephemeral`.
        if in_front || (other == "cache" && git.knows_ephemeral()) {
            assert_eq!(answer_of(&git, &sandbox, other), None, "{git:?}");
        }
        // An hour later it is our helper that answers, and with a new password.
        let later = sandbox.variable("CODECOMMIT_HELPER_CLOCK", "+1h");
        let second = use_a_password(&git, &later);
        assert_ne!(password(&second), password(&first), "{git:?}");
        stop_the_daemon(&git, &later);
    }
}

fn password(filled: &str) -> &str {
    let mut lines = filled.lines();
    lines
        .find_map(|line| line.strip_prefix("password="))
        .unwrap()
}

/// `git credential-cache` leaves a process behind.
fn stop_the_daemon(git: &Git, sandbox: &Sandbox) {
    let _ = git.run(sandbox, &["credential-cache", "exit"], "");
}

#[test]
fn in_the_store_in_front() {
    nothing_stays("store", true);
}

#[test]
fn in_the_store_behind() {
    nothing_stays("store", false);
}

#[test]
fn in_the_cache_in_front() {
    nothing_stays("cache", true);
}

#[test]
fn in_the_cache_behind() {
    nothing_stays("cache", false);
}

#[test]
fn in_git_credential_manager_in_front() {
    if let Some(manager) = gits::credential_manager() {
        nothing_stays(&manager.display().to_string(), true);
    }
}

#[test]
fn in_git_credential_manager_behind() {
    if let Some(manager) = gits::credential_manager() {
        nothing_stays(&manager.display().to_string(), false);
    }
}

#[test]
fn with_no_scrub_the_store_in_front_keeps_it() {
    for git in gits::all() {
        let sandbox = configured(&git, &["store", &format!("{HELPER} --no-scrub")]);
        let first = use_a_password(&git, &sandbox);
        let later = sandbox.variable("CODECOMMIT_HELPER_CLOCK", "+1h");
        let second = use_a_password(&git, &later);
        assert_eq!(password(&second), password(&first), "{git:?}");
    }
}

#[test]
fn what_others_have_stored_for_other_users_paths_and_hosts_stays() {
    const KEPT: &str = "https://bob:static@git-codecommit.us-east-1.amazonaws.com/v1/repos/MyDemoRepo\n\
                        https://AKIAIOSFODNN7EXAMPLE:x@git-codecommit.us-east-1.amazonaws.com/v1/repos/Other\n\
                        https://AKIAIOSFODNN7EXAMPLE:x@github.com/v1/repos/MyDemoRepo\n";
    for git in gits::all() {
        // Behind: else it would answer as bob.
        let sandbox = configured(&git, &[HELPER, "store"]);
        let file = sandbox.path().join(".git-credentials");
        fs::write(&file, KEPT).unwrap();
        use_a_password(&git, &sandbox);
        use_a_password(&git, &sandbox);
        let stored = fs::read_to_string(&file).unwrap();
        for line in KEPT.lines() {
            assert!(stored.contains(line), "{git:?}: {stored}");
        }
    }
}
