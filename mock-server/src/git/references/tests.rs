use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{FEW_STAMPS, References, Snapshot};
use crate::fidelity::Profile;
use crate::git::{advertisement, ls_refs::Question, pkt_line};
use crate::git_program::GitProgram;
use crate::route::Service;

/// A repository, and a git that makes changes in it by path, as nobody tells the server.
struct Repository {
    folder: TempDir,
    program: GitProgram,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = GitProgram::new(GitProgram::find().unwrap(), folder.path().join("home"));
        let repository = Self { folder, program };
        repository.git(&[
            "init",
            "--quiet",
            "--bare",
            "--template=",
            "--initial-branch=main",
        ]);
        repository
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("bare.git")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command();
        command.env("GIT_DIR", self.path()).args(arguments);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Alice");
            command.env(format!("GIT_{role}_EMAIL"), "alice@example.com");
        }
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A commit of the empty tree.
    fn commit(&self, message: &str) -> String {
        let mut hash = self.command(&["mktree"]);
        let tree = hash
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
            .stdout;
        let tree = String::from_utf8(tree).unwrap();
        self.git(&["commit-tree", "-m", message, tree.trim()])
    }

    fn upload_pack(
        &self,
        service: &str,
        arguments: &[&str],
        protocol: &str,
        input: &[u8],
    ) -> Vec<u8> {
        use std::io::Write as _;
        use std::process::Stdio;
        let mut child = self
            .command(&[service, "--stateless-rpc"])
            .args(arguments)
            .arg(self.path())
            .env("GIT_PROTOCOL", protocol)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout
    }
}

fn references(repository: &Repository, settling: Duration) -> Arc<References> {
    Arc::new(References::settling_in(
        repository.program.clone(),
        settling,
    ))
}

fn now(references: &Arc<References>, path: &Path) -> Option<Arc<Snapshot>> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(references.now(path))
}

/// Reads until nothing has to be read any more.
fn settle(references: &Arc<References>, path: &Path) {
    let began = Instant::now();
    while !references.kept(path).is_some_and(|kept| kept.is_settled) {
        now(references, path);
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "it never settles"
        );
    }
}

/// Every answer is git's, byte for byte.
#[track_caller]
fn compare(repository: &Repository) {
    let references = references(repository, Duration::ZERO);
    let snapshot = now(&references, &repository.path()).expect("read in process");
    for (service, name) in [
        (Service::UploadPack, "upload-pack"),
        (Service::ReceivePack, "receive-pack"),
    ] {
        let from_git = repository.upload_pack(name, &["--advertise-refs"], "", b"");
        let expected = advertisement::dress(service, Profile::CodeCommit, from_git);
        let written = advertisement::write(service, &snapshot);
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(&expected)
        );
    }
    for arguments in [
        &[][..],
        &["peel"],
        &["symrefs"],
        &["unborn"],
        &["peel\n", "symrefs\n", "unborn\n"],
        &[
            "peel",
            "symrefs",
            "unborn",
            "ref-prefix HEAD",
            "ref-prefix refs/heads/",
        ],
        &["peel", "ref-prefix refs/tags/v1"],
        &["ref-prefix nothing"],
        &["ref-prefix "],
    ] {
        let mut request = pkt_line::encode(b"command=ls-refs\n");
        request.extend(pkt_line::encode(b"agent=git/2.40"));
        request.extend(pkt_line::encode(b"object-format=sha1"));
        request.extend_from_slice(pkt_line::DELIMITER);
        for argument in arguments {
            request.extend(pkt_line::encode(argument.as_bytes()));
        }
        request.extend_from_slice(pkt_line::FLUSH);
        let expected = repository.upload_pack("upload-pack", &[], "version=2", &request);
        let answer = Question::parse(&request).unwrap().answer(&snapshot);
        assert_eq!(
            String::from_utf8_lossy(&answer),
            String::from_utf8_lossy(&expected),
            "{arguments:?}"
        );
    }
}

#[test]
fn answers_are_those_of_git_in_every_shape_of_repository() {
    let repository = Repository::new();
    compare(&repository); // Nothing, HEAD not born.
    let first = repository.commit("first");
    repository.git(&["update-ref", "refs/heads/topic/a", &first]);
    compare(&repository); // HEAD not born, but others are.
    repository.git(&["update-ref", "refs/heads/main", &first]);
    compare(&repository);
    repository.git(&["tag", "light", "main"]);
    repository.git(&["tag", "-a", "-m", "one", "v1", "main"]);
    repository.git(&["tag", "-a", "-m", "of a tag", "v1-signed", "v1"]);
    repository.git(&["update-ref", "refs/notes/x", &first]);
    repository.git(&["update-ref", "refs/heads/topic-b", &first]);
    compare(&repository); // Tags, of tags too; names that sort around a slash.
    repository.git(&["pack-refs", "--all"]);
    compare(&repository); // Packed.
    let second = repository.commit("second");
    repository.git(&["update-ref", "refs/heads/main", &second]);
    compare(&repository); // Loose before packed.
    repository.git(&["repack", "-a", "-d", "-q"]);
    compare(&repository); // Objects in a pack.
    repository.git(&["update-ref", "-d", "refs/heads/topic/a"]);
    compare(&repository); // One packed reference gone.
    let tree = repository.git(&["rev-parse", "main^{tree}"]);
    repository.git(&["tag", "-a", "-m", "a tree", "tree", &tree]);
    repository.git(&["update-ref", "refs/odd/tree", &tree]);
    compare(&repository); // What is no commit.
    repository.git(&["update-ref", "--no-deref", "HEAD", &first]);
    compare(&repository); // Detached.
    let path = repository.path();
    std::fs::write(path.join("refs/heads/main.lock"), "").unwrap();
    std::fs::write(path.join("refs/heads/.DS_Store"), "x").unwrap();
    std::fs::create_dir(path.join("refs/heads/empty")).unwrap();
    compare(&repository); // What lies beside.
    std::fs::write(path.join("refs/heads/übung"), format!("{first}\n")).unwrap();
    compare(&repository);
}

#[test]
fn what_this_reader_does_not_know_is_left_to_git() {
    let make = |change: &dyn Fn(&Repository, &Path, &str)| {
        let repository = Repository::new();
        let id = repository.commit("first");
        repository.git(&["update-ref", "refs/heads/main", &id]);
        change(&repository, &repository.path(), &id);
        let references = references(&repository, Duration::ZERO);
        now(&references, &repository.path()).is_some()
    };
    assert!(make(&|_, _, _| {}));
    assert!(!make(&|repository, _, _| {
        repository.git(&["config", "uploadpack.hideRefs", "refs/secret"]);
    }));
    assert!(!make(&|repository, _, _| {
        repository.git(&["config", "include.path", "elsewhere"]);
    }));
    assert!(!make(&|repository, _, _| {
        repository.git(&["config", "extensions.refStorage", "reftable"]);
    }));
    assert!(!make(&|repository, _, _| {
        repository.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    }));
    assert!(!make(&|_, path, id| std::fs::write(
        path.join("shallow"),
        id
    )
    .unwrap()));
    assert!(!make(&|_, path, _| std::fs::write(
        path.join("refs/heads/broken"),
        "no id"
    )
    .unwrap()));
    assert!(!make(&|_, path, _| {
        std::fs::write(
            path.join("refs/heads/missing"),
            "1234567890123456789012345678901234567890\n",
        )
        .unwrap();
    }));
    assert!(!make(&|_, path, id| std::fs::write(
        path.join("refs/heads/a..b"),
        id
    )
    .unwrap()));
    #[cfg(unix)]
    assert!(!make(&|_, path, _| {
        std::os::unix::fs::symlink("main", path.join("refs/heads/link")).unwrap();
    }));
}

/// Each change is made where nobody tells the server, and most of them when the reading has settled.
#[test]
fn a_change_by_path_is_seen_by_the_next_reading() {
    let repository = Repository::new();
    let path = repository.path();
    let ids: Vec<_> = (0..12)
        .map(|n| repository.commit(&format!("commit {n}")))
        .collect();
    let references = references(&repository, Duration::from_millis(25));
    let main = path.join("refs/heads/main");
    for round in 0..60 {
        let id = &ids[round % ids.len()];
        match round % 5 {
            0 => drop(repository.git(&["update-ref", "refs/heads/main", id])),
            1 => {
                repository.git(&["update-ref", "refs/heads/main", id]);
                repository.git(&["pack-refs", "--all", "--prune"]);
            }
            // In place, with the same size.
            2 => {
                std::fs::create_dir_all(path.join("refs/heads")).unwrap();
                std::fs::write(&main, format!("{id}\n")).unwrap();
            }
            3 => {
                let modified = std::fs::metadata(&main).unwrap().modified().unwrap();
                std::fs::write(&main, format!("{id}\n")).unwrap();
                std::fs::File::options()
                    .write(true)
                    .open(&main)
                    .unwrap()
                    .set_modified(modified)
                    .unwrap();
            }
            // Another one, in a folder that was not there.
            _ => {
                repository.git(&["update-ref", "refs/heads/main", id]);
                repository.git(&["update-ref", &format!("refs/heads/new{round}/x"), id]);
            }
        }
        let snapshot = now(&references, &path).unwrap();
        assert_eq!(snapshot.head.id.as_ref(), Some(id), "round {round}");
        let names = repository.git(&["for-each-ref", "--format=%(objectname) %(refname)"]);
        let read: Vec<_> = snapshot
            .references
            .iter()
            .map(|r| format!("{} {}", r.id, r.name))
            .collect();
        assert_eq!(read.join("\n"), names, "round {round}");
        if round % 3 != 0 {
            settle(&references, &path);
            assert!(Arc::ptr_eq(
                &now(&references, &path).unwrap(),
                &now(&references, &path).unwrap()
            ));
        }
    }
}

#[test]
fn a_change_among_many_references_is_seen_too() {
    let repository = Repository::new();
    let path = repository.path();
    let (first, second) = (repository.commit("first"), repository.commit("second"));
    let heads = path.join("refs/heads");
    for n in 0..=FEW_STAMPS {
        std::fs::write(heads.join(format!("topic{n}")), format!("{first}\n")).unwrap();
    }
    let references = references(&repository, Duration::ZERO);
    settle(&references, &path);
    let settled = now(&references, &path).unwrap();
    assert!(Arc::ptr_eq(&settled, &now(&references, &path).unwrap()));
    std::fs::write(heads.join("topic7"), format!("{second}\n")).unwrap();
    let changed = now(&references, &path).unwrap();
    let topic = changed
        .references
        .iter()
        .find(|r| r.name == "refs/heads/topic7");
    assert_eq!(topic.map(|topic| &topic.id), Some(&second));
}

#[test]
fn a_request_that_git_has_to_judge_is_not_answered() {
    for request in [
        &b""[..],
        b"0013command=ls-refs",
        b"0013command=ls-ref0",
        b"0013command=ls-refs00010009what\n0000",
        b"0013command=ls-refs0013server-option=x0000",
        b"0013command=ls-refs0001000",
        b"0013command=ls-refs00010009peel\n0001",
        b"0013command=ls-refs0017object-format=sha2560000",
    ] {
        assert_eq!(
            Question::parse(request),
            None,
            "{}",
            String::from_utf8_lossy(request)
        );
    }
}
