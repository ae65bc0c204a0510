//! `check`: everything that is wrong with the files one writes.

use std::fs;

use super::Lab;

#[test]
fn all_errors_of_all_files_are_told_in_one_go() {
    let lab = Lab::new();
    fs::create_dir(lab.path("area")).unwrap();
    fs::write(
        lab.path("area/mine.toml"),
        "id = \"mine\"\ntitel = \"x\"\ntitle = \"x\"\nsource = { page = \"x\" }\nevidence = \"obsrved\"\n\
         platforms = [\"linux\"]\n[[step]]\nrun = \"true\"\nstauts = 0\n",
    )
    .unwrap();
    fs::write(
        lab.path("area/world.toml"),
        "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"bob\"\n\
         managed_policies = [\"AWSCodeCommitReadonly\"]\n",
    )
    .unwrap();
    fs::write(lab.path("area/broken.toml"), "id = \n").unwrap();
    let folder = lab.path("area");
    let ended = lab.run(&["check", folder.to_str().unwrap()]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    // Nobody knows what is behind what is no TOML.
    assert_eq!(
        ended.stdout,
        "3 files: 5 errors in 3 files; more may follow once these are mended\n"
    );
    for told in [
        "error: unknown key `titel`",
        "= help: did you mean `title`?",
        "= help: did you mean `observed`?",
        "= help: did you mean `status`?",
        "= help: did you mean `AWSCodeCommitReadOnly`?",
        "mine.toml:9:1",
        "broken.toml:1:",
    ] {
        ended.tells(told);
    }
}

const CLIENT: &str = r#"name = "mine"
title = "Mine"
version = "true"
credentials = "url"
[network]
[commands]
clone = "git clone"
"#;

#[test]
fn a_client_file_beside_scenarios_is_checked_as_one_and_not_run() {
    let lab = Lab::new();
    let mine = lab.path("mine.toml");
    assert_eq!(lab.run(&["new", mine.to_str().unwrap()]).code, Some(0));
    fs::write(lab.path("client.toml"), CLIENT).unwrap();
    fs::write(
        lab.path("helper.toml"),
        "name = \"x\"\ntitle = \"x\"\ncommand = \"x\"\n",
    )
    .unwrap();
    let folder = lab.temporary.path().to_str().unwrap();
    let ended = lab.run(&["check", folder]);
    assert_eq!(
        (&*ended.stdout, &*ended.stderr),
        ("3 files: all in order\n", "")
    );
    let ended = lab.run(&["run", folder]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = "\n1 passed, 0 failed, 0 skipped\n";
    assert!(ended.stdout.ends_with(told), "{}", ended.stdout);
    let ended = lab.run(&["run", lab.path("client.toml").to_str().unwrap()]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let told = "= help: codecommit-lab conformance client --client ";
    ended.tells(told);
}

#[test]
fn all_errors_of_a_client_file_are_told_by_check_and_by_the_command_that_reads_it() {
    let lab = Lab::new();
    let path = lab.path("client.toml");
    let bad = CLIENT
        .replace("title", "titel")
        .replace("\"url\"", "\"uri\"")
        .replace("clone =", "cloned =");
    fs::write(&path, bad).unwrap();
    let path = path.to_str().unwrap();
    for arguments in [
        &["check", path][..],
        &["conformance", "client", "--client", path],
    ] {
        let ended = lab.run(arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            !ended.stdout.contains("more may follow"),
            "{}",
            ended.stdout
        );
        for told in [
            "client.toml:2:1",
            "= help: did you mean `title`?",
            "client.toml:4:15",
            "= help: did you mean `url`?",
            "client.toml:7:1",
            "= help: did you mean `clone`?",
        ] {
            ended.tells(told);
        }
        assert_eq!(ended.stderr.matches("error: ").count(), 3);
    }
}

#[test]
fn the_clients_and_helpers_that_are_built_in_are_in_order() {
    for folder in ["clients", "helpers"] {
        let folder = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        let ended = Lab::new().run(&["check", &folder]);
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    }
}

#[test]
fn the_catalog_is_in_order() {
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog");
    let ended = Lab::new().run(&["check", catalog]);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert!(ended.stdout.ends_with(" files: all in order\n"));
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_the_others_are_checked() {
    let ended = Lab::new().run(&["check", "none.toml", "misspelt.toml"]);
    assert_eq!(ended.code, Some(2));
    ended.tells("check the path");
    ended.tells("stauts");
}

#[test]
fn a_folder_without_files_is_nothing_to_check() {
    let lab = Lab::new();
    let folder = lab.temporary.path().to_str().unwrap();
    assert_eq!(lab.run(&["check", folder]).code, Some(4));
}
