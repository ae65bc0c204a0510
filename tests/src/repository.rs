//! The demo repository, as it lies on the server's disk, and work on clones of it.

#![expect(clippy::expect_used, reason = "a test cannot go on without")]

use std::fs;
use std::path::PathBuf;

use crate::Lab;

impl Lab {
    /// The folder of the demo repository.
    pub fn repository(&self) -> PathBuf {
        let path = "repositories/111122223333/us-east-2/MyDemoRepo.git";
        self.server.data_dir().join(path)
    }

    /// What git says in the folder of the demo repository, past the server.
    #[track_caller]
    pub fn in_repository(&self, arguments: &[&str]) -> String {
        let folder = self.repository();
        let place = ["--git-dir", folder.to_str().expect("a path in UTF-8")];
        let said = self.git(&[&place, arguments].concat()).ok();
        said.stdout.trim().to_owned()
    }

    /// The commit that the demo repository's `main` is at.
    pub fn head(&self) -> String {
        let head = self.repository().join("refs/heads/main");
        let text = fs::read_to_string(head).expect("main is there");
        text.trim().to_owned()
    }

    /// Commits what is staged in a clone, if anything is, and gives the commit's id.
    #[track_caller]
    pub fn commit(&self, folder: &str, message: &str) -> String {
        let commit = ["commit", "--quiet", "--allow-empty", "-m", message];
        self.git(&[&["-C", folder], &commit[..]].concat()).ok();
        let id = self.git(&["-C", folder, "rev-parse", "HEAD"]).ok().stdout;
        id.trim().to_owned()
    }

    /// Pushes from a clone to where it came from.
    #[track_caller]
    pub fn push(&self, folder: &str, refspec: &str) {
        self.git(&["-C", folder, "push", "--quiet", "origin", refspec])
            .ok();
    }
}
