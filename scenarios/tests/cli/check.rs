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
    assert_eq!(ended.stdout, "3 files: 5 errors in 3 files\n");
    for told in [
        "error: unknown key `titel`",
        "= help: did you mean `title`?",
        "= help: did you mean `observed`?",
        "= help: did you mean `status`?",
        "= help: did you mean `AWSCodeCommitReadOnly`?",
        "mine.toml:9:1",
        "broken.toml:1:",
    ] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
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
    assert!(ended.stderr.contains("check the path"), "{}", ended.stderr);
    assert!(ended.stderr.contains("stauts"), "{}", ended.stderr);
}

#[test]
fn a_folder_without_files_is_nothing_to_check() {
    let lab = Lab::new();
    let folder = lab.temporary.path().to_str().unwrap();
    assert_eq!(lab.run(&["check", folder]).code, Some(4));
}
