//! `setup` and `undo`, read back by git itself.

use std::fs;

use crate::gits::{self, Git};
use crate::sandbox::{HELPER, Sandbox};

const HOSTS: [&str; 6] = [
    "git-codecommit.us-east-2.amazonaws.com",
    "git-codecommit-fips.us-gov-west-1.amazonaws.com",
    "vpce-0b47-jkl.git-codecommit.us-east-1.vpce.amazonaws.com",
    "vpce-0b47-jkl.git-codecommit-fips.us-east-1.vpce.amazonaws.com",
    "git-codecommit.cn-north-1.amazonaws.com.cn",
    "vpce-0b47-jkl.git-codecommit.cn-north-1.vpce.amazonaws.com.cn",
];

/// What git would use for a repository on this host: the user name it gets, if any helper has one.
fn user_name(git: &Git, sandbox: &Sandbox, host: &str) -> Option<String> {
    let request = format!("protocol=https\nhost={host}\npath=v1/repos/MyDemoRepo\n");
    let outcome = git.run(sandbox, &["credential", "fill"], &request);
    let line = outcome
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("username="))?;
    Some(line.to_owned())
}

#[test]
fn every_kind_of_host_is_signed_for_and_no_other_is_touched() {
    for git in gits::all() {
        let sandbox = git.sandbox();
        fs::write(
            sandbox.path().join("gitconfig"),
            "[credential]\n\thelper = \"!f() { test $1 = get && echo username=stored && echo password=x; }; f\"\n",
        )
        .unwrap();
        assert_eq!(
            user_name(&git, &sandbox, HOSTS[0]).as_deref(),
            Some("stored")
        );
        let said = sandbox.run(&["setup"], "");
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        for host in HOSTS {
            let user = user_name(&git, &sandbox, host);
            assert_eq!(user.as_deref(), Some("AKIAIOSFODNN7EXAMPLE"), "{host}");
        }
        for host in ["github.com", "codecommit.us-east-2.amazonaws.com"] {
            assert_eq!(user_name(&git, &sandbox, host).as_deref(), Some("stored"));
        }
    }
}

#[test]
fn undo_restores_every_byte_in_every_scope() {
    for git in gits::all() {
        for (option, file) in [
            ("--global", ".gitconfig"),
            ("--system", "gitconfig"),
            ("--local", "repository/.git/config"),
        ] {
            for before in [
                None,
                Some(""),
                Some("[user]\n\tname = Alice"),
                Some("# mine\r\n[credential]\r\n\thelper = store\r\n\r\n"),
            ] {
                let sandbox = git.sandbox();
                git.says(&sandbox, &["init", "--quiet", "repository"], "");
                let file = sandbox.path().join(file);
                // A repository has one.
                let before = match (before, option) {
                    (None, "--local") => Some(fs::read_to_string(&file).unwrap()),
                    (before, _) => before.map(str::to_owned),
                };
                if let Some(before) = &before {
                    fs::write(&file, before).unwrap();
                }
                let repository = sandbox.path().join("repository").display().to_string();
                let sandbox = sandbox.variable("GIT_DIR", &format!("{repository}/.git"));
                for _ in 0..2 {
                    let said = sandbox.run(&["setup", option, "--profile", "Code Commit"], "");
                    assert_eq!(said.code, 0, "{said:?}");
                }
                let settings = git.says(&sandbox, &["config", option, "--list"], "");
                let helper = format!("helper={HELPER} --profile 'Code Commit'");
                assert_eq!(settings.matches(&helper).count(), 6, "{settings}");

                let said = sandbox.run(&["undo", option], "");
                assert_eq!(said.code, 0, "{said:?}");
                assert_eq!(fs::read_to_string(&file).ok(), before, "{option} {git:?}");
            }
        }
    }
}

#[test]
fn a_dry_run_shows_it_and_writes_nothing() {
    for git in gits::all() {
        let sandbox = git.sandbox();
        let args = [
            "setup",
            "--dry-run",
            "--region",
            "eu-west-1",
            "--profile",
            "it's",
        ];
        let said = sandbox.run(&args, "");
        assert_eq!((said.code, said.stderr.as_str()), (0, ""));
        assert!(!sandbox.path().join(".gitconfig").exists());
        for part in [
            "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper =\n",
            "\thelper = \"",
            "\tuseHttpPath = true\n[credential \"https://git-codecommit-fips.*",
            "[credential \"https://git-codecommit.eu-west-1.amazonaws.com\"]",
            "git config --global --add 'credential.https://git-codecommit.*.amazonaws.com.helper' ''\n",
            "git config --global --add \"credential.https://git-codecommit.*.amazonaws.com.helper\" \"\"\n",
        ] {
            assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
        }

        // The commands for a shell do what `setup` does.
        let commands: Vec<&str> = said
            .stdout
            .split("in a POSIX shell:\n")
            .nth(1)
            .and_then(|rest| rest.split("the same by hand, in cmd.exe").next())
            .unwrap()
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        let shell = std::path::Path::new("/bin/sh");
        let outcome = sandbox.run_program(shell, &["-ec", &commands.join("\n")], "");
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let by_hand = git.says(&sandbox, &["config", "--global", "--list"], "");
        fs::remove_file(sandbox.path().join(".gitconfig")).unwrap();
        let args: Vec<&str> = args.into_iter().filter(|arg| *arg != "--dry-run").collect();
        assert_eq!(sandbox.run(&args, "").code, 0);
        assert_eq!(
            git.says(&sandbox, &["config", "--global", "--list"], ""),
            by_hand
        );
    }
}

#[test]
fn undo_leaves_what_git_config_has_put_among_our_lines() {
    for git in gits::all() {
        let sandbox = git.sandbox();
        assert_eq!(sandbox.run(&["setup"], "").code, 0);
        let key = "credential.https://git-codecommit.*.amazonaws.com.username";
        git.says(&sandbox, &["config", "--global", key, "AKIA"], "");
        assert_eq!(sandbox.run(&["undo"], "").code, 0);
        let settings = git.says(&sandbox, &["config", "--global", "--list"], "");
        assert_eq!(settings, format!("{key}=AKIA\n"));
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let git = &gits::all()[0];
    let sandbox = git.sandbox();
    let lock = sandbox.path().join(".gitconfig.lock");
    fs::write(&lock, "").unwrap();
    let said = sandbox.run(&["setup"], "");
    assert_eq!((said.code, said.stdout.as_str()), (1, ""));
    assert!(said.stderr.contains(".gitconfig.lock"), "{said:?}");
    assert!(lock.exists());

    let said = sandbox.run(&["setup", "--local"], "");
    assert_eq!(said.code, 1);
    assert!(
        said.stderr
            .contains("failed to find git's local configuration")
    );

    let said = sandbox.run(&["undo"], "");
    assert_eq!(said.code, 0);
    assert!(said.stdout.ends_with(".gitconfig: there is no such file\n"));

    for args in [["get", "--global"], ["get", "--dry-run"]] {
        let said = sandbox.run(&args, "");
        assert_eq!(said.code, 2);
        assert!(
            said.stderr.contains("is for `setup` and `undo`"),
            "{said:?}"
        );
    }
}

#[test]
fn a_file_that_git_cannot_read_is_left_as_it_is() {
    for git in gits::all() {
        let sandbox = git.sandbox();
        let file = sandbox.path().join(".gitconfig");
        let broken = "[user]\n\tname = alice\n[credential \"x\n";
        fs::write(&file, broken).unwrap();
        let said = sandbox.run(&["setup"], "");
        assert_eq!((said.code, said.stdout.as_str()), (1, ""));
        assert!(
            said.stderr.contains("which git cannot read") && said.stderr.contains("line 3"),
            "{said:?}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
}

#[test]
fn a_profile_that_does_not_exist_yet_is_worth_a_warning() {
    let git = &gits::all()[0];
    let sandbox = git.sandbox();
    let said = sandbox.run(&["setup", "--profile", "defalt"], "");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(
        said.stdout
            .contains("warning: as things stand, git will fail to find profile `defalt`"),
        "{said:?}"
    );
    let aws = sandbox.path().join(".aws");
    fs::create_dir_all(&aws).unwrap();
    fs::write(aws.join("config"), "[default]\nregion = us-east-2\n").unwrap();
    let said = sandbox.run(&["setup", "--profile", "default"], "");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(!said.stdout.contains("warning"), "{said:?}");
}
