use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{Account, Repository, Seed, World};
use crate::git_program::{GitProgram, GitProgramError};

/// The repositories of a world on disk: `repositories/ACCOUNT/REGION/NAME.git`, bare, by the names that they were created with.
#[derive(Clone, Debug)]
pub struct Storage {
    root: PathBuf,
}

/// A repository cannot be put on disk.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A folder or file.
    #[error("write {}: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Git would not make it.
    #[error("make the repository {name}: {cause}")]
    Git {
        /// Which.
        name: String,
        /// What git said.
        #[source]
        cause: GitProgramError,
    },
}

impl Storage {
    /// Below `data_dir`.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            root: data_dir.join("repositories"),
        }
    }

    /// Makes every repository of `world` that is not there yet. What is there is kept, whatever its seed says now: a data
    /// folder that is used again goes on where it was left, and so does a world that takes another's place. A repository is
    /// known by account, Region and the name that it was created with: one that was renamed is the same one still, and one
    /// that is gone stays on disk until a world names it again.
    pub(crate) fn prepare(&self, world: &World, git: &GitProgram) -> Result<(), StorageError> {
        for account in &world.accounts {
            for repository in &account.repositories {
                let path = self.path(account, repository);
                if !path.exists() {
                    create(&path, repository, git)?;
                }
            }
        }
        Ok(())
    }

    /// Removes what pushes have left whose server was killed under them. Git takes its quarantine away when it ends by itself,
    /// not when it cannot say any more how the push went. Only for when nobody pushes.
    pub(crate) fn remove_quarantines(&self) {
        let repositories = entries(&self.root)
            .flat_map(|account| entries(&account))
            .flat_map(|region| entries(&region));
        for repository in repositories {
            for entry in entries(&repository.join("objects")) {
                let name = entry.file_name().unwrap_or_default();
                if name.as_encoded_bytes().starts_with(b"tmp_objdir-") {
                    // It is in nobody's way: git never looks into it.
                    let _ = fs::remove_dir_all(entry);
                }
            }
        }
    }

    /// Where a repository lies.
    pub fn path(&self, account: &Account, repository: &Repository) -> PathBuf {
        self.root
            .join(account.id.as_str())
            .join(&repository.region)
            .join(format!("{}.git", repository.created_as))
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

fn create(path: &Path, repository: &Repository, git: &GitProgram) -> Result<(), StorageError> {
    let write_error = |path: &Path, cause| StorageError::Write {
        path: path.to_owned(),
        cause,
    };
    let git_error = |cause| StorageError::Git {
        name: repository.name.to_string(),
        cause,
    };
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|cause| write_error(folder, cause))?;
    // Made beside its place and moved there when it is whole, so that an interrupted start leaves no half repository.
    let unfinished = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempdir_in(folder)
        .map_err(|cause| write_error(folder, cause))?;
    let bare = unfinished.path().join("bare.git");
    let run = |arguments: &[&str], input: &[u8]| {
        let target = ["--git-dir".as_ref(), bare.as_os_str()];
        let arguments: Vec<_> = target
            .into_iter()
            .chain(arguments.iter().map(AsRef::as_ref))
            .collect();
        git.run(&arguments, input).map_err(git_error)
    };
    run(&["init", "--quiet", "--bare", "--template="], b"")?;
    let head = format!("refs/heads/{}", repository.default_branch);
    let head_file = bare.join("HEAD");
    fs::write(&head_file, format!("ref: {head}\n"))
        .map_err(|cause| write_error(&head_file, cause))?;
    match &repository.seed {
        Seed::Empty => {}
        Seed::Sample => {
            run(&["fast-import", "--quiet"], sample(&head).as_bytes())?;
        }
        Seed::Path(source) => {
            let source = fs::canonicalize(source).map_err(|cause| write_error(source, cause))?;
            run(
                &[
                    "fetch",
                    "--quiet",
                    &source.to_string_lossy(),
                    "+refs/*:refs/*",
                ],
                b"",
            )?;
        }
    }
    fs::rename(&bare, path).map_err(|cause| write_error(path, cause))
}

/// Three commits, the same in every run: reports can name their ids.
fn sample(head: &str) -> String {
    let commits = [
        (
            "Add a README",
            "README.md",
            "# MyDemoRepo\n\nA repository to try CodeCommit with.\n",
        ),
        (
            "Add a program",
            "hello.sh",
            "#!/bin/sh\necho \"Hello from CodeCommit\"\n",
        ),
        (
            "Say how to run it",
            "README.md",
            "# MyDemoRepo\n\nA repository to try CodeCommit with.\n\n    sh hello.sh\n",
        ),
    ];
    let mut stream = String::new();
    for (index, (message, file, content)) in commits.iter().enumerate() {
        let at = 1_736_928_000 + index * 600;
        stream.push_str(&format!(
            "commit {head}\ncommitter Alice <alice@example.com> {at} +0000\ndata {}\n{message}\nM 100644 inline {file}\ndata {}\n{content}\n",
            message.len(),
            content.len(),
        ));
    }
    stream
}
