//! What a client is told of references is never old, and costs no child.

use std::fs;
use std::path::PathBuf;

use codecommit_mock::{Fidelity, MockServer};
use codecommit_tests::wire::{Wire, basic};
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, url};

fn repository(lab: &Lab) -> PathBuf {
    let path = "repositories/111122223333/us-east-2/MyDemoRepo.git";
    lab.server.data_dir().join(path)
}

/// One connection reads between pushes by git and changes that are made in the repository itself.
#[test]
fn a_reading_between_pushes_sees_each_of_them() {
    let lab = Lab::demo();
    lab.log_in_as_alice();
    let authorization = basic(KEY_ID, &lab.password(HOST, PATH));
    lab.git(&["clone", &url(HOST, PATH), "work"]).ok();
    let mut wire = Wire::connect(&lab, HOST);
    let repository = repository(&lab);
    let in_repository = ["--git-dir", repository.to_str().unwrap()];
    for round in 0..12 {
        lab.git(&[
            "-C",
            "work",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            &format!("{round}"),
        ])
        .ok();
        let id = lab.git(&["-C", "work", "rev-parse", "HEAD"]).ok().stdout;
        lab.git(&["-C", "work", "push", "--quiet", "origin", "HEAD:main"])
            .ok();
        let told = wire.info_refs(PATH, Some(&authorization)).text();
        assert!(
            told.contains(&format!("{} HEAD\0", id.trim())),
            "{round}: {told}"
        );
        assert!(
            told.contains(&format!("{} refs/heads/main\n", id.trim())),
            "{round}: {told}"
        );
        if round % 3 == 0 {
            lab.git(&[&in_repository[..], &["pack-refs", "--all"]].concat())
                .ok();
        }
        lab.git(
            &[
                &in_repository[..],
                &["update-ref", "refs/heads/aside", id.trim()],
            ]
            .concat(),
        )
        .ok();
        let told = wire.info_refs(PATH, Some(&authorization)).text();
        assert!(
            told.contains(&format!("{} refs/heads/aside\n", id.trim())),
            "{round}: {told}"
        );
        assert!(
            told.contains(&format!("{} refs/heads/main\n", id.trim())),
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
        lab.git(&[
            "-C",
            "work",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "more",
        ])
        .ok();
        lab.git(&["-C", "work", "push", "--quiet", "origin", "HEAD:main"])
            .ok();
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
    let config = repository(&lab).join("config");
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
