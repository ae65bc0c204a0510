//! Whatever other credential helper is configured, and in whatever order: a password that has expired is never used.

use crate::machine::{Machine, credential_manager, demo_url, gits, programs};

/// Where another helper stands in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    InFront,
    Behind,
    /// Ours stands in front of it, and once more behind it.
    Between,
}

fn nothing_is_stale(other: &str, place: Other) {
    let ours = programs().join("git-credential-codecommit");
    let ours = ours.display().to_string();
    let helpers = match place {
        Other::InFront => vec![other, &ours],
        Other::Behind => vec![&ours, other],
        Other::Between => vec![&ours, other, &ours],
    };
    for git in gits() {
        let mut machine = Machine::new(&git);
        for helper in &helpers {
            machine.add_helper(helper);
        }
        machine.lab.config("credential.useHttpPath", "true");
        machine.work_for_an_hour(&demo_url());
        // Git has a helper behind ours store after ours has had its turn, and only `cache` heeds `ephemeral`. Ours answers
        // before it, so that what it keeps is not used.
        if place != Other::Behind {
            assert!(machine.files_with_passwords().is_empty(), "{git:?}");
        }
        if place != Other::Behind || (other == "cache" && git.knows_ephemeral) {
            let asked = ["-c", "credential.helper=", "-c"];
            let helper = format!("credential.helper={other}");
            let url = demo_url();
            let alone = [&asked[..], &[&helper, "ls-remote", &url]].concat();
            let said = machine.git(&alone);
            said.fails(128, "could not read Username");
        }
        let statuses = machine.lab.exchanges();
        assert!(statuses.iter().all(|exchange| exchange.status != Some(403)));
        machine.stop_the_cache();
    }
}

#[test]
fn store_in_front() {
    nothing_is_stale("store", Other::InFront);
}

#[test]
fn store_behind() {
    nothing_is_stale("store", Other::Behind);
}

#[test]
fn store_between() {
    nothing_is_stale("store", Other::Between);
}

#[test]
fn cache_in_front() {
    nothing_is_stale("cache", Other::InFront);
}

#[test]
fn cache_behind() {
    nothing_is_stale("cache", Other::Behind);
}

#[test]
fn cache_between() {
    nothing_is_stale("cache", Other::Between);
}

fn git_credential_manager(place: Other) {
    if let Some(manager) = credential_manager() {
        nothing_is_stale(&manager.display().to_string(), place);
    }
}

#[test]
fn git_credential_manager_in_front() {
    git_credential_manager(Other::InFront);
}

#[test]
fn git_credential_manager_behind() {
    git_credential_manager(Other::Behind);
}

#[test]
fn git_credential_manager_between() {
    git_credential_manager(Other::Between);
}

#[test]
fn after_setup_a_helper_in_front_is_not_even_asked() {
    for git in gits() {
        let mut machine = Machine::new(&git);
        let log = machine.lab.home().join("asked");
        machine.add_helper(&format!("!f() {{ echo \"$1\" >>'{}'; }}; f", log.display()));
        let said = machine.ours(&["setup"]).ok();
        assert!(said.stdout.contains("6 sections"), "{said:?}");
        machine.work_for_an_hour(&demo_url());
        assert!(!log.exists(), "{git:?}");
        assert!(machine.files_with_passwords().is_empty());
    }
}

#[test]
fn an_error_ends_the_command_and_nobody_is_asked_for_a_password() {
    for git in gits() {
        let machine = Machine::new(&git);
        machine
            .ours(&["setup", "--profile", "no such profile"])
            .ok();
        let said = machine.git(&["ls-remote", &demo_url()]);
        let said = said.fails(
            128,
            "failed to find profile `no such profile` (named by --profile)",
        );
        assert!(said.stderr.contains("told us to quit"), "{said:?}");
        assert!(!said.stderr.contains("could not read Username"), "{said:?}");
    }
}
