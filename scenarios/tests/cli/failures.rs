//! What is said when something is wrong, and the exit code it leads to.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Lab, normal, run, text};

#[test]
fn a_scenario_that_does_not_hold_is_shown_failing() {
    let ended = run(&["does-not-hold.toml"]);
    assert_eq!(ended.code, Some(100));
    assert_eq!(ended.stderr, "");
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn a_symptom_with_another_cause_fails() {
    let ended = run(&["another-cause.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn a_challenge_that_was_answered_is_no_cause() {
    let ended = run(&["challenge-is-no-cause.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn a_fix_that_the_server_does_not_see_mends_nothing() {
    let ended = run(&["mends-nothing.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn a_symptom_that_is_told_in_other_words_fails() {
    let ended = run(&["told-in-other-words.toml"]);
    assert_eq!(ended.code, Some(100));
    // Versions of git differ in what they say beside it.
    for told in [
        "error: the symptom has another cause\n  --> told-in-other-words.toml:12:8\n",
        "expected a step that fails without a refused request, in which the remote helper says \"The following profile was not found\"\n",
        "symptom 1 fails, and the server refused nothing in the end\n",
        "the remote helper: git-remote-codecommit: The following URL is malformed: MyDemoRepo.",
    ] {
        ended.prints(told);
    }
}

#[test]
fn what_somebody_else_says_is_no_cause() {
    let ended = run(&["told-by-another.toml"]);
    assert_eq!(ended.code, Some(100));
    // Versions of git differ in what they say beside it.
    for told in [
        "error: the symptom has another cause\n  --> told-by-another.toml:12:8\n",
        "expected a step that fails without a refused request, in which git says \"The following URL is malformed\"\n",
        "symptom 1 fails, and the server refused nothing in the end\n",
        "the remote helper: git-remote-codecommit: The following URL is malformed: MyDemoRepo.",
    ] {
        ended.prints(told);
    }
}

#[test]
fn what_is_told_is_no_cause_where_the_server_refuses() {
    let ended = run(&["refused-not-told.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn a_report_that_refuses_a_push_has_to_say_what_the_cause_says() {
    let ended = run(&["reported-in-other-words.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn another_command_that_succeeds_without_the_server_mends_nothing() {
    let ended = run(&["mends-nothing-either.toml"]);
    assert_eq!(ended.code, Some(100));
    insta::assert_snapshot!(normal(&ended.stdout));
}

#[test]
fn what_failed_without_the_server_may_be_mended_without_it() {
    let ended = run(&["mends-by-itself.toml"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
}

#[test]
fn a_command_that_hangs_is_ended_with_its_children() {
    let lab = Lab::new();
    let reports = tempfile::tempdir().unwrap();
    let json = reports.path().join("x.json");
    let began = Instant::now();
    let ended = lab.run(&["run", "hangs.toml", "--json", json.to_str().unwrap()]);
    assert_eq!(ended.code, Some(100));
    ended.prints("no end within 1s");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(lab.leftovers().is_empty());
    let report: serde_json::Value = serde_json::from_str(&text(&json)).unwrap();
    let numbers = report["scenarios"][0]["steps"][0]["stdout"]
        .as_str()
        .unwrap();
    assert_eq!(numbers.split_whitespace().count(), 2);
    if cfg!(target_os = "linux") {
        assert!(numbers.split_whitespace().all(is_gone), "{numbers}");
    }
}

/// Gone, or a zombie until its new parent looks after it.
fn is_gone(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(" Z ")
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_leaves_its_group_is_ended_with_its_sandbox() {
    let lab = Lab::new();
    let path = lab.path("x.json");
    let ended = lab.run(&[
        "run",
        "leaves-its-group.toml",
        "--json",
        path.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    let report: serde_json::Value = serde_json::from_str(&text(&path)).unwrap();
    let number = report["scenarios"][0]["steps"][0]["stdout"]
        .as_str()
        .unwrap();
    assert!(is_gone(number.trim()), "{number}");
}

#[test]
fn a_misspelt_key_is_shown_at_its_place() {
    let ended = run(&["misspelt.toml"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error: unknown key `stauts`
     --> misspelt.toml:9:1
      |
    9 | stauts = 0
      | ^^^^^^
      |
      = help: did you mean `status`?
    ");
}

#[test]
fn a_fault_in_a_world_is_shown_at_its_place() {
    let ended = Lab::new().run(&["serve", "--world", "world-with-a-fault.toml"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    ended.tells("--> world-with-a-fault.toml:5:10");
}

#[test]
fn nothing_selected_suggests_what_is_near() {
    let ended = run(&["wrong-region"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(4), ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error: failed to find a scenario `wrong-region`
      = help: did you mean wrong-region-in-url?
    ");
    assert_eq!(run(&["nothing/*"]).code, Some(4));
    let misspelt = run(&["wrong-regin-in-url"]);
    misspelt.tells("did you mean wrong-region-in-url?\n");
}

#[test]
fn an_area_is_not_a_scenario_and_the_filter_is_named() {
    let ended = run(&["addressing"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(4), ""));
    ended.tells("`--filter area=addressing`");
}

#[test]
fn a_folder_gives_its_scenarios_and_not_what_they_use() {
    let lab = Lab::new();
    let folder = lab.path("own");
    std::fs::create_dir(&folder).unwrap();
    let folder_name = folder.to_str().unwrap();
    let of_folder = |command: &str| lab.run(&[command, folder_name]);
    let ended = of_folder("run");
    assert_eq!((ended.code, &*ended.stdout), (Some(4), ""));
    ended.tells("failed to find a scenario in the folder");
    ended.tells("ends in .toml");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("account.toml", "[[account]]\nid = \"111122223333\"\n");
    write("machine.toml", "gitconfig.global = \"\"\n");
    let ended = of_folder("run");
    assert_eq!((ended.code, &*ended.stdout), (Some(4), ""));
    ended.tells("by their keys");
    write(
        "mine.toml",
        "id = \"mine\"\ntitle = \"t\"\nsource = { page = \"p\" }\nevidence = \"inferred\"\n\
         platforms = [\"linux\", \"macos\"]\n[world]\nextends = \"./account.toml\"\n[[step]]\nrun = \"true\"\n",
    );
    let ended = of_folder("run");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.ends_with("\n1 passed, 0 failed, 0 skipped\n"),
        "{}",
        ended.stdout
    );
    assert_eq!(of_folder("show").code, Some(0));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let ended = run(&["missing.toml"]);
    assert_eq!(ended.code, Some(2));
    ended.tells("failed to read missing.toml: ");
    ended.tells("= help: check the path");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_an_end_is_not_read_to_it() {
    for arguments in [
        ["check", "/dev/zero"],
        ["serve", "--world=/dev/zero"],
        ["serve", "--faults=/dev/zero"],
    ] {
        let ended = Lab::new().run(&arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        ended.tells("failed to read /dev/zero: more than 16 MiB");
    }
}

#[test]
fn a_file_that_is_not_text_is_located() {
    let lab = Lab::new();
    let path = lab.path("x.toml");
    std::fs::write(&path, b"id = \"x\"\r\ntitle = \"\xe9t\xe9\"\r\n").unwrap();
    for arguments in [
        ["run", path.to_str().unwrap()].as_slice(),
        &["serve", "--world", path.to_str().unwrap()],
    ] {
        let ended = lab.run(arguments);
        assert_eq!(ended.code, Some(2));
        let expected = format!(
            "error: failed to read {}:2:10: this is not UTF-8\n  = help: save it as UTF-8\n",
            path.display()
        );
        assert_eq!(ended.stderr, expected);
    }
}

#[test]
fn what_is_shown_of_a_document_holds_no_secret() {
    let lab = Lab::new();
    let path = lab.path("world.toml");
    for line in ["secrt = \"so-secret\"", "secret = \"so-secret\" junk"] {
        let key = "[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"a\"\n\
                   [[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"\n";
        std::fs::write(&path, format!("{key}{line}\n")).unwrap();
        let ended = lab.run(&["serve", "--world", path.to_str().unwrap()]);
        assert_eq!(ended.code, Some(2));
        ended.tells("world.toml:7:");
        assert!(!ended.stderr.contains("so-secret"), "{}", ended.stderr);
    }
}

#[test]
fn a_report_that_cannot_be_written_is_noticed_before_anything_runs() {
    for option in ["--json", "--junit", "--tap", "--html"] {
        let ended = run(&["wrong-region-in-url", option, "missing/report"]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        ended.tells("failed to write missing/report: ");
        ended.tells("= help: make its folder first");
    }
}

#[test]
fn a_report_needs_a_file_of_its_own() {
    let lab = Lab::new();
    let folder = lab.temporary.path();
    let ended = lab.run(&[
        "run",
        "wrong-region-in-url",
        "--html",
        folder.to_str().unwrap(),
    ]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    ended.tells("= help: name a file in this folder");
    std::os::unix::fs::symlink("report", lab.path("link")).unwrap();
    std::fs::write(lab.path("report"), "precious").unwrap();
    std::fs::hard_link(lab.path("report"), lab.path("second")).unwrap();
    for other in ["report", "./report", "link", "second"] {
        let ended = lab.run(&[
            "run",
            "wrong-region-in-url",
            "--json",
            lab.path("report").to_str().unwrap(),
            "--tap",
            folder.join(other).to_str().unwrap(),
        ]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{other}");
        ended.tells("it is both --json and --tap");
        assert_eq!(text(&lab.path("report")), "precious");
    }
}

#[test]
fn a_report_never_takes_the_place_of_a_scenario() {
    let lab = Lab::new();
    let path = lab.path("mine.toml");
    let ended = lab.run(&["new", path.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let before = text(&path);
    for wanted in ["mine.toml", "."] {
        let ended = lab
            .command(&["run", wanted, "--html", "./mine.toml"])
            .current_dir(lab.temporary.path())
            .output()
            .unwrap();
        let ended = super::Ended::from(ended);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{wanted}");
        ended.tells("it is both a file of the scenario and --html");
        assert_eq!(text(&path), before);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_error_that_nobody_can_be_told_is_still_in_the_code() {
    let lab = Lab::new();
    std::fs::write(lab.path("bad.toml"), "id = \n").unwrap();
    let bad = lab.path("bad.toml");
    for command in ["check", "run"] {
        let status = lab
            .command(&[command, bad.to_str().unwrap()])
            .stderr(super::full())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(2), "{command}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_finished_does_not_hide_what_came_of_the_run() {
    let lab = Lab::new();
    let good = lab.path("good.toml");
    assert_eq!(lab.run(&["new", good.to_str().unwrap()]).code, Some(0));
    let bad = lab.path("bad.toml");
    let text = text(&good).replace("\"good\"", "\"bad\"");
    assert!(text.contains("128"), "{text}");
    std::fs::write(&bad, text.replace("128", "7")).unwrap();
    for (path, code) in [(good, 96), (bad, 100)] {
        let ended = lab.run(&["run", path.to_str().unwrap(), "--html", "/dev/full"]);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        ended.tells("/dev/full");
    }
}

#[test]
fn without_git_nothing_is_known() {
    let lab = Lab::new();
    let ended: super::Ended = lab
        .command(&["run", "wrong-region-in-url"])
        .env("PATH", lab.temporary.path())
        .output()
        .unwrap()
        .into();
    assert_eq!((ended.code, &*ended.stdout), (Some(96), ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error: failed to find git: git is not installed
      = help: install git 2.32 or later, and put its folder on PATH
    ");
}

#[test]
fn a_helper_that_was_asked_for_and_is_missing_is_an_error() {
    let lab = Lab::new();
    let git = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let bin = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(git, bin.path().join("git")).unwrap();
    let ended: super::Ended = lab
        .command(&["run", "wrong-region-in-url", "--helper", "aws-cli"])
        .env("PATH", bin.path())
        .output()
        .unwrap()
        .into();
    assert_eq!((ended.code, &*ended.stdout), (Some(96), ""));
    insta::assert_snapshot!(ended.stderr, @r"
    error: failed to find the AWS CLI, whose helper is to be tested: aws is not installed
      = help: install the AWS CLI and put its folder on PATH, or test our helper: leave out `--helper aws-cli`
    ");
}

#[test]
fn a_quoted_command_that_is_missing_is_named() {
    let helper = "\"/my tools/nosuch\" --option";
    let told = "/my tools/nosuch: no such program";
    let ended = run(&["wrong-region-in-url", "--helper", helper]);
    assert_eq!((ended.code, &*ended.stdout), (Some(96), ""));
    ended.tells(told);
    let ended = Lab::new().run(&["conformance", "helper", "--helper", helper]);
    assert_eq!(ended.code, Some(4), "{}", ended.stdout);
    ended.prints(told);
}

#[test]
fn a_run_of_which_everything_is_skipped_is_not_a_success() {
    let ended = run(&["elsewhere.toml"]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.ends_with("\n0 passed, 0 failed, 1 skipped\n"));
}

#[test]
fn without_a_folder_for_temporary_files_it_is_said_so() {
    for arguments in [&["run", "wrong-region-in-url"][..], &["exec", "true"]] {
        let ended: super::Ended = Lab::new()
            .command(arguments)
            .env("TMPDIR", "/nonexistent")
            .output()
            .unwrap()
            .into();
        assert_eq!((ended.code, &*ended.stdout), (Some(96), ""));
        ended.tells("/nonexistent");
        ended.tells("= help: ");
        ended.tells("TMPDIR");
    }
}

#[test]
fn bad_usage_is_code_2() {
    for arguments in [&["run", "--jobs", "0"][..], &["frobnicate"], &["exec"], &[]] {
        assert_eq!(Lab::new().run(arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn stopping_at_a_step_writes_no_report_and_says_so() {
    let lab = Lab::new();
    let file = lab.path("x");
    for option in ["--json", "--junit", "--tap", "--html"] {
        let file = file.to_str().unwrap();
        let ended = lab.run(&["run", "china-endpoint", "--step", "1", option, file]);
        assert_eq!(ended.code, Some(2));
        let told = "'--step <NUMBER|end>' cannot be used with";
        ended.tells(told);
        ended.tells(option);
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let lab = Lab::new();
    let json = lab.path("x.json");
    let json = json.to_str().unwrap();
    let both = [
        "run",
        "china-endpoint",
        "wrong-region-in-url",
        "--jobs",
        "1",
    ];
    for (arguments, code) in [
        (&["list"][..], 141),
        (&both[..], 141),
        // The report is still wanted.
        (&[&both[..], &["--json", json]].concat()[..], 0),
    ] {
        let mut command = lab.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended: super::Ended = child.wait_with_output().unwrap().into();
        assert_eq!(
            (ended.code, &*ended.stderr),
            (Some(code), ""),
            "{arguments:?}"
        );
    }
    let report: serde_json::Value = serde_json::from_str(&text(json.as_ref())).unwrap();
    assert_eq!(report["summary"]["passed"], 2);
}

#[test]
fn a_report_does_not_go_to_a_file_called_minus() {
    for command in [&["run", "china-endpoint"][..], &["conformance", "helper"]] {
        let ended = Lab::new().run(&[command, &["--json", "-"]].concat());
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        let told = "failed to write --json to standard output";
        ended.tells(told);
    }
}

#[test]
fn numbers_of_things_are_counted_in_english() {
    let ended = run(&["china-endpoint", "fips-endpoint", "--step", "1"]);
    assert_eq!(ended.code, Some(2));
    let told = "stop at step 1: 2 scenarios with 1 subject are selected";
    ended.tells(told);
}

#[test]
fn a_sandbox_is_kept_on_request_and_its_steps_can_be_repeated() {
    let lab = Lab::new();
    let ended = lab.run(&["run", "wrong-region-in-url", "--keep"]);
    assert_eq!(ended.code, Some(0));
    let [kept] = &lab.leftovers()[..] else {
        panic!("{:?}", lab.leftovers());
    };
    assert!(kept.join("home/.gitconfig").is_file());
    assert!(ended.stdout.contains(&*kept.to_string_lossy()));
    // The fix has been made: what failed succeeds by hand, too, against a server of its own.
    let repeated = |script: &str| {
        let output = std::process::Command::new(kept.join("steps").join(script))
            .output()
            .unwrap();
        super::Ended::from(output)
    };
    let fetch = repeated("02-symptom-1");
    assert_eq!(fetch.code, Some(0), "{}", fetch.stderr);
    // And is said to come after the fix.
    let told = "to be here before it: codecommit-lab run 'addressing/wrong-region-in-url' --step 2";
    fetch.tells(told);
    // The last one has left its traces, too.
    let scripts = std::fs::read_dir(kept.join("steps")).unwrap();
    let last = scripts.map(|entry| entry.unwrap().path()).max().unwrap();
    let told = text(&last);
    assert!(!told.contains("went on"), "{told}");
    let step = &last.file_name().unwrap().to_str().unwrap()[..2];
    let step = format!(" --step {} ", step.trim_start_matches('0'));
    assert!(told.contains("the run has played this step"), "{told}");
    assert!(told.contains(&step), "{step}: {told}");
    let reopen = |command: &[&str]| {
        let folder = kept.to_str().unwrap();
        lab.run(&[&["reopen", folder, "--"], command].concat())
    };
    let elsewhere = reopen(&[
        "git",
        "ls-remote",
        "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/MyDemoRepo",
    ]);
    assert_eq!(elsewhere.code, Some(128));
    elsewhere.tells("codecommit-lab: 404 GET");
    assert_eq!(
        reopen(&[
            "sh",
            "-c",
            "test \"$HOME\" = \"$CODECOMMIT_LAB_SANDBOX/home\""
        ])
        .code,
        Some(0)
    );
    assert_eq!(reopen(&["no-such-command"]).code, Some(127));
    assert!(kept.is_dir());
}

#[test]
fn a_file_that_is_no_scenario_is_called_what_it_is_and_who_takes_it() {
    let lab = Lab::new();
    for (text, told, taken) in [
        (
            "[[account]]\nid = \"111122223333\"\n",
            "it is a world\n",
            "take it: codecommit-lab serve --world /",
        ),
        (
            "[[fault]]\nstatus = 503\n",
            "it is a list of faults\n",
            "take it: codecommit-lab serve --faults /",
        ),
        (
            "gitconfig.global = \"\"\n",
            "it is a client set-up\n",
            "scenarios take it, with `client.extends`",
        ),
        (
            "[[step]]\nrun = \"true\"\n",
            "it is a group of steps\n",
            "scenarios take it, with `include`",
        ),
    ] {
        let file = lab.path("mine.toml");
        std::fs::write(&file, text).unwrap();
        for command in ["run", "show"] {
            let ended = lab.run(&[command, file.to_str().unwrap()]);
            assert_eq!(ended.code, Some(2), "{}", ended.stderr);
            ended.tells(told);
            ended.tells(taken);
        }
    }
}

#[test]
fn the_way_back_before_a_step_names_what_it_was_run_with() {
    let lab = Lab::new();
    let options = ["--helper", "!echo 'x'; false", "--transport", "h1"];
    lab.run(&[&["run", "wrong-region-in-url", "--keep"], &options[..]].concat());
    let [kept] = &lab.leftovers()[..] else {
        panic!("{:?}", lab.leftovers());
    };
    let mut first = std::process::Command::new(kept.join("steps/01-setup-1"));
    let first = super::Ended::from(first.output().unwrap());
    let options = r"--helper '!echo '\''x'\''; false' --transport h1";
    first.tells("codecommit-lab run 'addressing/wrong-region-in-url' --step 1 --git '/");
    first.tells(options);
    // As does the way around a terminal.
    let step = ["run", "wrong-region-in-url", "--step", "1", "--helper"];
    let ended = lab.run(&[&step[..], &["!false"]].concat());
    assert_eq!(ended.code, Some(2));
    ended.tells("codecommit-lab run 'addressing/wrong-region-in-url' --keep --git '/");
    ended.tells(" --helper '!false'");
}

#[test]
fn what_is_no_kept_sandbox_is_not_opened() {
    let lab = Lab::new();
    for folder in ["/nonexistent", lab.temporary.path().to_str().unwrap()] {
        let ended = lab.run(&["reopen", folder]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            ended
                .stderr
                .contains("that `codecommit-lab run --keep` has left")
        );
    }
}

#[test]
fn a_shell_at_a_step_needs_a_terminal_one_scenario_and_that_step() {
    for (arguments, told) in [
        (
            &["wrong-region-in-url", "--step", "2"][..],
            "standard input is not a terminal",
        ),
        (
            &["wrong-region-in-url", "--step", "99"],
            "addressing/wrong-region-in-url has ",
        ),
        (
            &["wrong-region-in-url", "--step", "0"],
            "addressing/wrong-region-in-url has ",
        ),
        (
            &["wrong-region-in-url", "--step", "99"],
            "`--step end` stops behind the last",
        ),
        (
            &["wrong-region-in-url", "--step", "end"],
            "standard input is not a terminal",
        ),
        (
            &["wrong-region-in-url", "--step", "last"],
            "write the number of a step, or `end`",
        ),
        (&["--step", "1"], "name one scenario"),
    ] {
        let lab = Lab::new();
        let ended: super::Ended = lab
            .command(&[&["run"], arguments].concat())
            .stdin(Stdio::null())
            .output()
            .unwrap()
            .into();
        assert_eq!(ended.code, Some(2), "{}", ended.stdout);
        ended.tells(told);
        assert!(lab.leftovers().is_empty());
    }
}
