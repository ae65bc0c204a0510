//! Environment variables, as a value.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// The environment variables that the helper may look at, and the home directory.
///
/// A value instead of `std::env`, so that tests, sandboxes and the process itself go the same way.
#[derive(Clone, Default)]
pub struct Variables {
    values: BTreeMap<OsString, OsString>,
    /// What the system says the home directory is; asked for only where no variable says it.
    system_home: Option<PathBuf>,
}

/// A variable holds something other than Unicode text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the variable {name}: it is not Unicode text")]
pub struct NotText {
    /// The name of the variable.
    pub name: &'static str,
}

impl Variables {
    /// The variables of this process.
    pub fn of_process() -> Self {
        let mut variables: Self = std::env::vars_os().collect();
        if variables.home().is_none() {
            variables.system_home = std::env::home_dir();
        }
        variables
    }

    /// The value, also if it is empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.values.get(&key(name.into())).map(OsString::as_os_str)
    }

    /// The value as text. An empty value counts as none: CI systems set variables to nothing to mean "not set".
    ///
    /// # Errors
    /// [`NotText`] if the value is not Unicode.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, NotText> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => value.to_str().map(Some).ok_or(NotText { name }),
        }
    }

    /// The first of `names` that has text, with its name.
    ///
    /// # Errors
    /// [`NotText`] if its value is not Unicode.
    pub fn first_text<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<Option<(&'static str, &str)>, NotText> {
        for name in names {
            if let Some(value) = self.text(name)? {
                return Ok(Some((name, value)));
            }
        }
        Ok(None)
    }

    /// The home directory, found as Python's `os.path.expanduser` finds it, which is what the AWS CLI uses:
    /// `HOME`, and on Windows `USERPROFILE` or `HOMEDRIVE` and `HOMEPATH`.
    pub fn home(&self) -> Option<PathBuf> {
        let filled = |name| self.get(name).filter(|value| !value.is_empty());
        if cfg!(windows) {
            if let Some(profile) = filled("USERPROFILE") {
                return Some(profile.into());
            }
            if let Some(path) = filled("HOMEPATH") {
                let mut home = self.get("HOMEDRIVE").unwrap_or_default().to_owned();
                home.push(path);
                return Some(home.into());
            }
        }
        filled("HOME")
            .map(PathBuf::from)
            .or_else(|| self.system_home.clone())
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self {
            values: pairs
                .into_iter()
                .map(|(name, value)| (key(name.into()), value.into()))
                .collect(),
            system_home: None,
        }
    }
}

/// Names only: values may be secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Windows does not tell `Path` from `PATH`.
fn key(name: OsString) -> OsString {
    if cfg!(windows) {
        name.to_ascii_uppercase()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_no_text() {
        let variables = Variables::from_iter([("AWS_PROFILE", "")]);
        assert_eq!(variables.text("AWS_PROFILE"), Ok(None));
        assert_eq!(variables.get("AWS_PROFILE"), Some(OsStr::new("")));
    }

    #[test]
    fn debug_shows_names_only() {
        let variables = Variables::from_iter([("AWS_SECRET_ACCESS_KEY", "hunter2")]);
        assert_eq!(format!("{variables:?}"), r#"{"AWS_SECRET_ACCESS_KEY"}"#);
    }

    #[test]
    fn the_first_variable_with_text_wins() {
        let variables = Variables::from_iter([("A", ""), ("B", "b"), ("C", "c")]);
        assert_eq!(variables.first_text(["A", "B", "C"]), Ok(Some(("B", "b"))));
    }
}
