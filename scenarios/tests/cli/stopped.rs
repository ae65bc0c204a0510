//! Runs that are ended before their end.

use std::fs::File;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::{Lab, text};

#[test]
fn a_run_that_is_interrupted_cleans_up_and_says_what_was_not_run() {
    let lab = Lab::new();
    let reports = tempfile::tempdir().unwrap();
    let (json, junit) = (reports.path().join("x.json"), reports.path().join("x.xml"));
    let (tap, html) = (reports.path().join("x.tap"), reports.path().join("x.html"));
    let child = lab
        .command(&["run", "hangs.toml", "wrong-region-in-url", "--jobs", "1"])
        .arg("--json")
        .arg(&json)
        .arg("--junit")
        .arg(&junit)
        .arg("--tap")
        .arg(&tap)
        .arg("--html")
        .arg(&html)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = lab.interrupt(child);
    assert_eq!(ended.code, Some(130));
    let told: Vec<&str> = ended.stdout.lines().skip(1).collect();
    assert_eq!(
        told,
        ["2 not run: stopped", "0 passed, 0 failed, 0 skipped"]
    );
    let report: serde_json::Value = serde_json::from_str(&text(&json)).unwrap();
    assert_eq!(report["summary"]["not_run"], 2);
    assert_eq!(report["summary"]["stopped_by"], 2);
    assert_eq!(report["scenarios"][0]["outcome"], "stopped");
    assert_eq!(report["scenarios"][1]["id"], "wrong-region-in-url");
    let report = text(&junit);
    let told = "<skipped message=\"not run: stopped\" type=\"not-run\"";
    assert_eq!(report.matches(told).count(), 2, "{report}");
    let report = text(&tap);
    assert_eq!(report.matches(" # SKIP not run: stopped").count(), 2);
    let told = "\nBail out! stopped by signal 2: 2 cases were not run\n";
    assert!(report.ends_with(told), "{report}");
    assert!(text(&html).contains("<b>2</b> not-run"));
    assert!(lab.leftovers().is_empty());
}

#[test]
fn every_signal_that_ends_a_run_leaves_reports_and_nothing_else() {
    for signal in [Signal::QUIT, Signal::TERM, Signal::HUP] {
        let lab = Lab::new();
        let reports = tempfile::tempdir().unwrap();
        let json = reports.path().join("x.json");
        let child = lab
            .command(&["run", "hangs.toml", "--json"])
            .arg(&json)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let ended = lab.stop(child, signal);
        assert_eq!(ended.code, Some(128 + signal.as_raw()));
        let report: serde_json::Value = serde_json::from_str(&text(&json)).unwrap();
        assert_eq!(report["summary"]["stopped_by"], signal.as_raw());
        assert_eq!(lab.leftovers(), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn every_sandbox_that_a_stopped_run_keeps_is_named() {
    let lab = Lab::new();
    let child = lab
        .command(&["run", "hangs.toml", "hangs.toml", "--jobs", "2", "--keep"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // What is tried of the tools before has folders, too.
    let began = std::time::Instant::now();
    let is_sandbox = |path: &std::path::PathBuf| path.join("home").is_dir();
    while !lab.leftovers().iter().any(is_sandbox) && began.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let ended = lab.interrupt(child);
    assert_eq!(ended.code, Some(130));
    let kept = lab.leftovers();
    assert!(!kept.is_empty());
    for folder in kept {
        let told = format!("sandbox kept: {}", folder.display());
        ended.prints(&told);
    }
}

#[test]
fn a_shell_at_a_step_ends_with_us() {
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let lab = Lab::new();
        let (ours, theirs) = terminal();
        let stream = || Stdio::from(theirs.try_clone().unwrap());
        let mut child = lab
            .command(&["run", "wrong-region-in-url", "--step", "1"])
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .unwrap();
        drop(theirs);
        until(&ours, "sandbox$ ");
        // It heeds no SIGTERM of its own.
        kill_process(Pid::from_child(&child), signal).unwrap();
        let began = std::time::Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed().as_secs() > 10 {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{signal:?} does not end it");
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(128 + signal.as_raw()));
        assert_eq!(lab.leftovers(), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn what_is_stopped_on_its_way_to_a_step_says_so() {
    let lab = Lab::new();
    let (_ours, theirs) = terminal();
    let child = lab
        .command(&["run", "hangs.toml", "--step", "end"])
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = lab.interrupt(child);
    assert_eq!(ended.code, Some(130));
    ended.prints("data/hangs was stopped before ");
    assert_eq!(lab.leftovers(), Vec::<std::path::PathBuf>::new());
}

/// A terminal of our own: its keyboard and screen, and what a program takes for it.
fn terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = rustix::fs::open(
        name,
        rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    (File::from(ours), File::from(theirs))
}

/// Reads until this is on the screen.
fn until(mut screen: &File, text: &str) {
    use std::io::Read as _;

    let mut seen = String::new();
    let mut bytes = [0; 1024];
    while !seen.contains(text) {
        let read = screen.read(&mut bytes).unwrap();
        assert_ne!(read, 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
}
