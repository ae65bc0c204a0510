//! `new`: files to begin with.

use std::fs;

use super::Lab;

#[test]
fn a_new_scenario_is_in_order_and_green_as_it_stands() {
    for kind in ["failure", "walkthrough"] {
        let lab = Lab::new();
        fs::create_dir(lab.path("mine")).unwrap();
        let path = lab.path("mine/my-own.toml");
        let path = path.to_str().unwrap();
        let wrote = lab.run(&["new", path, "--kind", kind]);
        assert_eq!(wrote.code, Some(0), "{}", wrote.stderr);
        assert!(wrote.stdout.contains(&format!("run {path}")));
        let checked = lab.run(&["check", path]);
        assert_eq!((checked.code, &*checked.stderr), (Some(0), ""));
        let ran = lab.run(&["run", path]);
        assert_eq!(ran.code, Some(0), "{}", ran.stdout);
        ran.prints("mine/my-own");
        assert_eq!(lab.run(&["show", path]).code, Some(0));
    }
}

#[test]
fn a_new_world_is_in_order_and_can_be_served() {
    let lab = Lab::new();
    let path = lab.path("world.toml");
    let path = path.to_str().unwrap();
    assert_eq!(lab.run(&["new", path, "--kind", "world"]).code, Some(0));
    assert_eq!(lab.run(&["check", path]).stderr, "");
    let url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyRepo";
    let listed = lab.run(&["exec", "--world", path, "--", "git", "ls-remote", url]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(listed.stdout.contains("refs/heads/main"));
}

#[test]
fn nothing_is_overwritten() {
    let lab = Lab::new();
    let path = lab.path("mine.toml");
    fs::write(&path, "mine").unwrap();
    let ended = lab.run(&["new", path.to_str().unwrap()]);
    assert_eq!(ended.code, Some(2));
    ended.tells("it is there already");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn a_name_that_cannot_be_an_id_is_refused() {
    for name in ["My Failure.toml", "my-failure", ".toml"] {
        let lab = Lab::new();
        let ended = lab.run(&["new", lab.path(name).to_str().unwrap()]);
        assert_eq!(ended.code, Some(2), "{name}");
        ended.tells("= help:");
    }
}
