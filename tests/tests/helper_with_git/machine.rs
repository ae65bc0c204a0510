//! A user's machine with our programs, one git of those that are installed, and other credential helpers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use codecommit_mock::MockServer;
use codecommit_tests::{HOST, KEY_ID, Lab, PATH, SECRET, Said, skipped, url};

/// A git, and whether it tells other helpers that a password is ephemeral (since 2.46).
#[derive(Clone, Debug)]
pub(crate) struct Git {
    pub(crate) program: PathBuf,
    pub(crate) knows_ephemeral: bool,
}

pub(crate) struct Machine {
    pub(crate) lab: Lab,
    git: Git,
    minutes: u32,
    /// Whether alice's key is in the environment.
    has_keys: bool,
}

/// The gits in the usual places.
pub(crate) fn gits() -> Vec<Git> {
    let programs = [
        "/usr/local/bin/git",
        "/usr/bin/git",
        "/opt/homebrew/bin/git",
    ];
    let mut gits = Vec::new();
    for program in programs.map(PathBuf::from) {
        let Ok(output) = Command::new(&program).arg("--version").output() else {
            continue;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text
            .trim_start_matches("git version ")
            .split('.')
            .map_while(|number| number.trim().parse::<u32>().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let knows_ephemeral = version >= (2, 46);
        gits.push(Git {
            program,
            knows_ephemeral,
        });
    }
    assert!(!gits.is_empty(), "there is no git");
    gits
}

/// Git Credential Manager, if `ci/install-peers.sh` has installed it; else says that it is skipped.
pub(crate) fn credential_manager() -> Option<PathBuf> {
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../ci/peers/bin/git-credential-manager"
    );
    let found = Path::new(program).canonicalize().ok();
    if found.is_none() {
        skipped("Git Credential Manager is not installed (ci/install-peers.sh)");
    }
    found
}

/// The folder of our programs, which are built if need be: those of another package are not built for a test. `cargo test
/// --workspace` has built them already.
pub(crate) fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap().to_owned();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let source = newest(&workspace.join("helper").join("src")).unwrap();
        let is_fresh = ["git-credential-codecommit", "git-remote-codecommit"]
            .iter()
            .all(|program| newest(&folder.join(program)).is_some_and(|built| built >= source));
        if !is_fresh {
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "-p", "codecommit-helper", "--bins"]);
            build.current_dir(workspace);
            build.env("CARGO_TARGET_DIR", folder.parent().unwrap());
            if folder.ends_with("release") {
                build.arg("--release");
            }
            assert!(build.status().unwrap().success());
        }
        folder
    })
}

/// When a file, or the youngest file in a folder, was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).ok()?;
        return entries
            .filter_map(|entry| newest(&entry.ok()?.path()))
            .max();
    }
    path.metadata().ok()?.modified().ok()
}

impl Machine {
    pub(crate) fn new(git: &Git) -> Self {
        Self {
            lab: Lab::demo(),
            git: git.clone(),
            minutes: 0,
            has_keys: true,
        }
    }

    /// In this world, with this configuration of AWS, no key in the environment, and our helper set up.
    pub(crate) fn with_config(git: &Git, world: &str, config: &str) -> Self {
        let world = codecommit_tests::world(world);
        let machine = Self {
            lab: Lab::start(MockServer::builder().world(world)),
            git: git.clone(),
            minutes: 0,
            has_keys: false,
        };
        std::fs::create_dir(machine.lab.home().join(".aws")).unwrap();
        std::fs::write(machine.lab.home().join(".aws/config"), config).unwrap();
        machine.ours(&["setup"]).ok();
        machine
    }

    /// Any program.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let git = self.git.program.parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", git.display(), programs().display());
        let mut command = self.lab.command(program);
        command
            .env("PATH", path)
            .env("TMPDIR", self.lab.home())
            .env("CODECOMMIT_HELPER_CLOCK", format!("+{}m", self.minutes))
            .env("GIT_ASKPASS", "")
            .env("GCM_INTERACTIVE", "0")
            .env("GCM_AUTODETECT_TIMEOUT", "0")
            .env("GCM_CREDENTIAL_STORE", "plaintext");
        if self.has_keys {
            command
                .env("AWS_ACCESS_KEY_ID", KEY_ID)
                .env("AWS_SECRET_ACCESS_KEY", SECRET);
        }
        command
    }

    #[must_use]
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> Said {
        let mut command = self.command(program);
        command.args(arguments).output().unwrap().into()
    }

    #[must_use]
    pub(crate) fn git(&self, arguments: &[&str]) -> Said {
        self.run(&self.git.program, arguments)
    }

    #[must_use]
    pub(crate) fn ours(&self, arguments: &[&str]) -> Said {
        self.run(&programs().join("git-credential-codecommit"), arguments)
    }

    /// Adds a line to the user's `credential.helper`.
    pub(crate) fn add_helper(&self, helper: &str) {
        self.git(&["config", "--global", "--add", "credential.helper", helper])
            .ok();
    }

    /// Time passes, for the server and for our helper.
    pub(crate) fn later(&mut self, minutes: u32) {
        self.minutes += minutes;
        let passed = time::Duration::minutes(i64::from(minutes));
        self.lab.server.clock().advance(passed);
    }

    /// Clones, and fetches and pushes sixteen minutes later.
    pub(crate) fn work_for_an_hour(&mut self, url: &str) {
        self.git(&["clone", "-q", url, "work"]).ok();
        for _ in 0..3 {
            self.later(16);
            self.git(&["-C", "work", "fetch", "-q"]).ok();
            let commit = ["-C", "work", "commit", "-q", "--allow-empty", "-m", "x"];
            self.git(&["config", "--global", "user.name", "Alice"]).ok();
            self.git(&commit).ok();
            self.git(&["-C", "work", "push", "-q", "origin", "main"])
                .ok();
        }
    }

    /// Every file of the user's that holds a Git password, by its shape.
    pub(crate) fn files_with_passwords(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.lab.home().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(&path).is_ok_and(|bytes| has_password(&bytes)) {
                    found.push(path);
                }
            }
        }
        found
    }

    pub(crate) fn stop_the_cache(&self) {
        let _ = self.git(&["credential-cache", "exit"]);
    }
}

/// Sixteen characters of a time and 64 of a signature.
pub(crate) fn has_password(bytes: &[u8]) -> bool {
    bytes.windows(80).any(|window| {
        std::str::from_utf8(window).is_ok_and(|text| {
            text.parse::<codecommit_helper::password::GitPassword>()
                .is_ok()
        })
    })
}

/// The demo repository.
pub(crate) fn demo_url() -> String {
    url(HOST, PATH)
}
