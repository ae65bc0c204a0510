//! Whether git is new enough for what `setup` writes.

use std::process::{Command, Stdio};

use crate::hint::Hint;

/// What this git makes of the sections.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TooOld {
    /// It has no credential helpers, and CodeCommit does not support it (user guide, "Setting up").
    #[error("ask a credential helper: git {0} is older than 1.7.9, the first that has them")]
    Helpers(String),
    /// It reads a `*` in the URL of a section as the letter (Git 2.26.0 release notes).
    #[error(
        "see what these sections are for: git {0} is older than 2.26, the first that knows `*` in their URLs"
    )]
    Patterns(String),
}

impl TooOld {
    pub(super) fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Helpers(_) => vec![Hint::note("CodeCommit needs git 1.7.9 or later")],
            Self::Patterns(_) => vec![Hint::run(
                "to have the hosts of a Region by name as well",
                "git-credential-codecommit setup --region us-east-2",
            )],
        }
    }
}

/// Asks git for its version. Without git, or with an answer of another form, nothing is said against it.
pub(super) fn too_old(hosts_by_name: bool) -> Option<TooOld> {
    let asked = Command::new("git")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    judge(&String::from_utf8_lossy(&asked.ok()?.stdout), hosts_by_name)
}

fn judge(said: &str, hosts_by_name: bool) -> Option<TooOld> {
    let version = said.trim().strip_prefix("git version ")?;
    let version = version.split_whitespace().next()?;
    let mut numbers = version
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let number: [u32; 3] = [
        numbers.next()?,
        numbers.next()?,
        numbers.next().unwrap_or_default(),
    ];
    if number < [1, 7, 9] {
        Some(TooOld::Helpers(version.to_owned()))
    } else if number < [2, 26, 0] && !hosts_by_name {
        Some(TooOld::Patterns(version.to_owned()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_is_judged_by_what_it_says() {
        for (said, hosts_by_name, too_old) in [
            (
                "git version 1.7.8.6\n",
                true,
                Some(TooOld::Helpers("1.7.8.6".into())),
            ),
            ("git version 1.7.9\n", true, None),
            (
                "git version 1.7.9\n",
                false,
                Some(TooOld::Patterns("1.7.9".into())),
            ),
            (
                "git version 2.25.1\n",
                false,
                Some(TooOld::Patterns("2.25.1".into())),
            ),
            ("git version 2.26.0.windows.1\n", false, None),
            ("git version 2.39.5 (Apple Git-154)\n", false, None),
            ("git version 2.47.GIT\n", false, None),
            ("something else\n", false, None),
        ] {
            assert_eq!(judge(said, hosts_by_name), too_old, "{said}");
        }
    }
}
