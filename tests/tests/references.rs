//! What a client is told of references is never old, and costs no child.

use std::fs;

use codecommit_mock::{Fidelity, MockServer};
use codecommit_tests::wire::{Wire, basic};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url};

/// One connection reads between pushes by git and changes that are made in the repository itself.
#[test]
fn a_reading_between_pushes_sees_each_of_them() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    lab.git(&["clone", &url(HOST, PATH), "work"]).ok();
    let mut wire = Wire::connect(&lab, HOST);
    for round in 0..12 {
        let id = lab.commit("work", &round.to_string());
        lab.push("work", "HEAD:main");
        let told = wire.info_refs(PATH, Some(&authorization)).text();
        assert!(told.contains(&format!("{} HEAD\0", id)), "{round}: {told}");
        assert!(
            told.contains(&format!("{} refs/heads/main\n", id)),
            "{round}: {told}"
        );
        if round % 3 == 0 {
            lab.in_repository(&["pack-refs", "--all"]);
        }
        lab.in_repository(&["update-ref", "refs/heads/aside", &id]);
        let told = wire.info_refs(PATH, Some(&authorization)).text();
        assert!(
            told.contains(&format!("{} refs/heads/aside\n", id)),
            "{round}: {told}"
        );
        assert!(
            told.contains(&format!("{} refs/heads/main\n", id)),
            "{round}: {told}"
        );
    }
}

#[test]
fn only_packs_need_a_child() {
    let mut fidelity = Fidelity::default();
    fidelity.set("protocol-version-2", "yes").unwrap();
    for (version, switches) in [("0", Fidelity::default()), ("2", fidelity)] {
        let lab = Lab::start(MockServer::builder().fidelity(switches));
        lab.log_in_as_alice();
        lab.config("protocol.version", version);
        let listed = lab
            .git(&["ls-remote", "--symref", &url(HOST, PATH)])
            .ok()
            .stdout;
        assert!(
            listed.contains(&format!("{}\trefs/heads/main", lab.head())),
            "{listed}"
        );
        assert_eq!(
            listed.contains("ref: refs/heads/main\tHEAD"),
            version == "2",
            "{listed}"
        );
        assert!(
            lab.exchanges()
                .iter()
                .all(|exchange| exchange.child.is_none())
        );
        lab.git(&["clone", "--quiet", &url(HOST, PATH), "work"])
            .ok();
        let children = lab
            .exchanges()
            .iter()
            .filter(|exchange| exchange.child.is_some())
            .count();
        assert_eq!(children, 1, "version {version}");
        lab.commit("work", "more");
        lab.push("work", "HEAD:main");
        let children = lab
            .exchanges()
            .iter()
            .filter(|exchange| exchange.child.is_some())
            .count();
        assert_eq!(children, 2, "version {version}");
    }
}

#[test]
fn what_is_not_read_in_process_is_advertised_by_git() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let config = lab.repository().join("config");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("{text}[transfer]\n\thideRefs = refs/heads\n"),
    )
    .unwrap();
    let listed = lab.git(&["ls-remote", &url(HOST, PATH)]).ok().stdout;
    assert!(!listed.contains("refs/heads/main"), "{listed}");
    assert!(
        lab.exchanges()
            .iter()
            .any(|exchange| exchange.child.is_some())
    );
}
