//! The program as users run it.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod catalog;
mod check;
mod conformance;
mod documents;
mod exec;
mod failures;
mod matrix;
mod new;
mod reports;
mod schema;
mod serve;
mod shards;
#[path = "../../../helper/tests/program/skip.rs"]
mod skip;
mod stopped;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The program, with a folder of its own for temporary files.
struct Lab {
    temporary: TempDir,
}

/// What it wrote, and how it ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Lab {
    fn new() -> Self {
        Self {
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codecommit-lab"));
        command
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"))
            .env("TMPDIR", self.temporary.path())
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    /// Presses Ctrl-C as soon as something is being played.
    fn interrupt(&self, child: Child) -> Ended {
        self.stop(child, Signal::INT)
    }

    /// Sends a signal as soon as something is being played.
    fn stop(&self, child: Child, signal: Signal) -> Ended {
        let began = Instant::now();
        // Until its sandbox is there.
        while self.leftovers().is_empty() && began.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(5));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// What is still in the folder for temporary files.
    fn leftovers(&self) -> Vec<PathBuf> {
        fs::read_dir(self.temporary.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }
}

impl Ended {
    /// This is in its standard output.
    #[track_caller]
    fn prints(&self, told: &str) {
        assert!(
            self.stdout.contains(told),
            "no {told:?} in:\n{}",
            self.stdout
        );
    }

    /// This is in its standard error.
    #[track_caller]
    fn tells(&self, told: &str) {
        assert!(
            self.stderr.contains(told),
            "no {told:?} in:\n{}",
            self.stderr
        );
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs a scenario of `tests/data`.
fn run(arguments: &[&str]) -> Ended {
    let all: Vec<&str> = std::iter::once("run")
        .chain(arguments.iter().copied())
        .collect();
    Lab::new().run(&all)
}

/// The text without what differs from run to run: times and versions.
fn normal(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<String> = line.split(' ').map(normal_word).collect();
        words.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn normal_word(word: &str) -> String {
    let number =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if let Some(seconds) = word.strip_suffix('s')
        && seconds.contains('.')
        && number(seconds)
    {
        return "0.00s".to_owned();
    }
    let bare = word.trim_end_matches([',', ')']);
    if bare.matches('.').count() == 2 && number(bare) {
        return word.replace(bare, "0.0.0");
    }
    word.to_owned()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Of a kind of report, by the schema that is checked in.
fn validator(schema: &str) -> jsonschema::Validator {
    let path = format!("{}/../docs/{schema}", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&text(path.as_ref())).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A stream that takes nothing.
#[cfg(target_os = "linux")]
fn full() -> fs::File {
    let device = fs::File::options().write(true).open("/dev/full");
    device.unwrap()
}
