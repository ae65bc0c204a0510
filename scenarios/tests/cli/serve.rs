//! The endpoint as a service of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{Ended, Lab, text};

struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
    line: String,
}

impl Serving {
    fn start(lab: &Lab, arguments: &[&str]) -> Self {
        let all: Vec<&str> = std::iter::once("serve")
            .chain(arguments.iter().copied())
            .collect();
        Self::of(lab.command(&all).stdout(Stdio::piped()).spawn().unwrap())
    }

    fn of(mut child: Child) -> Self {
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        Self { child, out, line }
    }

    fn stop_and_read_stderr(mut self) -> String {
        let mut stderr = self.child.stderr.take().unwrap();
        self.stop(Signal::TERM);
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    }

    /// Stops it; gives the exit code and what it wrote after the line.
    fn stop(mut self, signal: Signal) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (code, rest)
    }
}

#[test]
fn one_line_of_json_and_nothing_else_until_it_is_stopped() {
    for signal in [Signal::INT, Signal::QUIT, Signal::TERM] {
        let lab = Lab::new();
        let ready_file = tempfile::tempdir().unwrap();
        let ready_file = ready_file.path().join("ready.json");
        let serving = Serving::start(&lab, &["--ready-file", ready_file.to_str().unwrap()]);
        assert_eq!(text(&ready_file), serving.line);
        let ready: serde_json::Value = serde_json::from_str(&serving.line).unwrap();
        let port = ready["port"].as_u64().unwrap();
        assert_eq!(ready["url"], format!("http://127.0.0.1:{port}"));
        assert_eq!(ready["env"]["HTTPS_PROXY"], ready["url"]);
        assert_eq!(ready["env"]["GIT_SSL_CAINFO"], ready["ca"]);
        assert!(fs::metadata(ready["ca"].as_str().unwrap()).is_ok());
        assert!(fs::metadata(ready["data_dir"].as_str().unwrap()).is_ok());

        assert_eq!(serving.stop(signal), (Some(0), String::new()));
        assert!(lab.leftovers().is_empty(), "{:?}", lab.leftovers());
        assert!(!ready_file.exists());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_shells_limit_of_open_files_is_raised_for_many_clients() {
    let lab = Lab::new();
    let serve = lab.command(&["serve"]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -S -n 200 && exec \"$@\"", "sh"])
        .arg(serve.get_program())
        .args(serve.get_args())
        .env_clear();
    for (name, value) in serve.get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    let serving = Serving::of(shell.stdout(Stdio::piped()).spawn().unwrap());
    let limits = fs::read_to_string(format!("/proc/{}/limits", serving.child.id())).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let mut numbers = line.unwrap().split_whitespace().skip(3);
    let [soft, hard] = [(); 2].map(|()| numbers.next().unwrap().parse::<u64>().unwrap());
    assert_eq!(soft, hard.min(65_536));
    serving.stop(Signal::TERM);
}

#[test]
fn the_environment_of_the_line_brings_git_there() {
    let lab = Lab::new();
    let serving = Serving::start(&lab, &[]);
    let ready: serde_json::Value = serde_json::from_str(&serving.line).unwrap();
    let variables = ready["env"].as_object().unwrap();
    let output = Command::new("git")
        .args([
            "ls-remote",
            "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo",
        ])
        .envs(
            variables
                .iter()
                .map(|(name, value)| (name, value.as_str().unwrap())),
        )
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    // Without credentials, which the line does not have: the endpoint asks for them.
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("Authentication failed") || stderr.contains("403"),
        "{stderr}"
    );
    serving.stop(Signal::TERM);
}

#[test]
fn a_shell_gets_the_environment_and_the_journal_tells_why() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    let ready = folder.path().join("ready.json");
    let ready = ready.to_str().unwrap();
    let mut command = lab.command(&["serve", "--ready-file", ready]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let serving = Serving::of(child.unwrap());
    let lab_program = env!("CARGO_BIN_EXE_codecommit-lab");
    let git = |region: &str| -> Ended {
        let line = format!(
            "eval \"$({lab_program} env --credentials --ready-file {ready})\" && git ls-remote -q \
             https://git-codecommit.{region}.amazonaws.com/v1/repos/MyDemoRepo"
        );
        Command::new("sh")
            .args(["-c", &line])
            .env("HOME", folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("AWS_PROFILE", "none")
            .output()
            .unwrap()
            .into()
    };
    let found = git("us-east-2");
    assert_eq!((found.code, &*found.stderr), (Some(0), ""));
    assert_eq!(git("us-east-1").code, Some(128));

    let journal = lab.run(&["journal", "--ready-file", ready]);
    assert!(
        journal
            .stdout
            .contains("accepted as arn:aws:iam::111122223333:user/alice")
    );
    assert!(journal.stdout.contains("error: 404 repository-not-found"));
    let plain = lab.run(&["env", "--format", "json", "--ready-file", ready]);
    let plain: serde_json::Value = serde_json::from_str(&plain.stdout).unwrap();
    let line: serde_json::Value = serde_json::from_str(&serving.line).unwrap();
    assert_eq!(plain, line["env"]);
    // A shell that asks again after a move has the new time.
    let clock = format!("{}/clock", line["control"]["url"].as_str().unwrap());
    let token = line["control"]["token"].as_str().unwrap();
    let moved = |how: &str| {
        let body = serde_json::json!({ "move": how }).to_string();
        ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent()
            .post(&clock)
            .header("Authorization", format!("Bearer {token}"))
            .send(&body)
            .unwrap();
    };
    for how in ["+16m", "frozen@2026-01-01T00:00:00Z"] {
        moved(how);
        assert_eq!(git("us-east-2").code, Some(0), "{how}");
    }
    moved("system");
    let sh = lab.run(&["env", "--ready-file", ready]).stdout;
    assert!(sh.contains("unset CODECOMMIT_HELPER_CLOCK\n"), "{sh}");
    assert!(!sh.contains("export CODECOMMIT_HELPER_CLOCK"), "{sh}");

    let mut follower = lab
        .command(&["journal", "--follow", "--ready-file", ready])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(follower.stdout.take().unwrap());
    told.read_line(&mut String::new()).unwrap();
    let stderr = serving.stop_and_read_stderr();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("codecommit-lab: 404 GET "), "{stderr}");
    // The journal is gone with its server.
    assert_eq!(follower.wait().unwrap().code(), Some(0));
    let gone = lab.run(&["env", "--ready-file", ready]);
    assert_eq!(gone.code, Some(2));
    gone.tells("= help: the file is there while");
}

#[test]
fn a_data_folder_is_kept() {
    let lab = Lab::new();
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(&lab, &["--data-dir", data.path().to_str().unwrap()]);
    serving.stop(Signal::TERM);
    assert!(data.path().join("ca.pem").is_file());
    assert!(data.path().join("journal.jsonl").is_file());
    std::fs::write(data.path().join("journal.jsonl"), "of the run before\n").unwrap();
    // And used again.
    let serving = Serving::start(&lab, &["--data-dir", data.path().to_str().unwrap()]);
    let read = |name: &str| std::fs::read_to_string(data.path().join(name)).unwrap();
    assert_eq!(read("journal.1.jsonl"), "of the run before\n");
    assert_eq!(read("journal.jsonl"), "");
    assert_eq!(serving.stop(Signal::TERM).0, Some(0));
    // One that is empty does not take its place.
    let serving = Serving::start(&lab, &["--data-dir", data.path().to_str().unwrap()]);
    assert_eq!(serving.stop(Signal::TERM).0, Some(0));
    assert_eq!(read("journal.1.jsonl"), "of the run before\n");
}

#[test]
fn a_port_that_is_taken_is_said_so_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended: Ended = Lab::new().run(&["serve", "--port", &port]);
    assert_eq!((ended.code, &*ended.stdout), (Some(96), ""));
    let stderr = ended.stderr.replace(&port, "PORT");
    assert!(
        stderr.contains("error: failed to listen on 127.0.0.1:PORT: "),
        "{stderr}"
    );
    assert!(
        stderr.contains("= help: another program has this port"),
        "{stderr}"
    );
}

#[test]
fn a_data_folder_has_one_server_at_a_time() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    let (data, ready) = (folder.path().join("data"), folder.path().join("ready.json"));
    let arguments = [
        "serve",
        "--data-dir",
        data.to_str().unwrap(),
        "--ready-file",
        ready.to_str().unwrap(),
    ];
    let first = Serving::start(&lab, &arguments[1..]);
    let ca = text(&data.join("ca.pem"));

    let second = lab.run(&arguments);
    assert_eq!((second.code, &*second.stdout), (Some(96), ""));
    let words = format!("another server, process {}, works in it", first.child.id());
    second.tells(&words);
    let help = "= help: stop that server, or give this one a data folder of its own";
    second.tells(help);
    assert_eq!(text(&data.join("ca.pem")), ca);
    assert_eq!(text(&ready), first.line);

    // However it ends, it is out of the way, with what a push had not finished.
    let repository = data.join("repositories/111122223333/us-east-2/MyDemoRepo.git");
    let quarantine = repository.join("objects/tmp_objdir-incoming-a1b2c3");
    fs::create_dir(&quarantine).unwrap();
    fs::write(quarantine.join("tmp_pack"), "PACK").unwrap();
    first.stop(Signal::KILL);
    let third = Serving::start(&lab, &arguments[1..]);
    assert!(!quarantine.exists());
    assert!(repository.join("objects").is_dir());
    third.stop(Signal::TERM);
}

/// Who waits for the file would find a port and a token that are nobody's.
#[test]
fn a_ready_file_of_a_killed_server_goes_before_a_new_one_is_up() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    let ready = folder.path().join("ready.json");
    let arguments = ["--ready-file", ready.to_str().unwrap()];
    let killed = Serving::start(&lab, &arguments);
    killed.stop(Signal::KILL);
    assert!(ready.exists());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = lab.run(&["serve", "--port", &port, arguments[0], arguments[1]]);
    assert_eq!(refused.code, Some(96));
    assert!(!ready.exists());
}

#[test]
fn a_ready_file_takes_nothing_elses_place() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name);
    fs::write(path("mine.toml"), "id = \"mine\"\n").unwrap();
    let socket = std::os::unix::net::UnixListener::bind(path("socket"));
    std::os::unix::fs::symlink("/dev/null", path("device")).unwrap();
    for (name, told) in [
        ("mine.toml", "something else is there, and would be lost"),
        ("socket", "this is no regular file"),
        ("device", "this is no regular file"),
        (".", "this is a folder"),
    ] {
        let ended = lab.run(&["serve", "--ready-file", path(name).to_str().unwrap()]);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        ended.tells(told);
    }
    drop(socket);
    assert_eq!(text(&path("mine.toml")), "id = \"mine\"\n");
    assert!(path("socket").exists() && path("device").is_symlink());
}

#[test]
fn a_ready_file_that_somebody_else_has_written_stays() {
    let (lab, folder) = (Lab::new(), tempfile::tempdir().unwrap());
    // As `mktemp` makes it.
    let ready = tempfile::NamedTempFile::new_in(&folder).unwrap();
    let ready = ready.path();
    let serving = Serving::start(&lab, &["--ready-file", ready.to_str().unwrap()]);
    assert_eq!(text(ready), serving.line);
    fs::write(ready, "of another\n").unwrap();
    assert_eq!(serving.stop(Signal::TERM).0, Some(0));
    assert_eq!(text(ready), "of another\n");
}

#[test]
#[cfg(target_os = "linux")]
fn a_journal_that_cannot_be_written_is_told_when_it_happens() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink("/dev/full", data.path().join("journal.jsonl")).unwrap();
    let folder = data.path().to_str().unwrap();
    let mut serve = lab.command(&["serve", "--quiet", "--data-dir", folder]);
    let child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut serving = Serving::of(child.unwrap());
    let ready: serde_json::Value = serde_json::from_str(&serving.line).unwrap();
    let plain_http = |path: &str| {
        let port = ready["port"].as_u64().unwrap();
        let agent = ureq::Agent::config_builder()
            .proxy(None)
            .build()
            .new_agent();
        agent.get(format!("http://127.0.0.1:{port}{path}")).call()
    };
    assert!(plain_http("/one").is_err());
    let mut stderr = BufReader::new(serving.child.stderr.take().unwrap());
    let mut told = String::new();
    stderr.read_line(&mut told).unwrap();
    assert!(told.contains("journal.jsonl: No space left"), "{told}");
    // Once, and the server goes on.
    assert!(plain_http("/two").is_err());
    assert_eq!(serving.stop(Signal::TERM).0, Some(96));
    told.clear();
    stderr.read_to_string(&mut told).unwrap();
    assert!(!told.contains("No space left"), "{told}");
}
