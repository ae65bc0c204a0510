//! A push of more than `http.postBuffer`. Git begins it with a probe, a request of four bytes, to have logged in before it
//! sends the pack; a helper that answers in a form that git leaves out of the probe breaks such pushes and no others.

use std::fs;

use codecommit_tests::{HOST, noise};

use crate::machine::{Git, Machine, credential_manager, demo_url, gits, programs};

/// Git's `http.postBuffer` is 1 MiB.
const SIZE: usize = 3_000_000;

/// Where the helper comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The user's configuration names `git-credential-codecommit`.
    Configured,
    /// The URL begins with `codecommit::`, and nothing is configured.
    RemoteHelper,
}

/// `git config http.version`, and what the server sees.
const VERSIONS: [(&str, &str); 2] = [("HTTP/1.1", "HTTP/1.1"), ("HTTP/2", "HTTP/2.0")];

fn machine(git: &Git, way: Way, in_front: Option<&str>, version: &str) -> Machine {
    let machine = Machine::new(git);
    let helper = programs().join("git-credential-codecommit");
    if let Some(other) = in_front {
        machine.add_helper(other);
    }
    if way == Way::Configured {
        machine.add_helper(&helper.display().to_string());
        machine.lab.config("credential.useHttpPath", "true");
    }
    machine.lab.config("http.version", version);
    machine
}

/// Pushes what a clone then has, and what a fetch in that clone has a quarter of an hour later.
fn large_pushes_arrive(way: Way, in_front: Option<&str>) {
    let url = match way {
        Way::Configured => demo_url(),
        Way::RemoteHelper => "codecommit::us-east-2://MyDemoRepo".to_owned(),
    };
    for git in gits() {
        for (version, seen) in VERSIONS {
            let mut machine = machine(&git, way, in_front, version);
            machine.git(&["clone", "-q", &url, "work"]).ok();
            for (seed, get) in [
                (1, &["clone", "-q", &url, "copy"][..]),
                (2, &["-C", "copy", "pull", "-q", "--ff-only"]),
            ] {
                let pushed = noise(seed, SIZE);
                fs::write(machine.lab.home().join("work/noise"), &pushed).unwrap();
                machine.git(&["-C", "work", "add", "noise"]).ok();
                machine.git(&["-C", "work", "commit", "-q", "-m", "x"]).ok();
                let mark = machine.lab.server.journal().mark();
                let push = machine.git(&["-C", "work", "push", "-q", "origin", "main"]);
                assert_eq!(push.status, Some(0), "{git:?} {version}: {push:?}");
                machine.git(get).ok();
                let arrived = fs::read(machine.lab.home().join("copy/noise")).unwrap();
                assert!(arrived == pushed, "{git:?} {version}");

                // Else the push was none of those that this is about.
                machine.lab.exchanges();
                let exchanges = machine.lab.server.journal().since(mark);
                assert!(
                    exchanges.iter().any(|exchange| {
                        exchange.path.ends_with("/git-receive-pack")
                            && exchange.request_bytes == 4
                            && exchange.status == Some(200)
                    }),
                    "{git:?} {version}: {exchanges:?}"
                );
                for exchange in exchanges.iter().filter(|exchange| exchange.host == HOST) {
                    assert_eq!(exchange.protocol, seen);
                    assert_ne!(exchange.status, Some(403));
                }
                machine.later(16);
            }
            assert!(machine.files_with_passwords().is_empty(), "{git:?}");
        }
    }
}

#[test]
fn with_our_helper_alone() {
    large_pushes_arrive(Way::Configured, None);
}

#[test]
fn with_store_in_front() {
    large_pushes_arrive(Way::Configured, Some("store"));
}

#[test]
fn with_git_credential_manager_in_front() {
    if let Some(manager) = credential_manager() {
        large_pushes_arrive(Way::Configured, Some(&manager.display().to_string()));
    }
}

#[test]
fn with_our_remote_helper() {
    large_pushes_arrive(Way::RemoteHelper, None);
}

#[test]
fn with_our_remote_helper_and_store_configured() {
    large_pushes_arrive(Way::RemoteHelper, Some("store"));
}
