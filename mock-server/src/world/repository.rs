use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A repository, unique by name in its account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name, case-sensitive.
    pub name: RepositoryName,
    /// The name that it was created with: it lies under that on disk, however often it is renamed.
    pub created_as: RepositoryName,
    /// The Region it lives in.
    pub region: String,
    /// The branch that HEAD names.
    pub default_branch: String,
    /// What it holds when the server starts.
    pub seed: Seed,
    /// Its tags, `aws:ResourceTag/...` in policies.
    pub tags: BTreeMap<String, String>,
}

impl Repository {
    /// Gives it another name. What it holds stays; whoever asks for the old name is told that it is gone.
    pub fn rename(&mut self, name: RepositoryName) {
        self.name = name;
    }
}

/// What a repository holds when the server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seed {
    /// No commit.
    Empty,
    /// A few commits on the default branch, always the same.
    Sample,
    /// A copy of a repository or bundle on disk.
    Path(PathBuf),
}

/// A name that CodeCommit accepts for a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName(String);

/// The text cannot be the name of a repository (user guide, "Quotas in AWS CodeCommit").
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARepositoryName {
    /// Empty, or too long.
    #[error("a repository name has 1 to 100 characters")]
    Length,
    /// A character outside letters, digits and `._-`.
    #[error("a repository name holds letters, digits, `.`, `_` and `-` only")]
    Character,
    /// `.git` at the end.
    #[error("a repository name cannot end in `.git`")]
    GitSuffix,
    /// `.` or `..`: not in AWS's rules, but no folder can have that name.
    #[error("a repository name cannot be `.` or `..`")]
    Dots,
}

impl FromStr for RepositoryName {
    type Err = NotARepositoryName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if text.is_empty() || text.chars().count() > 100 {
            Err(NotARepositoryName::Length)
        } else if !text.bytes().all(allowed) {
            Err(NotARepositoryName::Character)
        } else if text.ends_with(".git") {
            Err(NotARepositoryName::GitSuffix)
        } else if text == "." || text == ".." {
            Err(NotARepositoryName::Dots)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl RepositoryName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_quotas_page() {
        let long = "x".repeat(100);
        for name in ["MyDemoRepo", "a", "a.b_c-9", &long] {
            assert!(name.parse::<RepositoryName>().is_ok(), "{name}");
        }
        let too_long = "x".repeat(101);
        for (name, error) in [
            ("", NotARepositoryName::Length),
            (&*too_long, NotARepositoryName::Length),
            ("a/b", NotARepositoryName::Character),
            ("My Repo", NotARepositoryName::Character),
            ("café", NotARepositoryName::Character),
            ("a.git", NotARepositoryName::GitSuffix),
            ("..", NotARepositoryName::Dots),
        ] {
            assert_eq!(name.parse::<RepositoryName>(), Err(error), "{name}");
        }
    }
}
