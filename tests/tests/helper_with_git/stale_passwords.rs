//! Whatever other credential helper is configured, and in whatever order: a password that has expired is never used.

use crate::machine::{Machine, credential_manager, demo_url, gits, programs};

fn nothing_is_stale(other: &str, in_front: bool) {
    for git in gits() {
        let mut machine = Machine::new(&git);
        if in_front {
            machine.add_helper(other);
        }
        machine.add_helper(
            &programs()
                .join("git-credential-codecommit")
                .display()
                .to_string(),
        );
        if !in_front {
            machine.add_helper(other);
        }
        machine
            .git(&["config", "--global", "credential.useHttpPath", "true"])
            .ok();
        machine.work_for_an_hour(&demo_url());
        // An old git has the helpers behind ours store after we have had our turn; ours answers before them.
        if in_front || git.knows_ephemeral {
            assert!(machine.files_with_passwords().is_empty(), "{git:?}");
        }
        let statuses = machine.lab.exchanges();
        assert!(statuses.iter().all(|exchange| exchange.status != Some(403)));
        machine.stop_the_cache();
    }
}

#[test]
fn store_in_front() {
    nothing_is_stale("store", true);
}

#[test]
fn store_behind() {
    nothing_is_stale("store", false);
}

#[test]
fn cache_in_front() {
    nothing_is_stale("cache", true);
}

#[test]
fn cache_behind() {
    nothing_is_stale("cache", false);
}

#[test]
fn git_credential_manager_in_front() {
    let Some(manager) = credential_manager() else {
        println!("skipped: Git Credential Manager is not installed (ci/install-peers.sh)");
        return;
    };
    nothing_is_stale(&manager.display().to_string(), true);
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
