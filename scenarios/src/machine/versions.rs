//! Versions of git: the one that is there, and those that something holds for.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use semver::{Comparator, Op, Version, VersionReq};
use serde::{Deserialize, Deserializer, de};

/// A git's version, up to its third number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitVersion([u64; 3]);

/// Versions that something holds for: `>= 2.46`, or `>= 2.40, < 2.46`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions(VersionReq);

/// A text does not name versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say which versions: write `>= 2.46`, `< 2.46`, or `>= 2.40, < 2.46`")]
pub struct NotVersions(String);

impl GitVersion {
    /// Reads what git says of itself: `git version 2.39.5 (Apple Git-154)`, `git version 2.47.1.windows.2`.
    pub fn of(told: &str) -> Option<Self> {
        let mut numbers = told
            .strip_prefix("git version ")?
            .split(|letter: char| !letter.is_ascii_digit())
            .map_while(|number| number.parse().ok());
        let (major, minor) = (numbers.next()?, numbers.next()?);
        Some(Self([major, minor, numbers.next().unwrap_or(0)]))
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl Versions {
    /// Whether this is one of them.
    pub fn hold(&self, version: GitVersion) -> bool {
        let [major, minor, patch] = version.0;
        self.0.matches(&Version::new(major, minor, patch))
    }

    /// `2.46 or later`, `2.40 or later and older than 2.46`.
    pub fn in_words(&self) -> String {
        let words: Vec<String> = self.0.comparators.iter().map(one_in_words).collect();
        words.join(" and ")
    }
}

fn one_in_words(comparator: &Comparator) -> String {
    let number = |number: Option<u64>| number.map_or(String::new(), |number| format!(".{number}"));
    let version = format!(
        "{}{}{}",
        comparator.major,
        number(comparator.minor),
        number(comparator.patch)
    );
    match comparator.op {
        Op::Less => format!("older than {version}"),
        Op::LessEq => format!("{version} or older"),
        Op::Greater => format!("later than {version}"),
        _ => format!("{version} or later"),
    }
}

impl FromStr for Versions {
    type Err = NotVersions;

    fn from_str(text: &str) -> Result<Self, NotVersions> {
        let wrong = || NotVersions(text.to_owned());
        let versions = VersionReq::parse(text).map_err(|_| wrong())?;
        let plain = |one: &Comparator| {
            let known = [Op::Less, Op::LessEq, Op::Greater, Op::GreaterEq];
            known.contains(&one.op) && one.minor.is_some() && one.pre.is_empty()
        };
        match versions.comparators.is_empty() || !versions.comparators.iter().all(plain) {
            true => Err(wrong()),
            false => Ok(Self(versions)),
        }
    }
}

/// As it is written.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comparators = self.0.comparators.iter();
        let words: Vec<String> = comparators
            .map(|one| {
                let text = one.to_string();
                let at = text.find(|letter: char| letter.is_ascii_digit());
                let (sign, version) = text.split_at(at.unwrap_or(0));
                format!("{} {version}", sign.trim())
            })
            .collect();
        f.write_str(&words.join(", "))
    }
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Versions {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Versions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}$", Self::PATTERN) })
    }
}

impl Versions {
    /// A regular expression for editors.
    pub(crate) const PATTERN: &str = r"[<>]=? *\d+\.\d+(\.\d+)?( *, *[<>]=? *\d+\.\d+(\.\d+)?)*";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_git_says_of_itself() {
        for (told, version) in [
            ("git version 2.47.3", Some("2.47.3")),
            ("git version 2.39.5 (Apple Git-154)", Some("2.39.5")),
            ("git version 2.47.1.windows.2", Some("2.47.1")),
            ("git version 2.48.GIT", Some("2.48.0")),
            ("git version unknown", None),
            ("aws-cli/2.0", None),
        ] {
            let actual = GitVersion::of(told).map(|version| version.to_string());
            assert_eq!(actual.as_deref(), version, "{told}");
        }
    }

    #[test]
    fn versions_hold_up_to_their_ends() {
        let hold = |versions: &str, version: &str| {
            let version = GitVersion::of(&format!("git version {version}")).unwrap();
            versions.parse::<Versions>().unwrap().hold(version)
        };
        assert!(hold(">= 2.46", "2.46.0"));
        assert!(!hold(">= 2.46", "2.45.9"));
        assert!(hold("< 2.46", "2.45.9"));
        assert!(!hold("< 2.46", "2.46.0"));
        assert!(hold("<= 2.46", "2.46.4"));
        assert!(!hold("> 2.46", "2.46.4"));
        assert!(hold(">= 2.40, < 2.46", "2.44.1"));
        assert!(!hold(">= 2.40, < 2.46", "2.39.5"));
    }

    #[test]
    fn they_are_told_as_they_are_written_and_in_words() {
        let versions: Versions = ">=2.40,<2.46.1".parse().unwrap();
        assert_eq!(versions.to_string(), ">= 2.40, < 2.46.1");
        assert_eq!(versions.in_words(), "2.40 or later and older than 2.46.1");
    }

    #[test]
    fn what_names_no_versions_is_refused() {
        for text in [
            "",
            "2.46",
            "*",
            "^2.46",
            "= 2.46",
            ">= 2",
            ">= 2.46-rc1",
            "new",
        ] {
            assert!(text.parse::<Versions>().is_err(), "{text}");
        }
    }
}
