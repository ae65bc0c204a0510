//! `codecommit://` URLs: they work, and leave no secret anywhere.

use std::fs;

use crate::machine::{Machine, credential_manager, gits, has_password};
use codecommit_tests::SECRET;

const URL: &str = "codecommit::us-east-2://MyDemoRepo";

/// With a helper in front that would store whatever it is given.
fn machines() -> Vec<Machine> {
    let mut machines = Vec::new();
    let mut helpers = vec!["store".to_owned()];
    helpers.extend(credential_manager().map(|program| program.display().to_string()));
    for git in gits() {
        for helper in &helpers {
            let machine = Machine::new(&git);
            machine.add_helper(helper);
            machines.push(machine);
        }
    }
    machines
}

#[test]
fn they_are_cloned_fetched_and_pushed() {
    for mut machine in machines() {
        machine.work_for_an_hour(URL);
        assert!(machine.files_with_passwords().is_empty());
        let remote = machine
            .git(&["-C", "work", "remote", "get-url", "origin"])
            .ok();
        assert_eq!(remote.stdout.trim_end(), URL);
    }
}

/// Git reads the settings of `git -c` after those of files and of `GIT_CONFIG_COUNT`.
#[test]
fn a_helper_that_is_named_on_the_command_line_is_told_nothing_either() {
    for git in gits() {
        let machine = Machine::new(&git);
        let settings = ["-c", "credential.helper=store", "ls-remote", URL];
        machine.git(&settings).ok();
        assert!(machine.files_with_passwords().is_empty(), "{git:?}");
    }
}

#[test]
fn no_secret_is_in_a_trace() {
    for machine in machines() {
        let mut command = machine.command(&gits()[0].program);
        for trace in ["GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT"] {
            command.env(trace, machine.lab.home().join(trace));
        }
        let said: codecommit_tests::Said =
            command.args(["ls-remote", URL]).output().unwrap().into();
        said.ok();
        for trace in ["GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT"] {
            let text = fs::read(machine.lab.home().join(trace)).unwrap();
            assert!(!text.is_empty() && !has_password(&text), "{trace}");
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains(SECRET), "{trace}");
        }
    }
}

#[test]
fn the_profile_and_the_region_come_from_the_configuration() {
    for git in gits() {
        let machine = Machine::new(&git);
        let folder = machine.lab.home().join(".aws");
        fs::create_dir(&folder).unwrap();
        fs::write(
            folder.join("config"),
            format!(
                "[profile \"Code Commit\"]\nregion = us-east-2\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                 aws_secret_access_key = {SECRET}\n[profile wrong]\nregion = us-east-2\naws_access_key_id = AKIAWRONG\n\
                 aws_secret_access_key = x\n"
            ),
        )
        .unwrap();
        let url = "codecommit://Code Commit@MyDemoRepo";
        machine.git(&["ls-remote", url]).ok();
        // The profile of the URL counts, though the environment has a key that would work.
        machine
            .git(&["ls-remote", "codecommit://wrong@MyDemoRepo"])
            .fails(128, "403");
        machine
            .git(&["ls-remote", "codecommit://MyDemoRepo"])
            .fails(
                128,
                "The following profile does not have an AWS Region: default.",
            );
        machine
            .git(&["ls-remote", "codecommit://gone@MyDemoRepo"])
            .fails(128, "The following profile was not found: gone. Available profiles are: Code Commit, wrong.");
    }
}
