//! The world of a running server is replaced: at once for new requests, never for one that is in flight.

use std::fs;
use std::sync::Arc;

use codecommit_helper::secret::Secret;
use codecommit_mock::world::{Seed, Session, SessionHolder, World};
use codecommit_tests::wire::{Wire, basic};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, SECRET, url};

/// The demo world, changed.
fn demo_but(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::demo();
    change(&mut world);
    world
}

#[test]
fn repositories_that_stay_keep_what_was_pushed_and_new_ones_are_seeded() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    lab.commit("work", "Mine");
    lab.push("work", "main");
    let pushed = lab.head();

    let another = demo_but(|world| {
        let repository = &mut world.accounts[0].repositories[0];
        repository.name = "Another".parse().unwrap();
        repository.created_as = repository.name.clone();
    });
    lab.server.set_world(another).unwrap();
    lab.git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "not found");
    assert_eq!(lab.last_verdict(), "repository-not-found");
    lab.log_in(KEY_ID, &lab.password(HOST, "/v1/repos/Another"));
    let seeded = lab
        .git(&["ls-remote", &url(HOST, "/v1/repos/Another"), "main"])
        .ok()
        .stdout;
    assert!(seeded.contains("refs/heads/main"), "{seeded}");
    assert!(!seeded.contains(&pushed), "{seeded}");

    // The seed says otherwise now, but what is on disk is what there is.
    let back = demo_but(|world| world.accounts[0].repositories[0].seed = Seed::Empty);
    lab.server.set_world(back).unwrap();
    lab.log_in_as_alice();
    let refs = lab.git(&["ls-remote", &url(HOST, PATH), "main"]).ok();
    assert!(refs.stdout.starts_with(&pushed), "{refs:?}");
}

#[test]
fn a_renamed_repository_keeps_what_was_pushed_and_is_gone_under_its_old_name() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    lab.git(&["clone", "-q", &url(HOST, PATH), "work"]).ok();
    lab.commit("work", "Mine");
    lab.push("work", "main");
    let pushed = lab.head();

    let renamed =
        demo_but(|world| world.accounts[0].repositories[0].rename("Renamed".parse().unwrap()));
    lab.server.set_world(renamed).unwrap();
    lab.git(&["ls-remote", &url(HOST, PATH)])
        .fails(128, "not found");
    assert_eq!(lab.last_verdict(), "repository-not-found");
    lab.log_in(KEY_ID, &lab.password(HOST, "/v1/repos/Renamed"));
    let refs = lab
        .git(&["ls-remote", &url(HOST, "/v1/repos/Renamed"), "main"])
        .ok();
    assert!(refs.stdout.starts_with(&pushed), "{refs:?}");
}

#[test]
fn a_request_in_flight_keeps_the_world_it_came_into() {
    let lab = Lab::demo();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    let ask = |wire: &mut Wire| {
        let request = format!("POST {PATH}/git-upload-pack");
        let headers = [
            ("Authorization", &*authorization),
            ("Content-Type", "application/x-git-upload-pack-request"),
            ("Content-Length", "4"),
        ];
        wire.head(&request, &headers);
    };
    let mut wire = Wire::connect(&lab, HOST);
    ask(&mut wire);
    // It waits for its body now, with the first world in its hands.
    while lab.server.journal().exchanges().is_empty() {
        std::thread::yield_now();
    }
    lab.server.set_world(World::empty()).unwrap();
    wire.send(b"0000");
    assert_eq!(wire.answer().status, 200);
    ask(&mut wire);
    wire.send(b"0000");
    assert_eq!(wire.answer().status, 403);
    assert_eq!(lab.last_verdict(), "access-key-unknown");
}

#[test]
fn what_was_issued_stays_good_for_whoever_is_still_there() {
    let lab = Lab::demo();
    let before = lab.server.world();
    let session = |id: &str, user: &str| Session {
        id: id.to_owned(),
        secret: Secret::new("s3cret-of-a-session"),
        token: Secret::new("t0ken"),
        expires: None,
        holder: SessionHolder::User(user.to_owned()),
        mfa_authenticated: false,
        policy: None,
    };
    let account = before.accounts[0].id.clone();
    before.issue(account.clone(), session("ASIAEARLIEREXAMPLE00", "alice"));
    lab.server
        .set_world(demo_but(|world| world.accounts[0].repositories.clear()))
        .unwrap();
    // A request that is still in the former world issues there.
    before.issue(account, session("ASIALATEREXAMPLE0000", "alice"));
    let now = lab.server.world();
    assert!(!Arc::ptr_eq(&before, &now));
    assert!(now.key("ASIAEARLIEREXAMPLE00").is_some());
    assert!(now.key("ASIALATEREXAMPLE0000").is_some());

    lab.server.set_world(World::empty()).unwrap();
    assert!(lab.server.world().key("ASIAEARLIEREXAMPLE00").is_none());
    let secrets = lab.server.secrets();
    for former in [SECRET, "s3cret-of-a-session", "t0ken"] {
        assert!(secrets.iter().any(|secret| secret.expose() == former));
    }
}

#[test]
fn a_world_that_cannot_be_put_on_disk_changes_nothing() {
    let lab = Lab::demo();
    let missing = lab.home().join("no-such-repository");
    let broken = demo_but(|world| {
        let mut other = world.accounts[0].repositories[0].clone();
        other.name = "Other".parse().unwrap();
        other.created_as = other.name.clone();
        other.seed = Seed::Path(missing.clone());
        world.accounts[0].repositories = vec![other];
    });
    let error = lab.server.set_world(broken).unwrap_err().to_string();
    assert!(error.contains("no-such-repository"), "{error}");
    lab.log_in_as_alice();
    lab.git(&["ls-remote", &url(HOST, PATH)]).ok();
    let folder = lab
        .server
        .data_dir()
        .join("repositories/111122223333/us-east-2");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}
