//! Parts of a run, their order, and their reports put together.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{Ended, Lab, run, text};

const SOME: [&str; 3] = [
    "wrong-region-in-url",
    "does-not-hold.toml",
    "elsewhere.toml",
];

fn part(lab: &Lab, partition: &str, json: &Path) -> Ended {
    let options = ["--partition", partition, "--json", json.to_str().unwrap()];
    lab.run(&[&["run"], &SOME[..], &options].concat())
}

fn names(stdout: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().last().map(str::to_owned);
    let cases = |line: &&str| {
        ["pass ", "FAIL ", "skip ", "diff "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    stdout.lines().filter(cases).filter_map(words).collect()
}

#[test]
fn the_parts_of_a_run_merge_into_the_whole() {
    let lab = Lab::new();
    let (one, two, whole) = (
        lab.path("1.json"),
        lab.path("2.json"),
        lab.path("whole.json"),
    );
    assert_eq!(part(&lab, "1/2", &one).code, Some(0));
    assert_eq!(part(&lab, "2/2", &two).code, Some(100));
    let merged = lab.run(&[
        "merge",
        two.to_str().unwrap(),
        one.to_str().unwrap(),
        "--json",
        whole.to_str().unwrap(),
    ]);
    assert_eq!(merged.code, Some(100), "{}", merged.stderr);
    assert_eq!(
        names(&merged.stdout),
        [
            "addressing/wrong-region-in-url",
            "data/does-not-hold",
            "data/elsewhere"
        ]
    );
    merged.prints("   = note: expected 1");
    assert!(
        merged.stdout.ends_with("\n1 passed, 1 failed, 1 skipped\n"),
        "{}",
        merged.stdout
    );
    let whole: Value = serde_json::from_str(&text(&whole)).unwrap();
    assert_eq!(whole["scenarios"].as_array().unwrap().len(), 3);
    assert_eq!(whole["partitions"], Value::Null);
    // Nothing of a transcript is lost.
    let two: Value = serde_json::from_str(&text(&two)).unwrap();
    assert_eq!(whole["scenarios"][1], two["scenarios"][0]);
}

#[test]
fn the_whole_is_in_the_order_of_the_selection() {
    let lab = Lab::new();
    let order = [
        "elsewhere.toml",
        "does-not-hold.toml",
        "wrong-region-in-url",
    ];
    let reports = ["1/3", "2/3", "3/3"].map(|partition| {
        let json = lab.path(&partition.replace('/', "of"));
        let json = json.to_str().unwrap().to_owned();
        let options = ["--partition", partition, "--json", &json];
        lab.run(&[&["run"], &order[..], &options].concat());
        json
    });
    let [one, two, three] = reports.each_ref().map(String::as_str);
    let merged = lab.run(&["merge", three, one, two]);
    let whole = [
        "data/elsewhere",
        "data/does-not-hold",
        "addressing/wrong-region-in-url",
    ];
    assert_eq!(names(&merged.stdout), whole);
}

#[test]
fn reports_that_are_not_a_whole_run_are_refused() {
    let lab = Lab::new();
    let one = lab.path("1.json");
    part(&lab, "1/2", &one);
    let report = text(&one);
    let other = |name: &str, text: &str| {
        fs::write(lab.path(name), text).unwrap();
        lab.path(name).display().to_string()
    };
    let copy = other("copy.json", &report);
    let mut newer: Value = serde_json::from_str(&report).unwrap();
    newer["version"] = json!(2);
    let mut strange: Value = serde_json::from_str(&report).unwrap();
    strange["scenarios"][0]["subject"] = json!(9);
    strange["partitions"] = json!([]);
    for (files, told) in [
        (
            vec![one.display().to_string()],
            "part 2/2 of the run is not among them",
        ),
        (
            vec![other("newer.json", &newer.to_string())],
            "it has version 2, and this program reads version 1",
        ),
        (
            vec![other("cut.json", &report[..report.len() / 2])],
            "EOF while parsing",
        ),
        (
            vec![other("list.json", "[1]")],
            "this is not a report of codecommit-lab: it has no `version`",
        ),
        (
            vec![other("short.json", "{\"version\": 1}")],
            "missing field",
        ),
        (
            vec![other("strange.json", &strange.to_string())],
            "has a subject that it does not list",
        ),
        (
            vec![lab.path("none.json").display().to_string()],
            "No such file",
        ),
        (
            vec![lab.temporary.path().display().to_string()],
            "Is a directory",
        ),
    ] {
        let mut arguments = vec!["merge"];
        arguments.extend(files.iter().map(|file| &**file));
        let ended = lab.run(&arguments);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{files:?}");
        ended.tells(told);
        ended.tells("= help: ");
    }
    // The same part twice.
    let whole = report.replace("\"1/2\"", "");
    let whole = whole.replace("\"partitions\": [\n    \n  ],", "");
    let (first, second) = (other("a.json", &whole), other("b.json", &whole));
    let ended = lab.run(&["merge", &first, &second]);
    assert_eq!(ended.code, Some(2));
    ended.tells("both have addressing/wrong-region-in-url");
    // What is merged is not written over.
    let ended = lab.run(&["merge", &copy, "--json", &copy]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(text(Path::new(&copy)), report);
}

#[test]
fn a_part_that_was_stopped_stops_the_whole() {
    let (lab, reports) = (Lab::new(), tempfile::tempdir().unwrap());
    let path = |name: &str| reports.path().join(name).display().to_string();
    let (one, two, again) = (path("1.json"), path("2.json"), path("again.json"));
    let all = ["run", "wrong-region-in-url", "hangs.toml", "--partition"];
    let ended = lab.run(&[&all[..], &["1/2", "--json", &one]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let child = lab
        .command(&[&all[..], &["2/2", "--json", &two]].concat())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(lab.interrupt(child).code, Some(130));
    let whole = path("whole.json");
    let merged = lab.run(&["merge", &one, &two, "--json", &whole]);
    assert_eq!(merged.code, Some(130), "{}", merged.stdout);
    assert!(
        merged
            .stdout
            .ends_with("\n1 not run: stopped\n1 passed, 0 failed, 0 skipped\n")
    );
    assert_eq!(lab.run(&["merge", &whole]).code, Some(130));
    // A report that does not say what stopped it is not green either.
    let mut report: Value = serde_json::from_str(&text(Path::new(&two))).unwrap();
    let summary = report["summary"].as_object_mut().unwrap();
    assert_eq!(summary.remove("stopped_by"), Some(json!(2)));
    fs::write(&again, report.to_string()).unwrap();
    assert_eq!(lab.run(&["merge", &one, &again]).code, Some(100));
    // Another attempt has what was not run.
    report["scenarios"][0]["outcome"] = json!("passed");
    report["scenarios"][0]["class"] = json!("pass");
    fs::write(&again, report.to_string()).unwrap();
    assert_eq!(lab.run(&["merge", &one, &two, &again]).code, Some(0));
    // What both attempts ran: the worse counts, whichever is named first.
    let mut stopped: Value = serde_json::from_str(&text(Path::new(&two))).unwrap();
    for (outcome, class, code) in [("passed", "pass", 0), ("failed", "fail", 100)] {
        stopped["scenarios"][0]["outcome"] = json!(outcome);
        stopped["scenarios"][0]["class"] = json!(class);
        fs::write(&two, stopped.to_string()).unwrap();
        for order in [[&two, &again], [&again, &two]] {
            let merged = lab.run(&["merge", &one, order[0], order[1]]);
            assert_eq!(
                merged.code,
                Some(code),
                "{}{}",
                merged.stdout,
                merged.stderr
            );
        }
    }
}

#[test]
fn parts_of_different_runs_are_refused() {
    let lab = Lab::new();
    let part = |name: &str, arguments: &[&str]| {
        let path = lab.path(name).display().to_string();
        let ended = lab.run(&[&["run", "--json", &path], arguments].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        path
    };
    let regions = ["wrong-region-in-url", "china-endpoint", "--partition"];
    let first = part("1.json", &[&regions[..], &["1/2"]].concat());
    let others = ["wrong-region-in-url", "fips-endpoint", "--partition", "2/2"];
    let others = part("others.json", &others);
    let newer = part(
        "newer.json",
        &[&regions[..], &["2/2", "--transport", "h2"]].concat(),
    );
    for (second, told, help) in [
        (
            &others,
            "they are parts of different runs: only the first was to run addressing/china-endpoint",
            "run every part with the same scenarios, filters",
        ),
        (
            &newer,
            ", helper ours is not among them",
            "run every part with the same subjects",
        ),
    ] {
        let ended = lab.run(&["merge", &first, second]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{second}");
        ended.tells(told);
        ended.tells(help);
    }
    // Both parts with both subjects are a whole run.
    let second = part("2.json", &[&regions[..], &["2/2"]].concat());
    let old = part(
        "old.json",
        &[&regions[..], &["1/2", "--transport", "h2"]].concat(),
    );
    let ended = lab.run(&["merge", &first, &second, &newer, &old]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended
            .stdout
            .starts_with("running 2 scenarios with 2 subjects:"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_part_that_cannot_be_is_refused() {
    for (partition, code, told) in [
        ("0/2", 2, "parts are counted from 1 to 2"),
        ("3/2", 2, "parts are counted from 1 to 2"),
        ("half", 2, "a partition is K/N"),
        ("4/4", 4, "only 3 are selected"),
    ] {
        let ended = run(&[&SOME[..], &["--partition", partition]].concat());
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(code), ""),
            "{partition}"
        );
        ended.tells(told);
    }
    let ended = run(&["wrong-region-in-url", "--partition", "2/3"]);
    ended.tells("only 1 is selected\n  = help: run it whole");
}

#[test]
fn a_filter_that_fits_nothing_says_what_is_near() {
    for (filter, code, told) in [
        ("area=transprt", 4, "did you mean transport"),
        (
            "subject=aws",
            4,
            "failed to find anything that fits `--filter subject=aws`",
        ),
        ("subject=zzz", 4, "a run names its subjects"),
        ("source=zzz", 4, "`codecommit-lab list --format json` has"),
        ("evidence=rumour", 2, "documented, observed, inferred"),
        (
            "colour=red",
            2,
            "the keys are id, area, source, evidence, subject",
        ),
    ] {
        let ended = run(&["--filter", filter]);
        assert_eq!((ended.code, &*ended.stdout), (Some(code), ""), "{filter}");
        ended.tells(told);
    }
}

#[test]
fn filters_choose_scenarios_and_subjects() {
    for word in ["h2", "HTTP/2", "*, HTTP/2"] {
        let filter = format!("subject={word}");
        let ended = run(&[
            "--filter",
            "id=wrong-region-*",
            "--filter",
            &filter,
            "--transport",
            "h1",
            "--transport",
            "h2",
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(
            ended.stdout.lines().next().unwrap().ends_with(", HTTP/2"),
            "{}",
            ended.stdout
        );
        assert_eq!(names(&ended.stdout), ["addressing/wrong-region-in-url"]);
    }
}

#[test]
fn a_seed_repeats_an_order() {
    let shuffled = run(&[&SOME[..], &["--shuffle"]].concat());
    let first = shuffled.stdout.lines().next().unwrap();
    let seed = first
        .split("(--seed ")
        .nth(1)
        .and_then(|rest| rest.split(')').next())
        .unwrap();
    let again = run(&[&SOME[..], &["--seed", seed]].concat());
    assert_eq!(names(&shuffled.stdout), names(&again.stdout));
    assert_eq!(names(&again.stdout).len(), 3);
    // One that is known to change the order: the program might have ignored those above.
    let [usual, one, two] = [&[][..], &["--seed", "3"], &["--seed", "3"]]
        .map(|order| names(&run(&[&SOME[..], order].concat()).stdout));
    assert_ne!(one, usual);
    assert_eq!(one, two);
}

#[test]
fn nothing_more_begins_after_a_failure_if_it_is_asked_for() {
    let lab = Lab::new();
    let json = lab.path("x.json");
    let ended = lab.run(&[
        "run",
        "does-not-hold.toml",
        "wrong-region-in-url",
        "--fail-fast",
        "--jobs",
        "1",
        "--json",
        json.to_str().unwrap(),
    ]);
    assert_eq!(ended.code, Some(100));
    assert!(
        ended.stdout.ends_with(
            "\n1 not run: a case before it failed (--fail-fast)\n0 passed, 1 failed, 0 skipped\n"
        ),
        "{}",
        ended.stdout
    );
    let report: Value = serde_json::from_str(&text(&json)).unwrap();
    assert_eq!(report["scenarios"][1]["class"], "not-run");
}
