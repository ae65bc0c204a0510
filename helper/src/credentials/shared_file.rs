//! `~/.aws/config` and `~/.aws/credentials` on disk: where they are, and whether.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::FileSummary;
use super::profile_file::{ProfileFile, Section};
use super::{CredentialsError, Location};
use crate::variables::Variables;

/// A file that may not exist.
#[derive(Clone, Debug)]
pub(super) struct SharedFile {
    /// `None` if there is not even a home directory to look in.
    path: Option<PathBuf>,
    /// `None` if it does not exist.
    content: Option<ProfileFile>,
}

impl SharedFile {
    /// Reads the file that `variable` names, or `name` in `~/.aws`.
    pub(super) fn read(
        variable: &str,
        name: &str,
        variables: &Variables,
    ) -> Result<Self, CredentialsError> {
        let path = match variables.get(variable) {
            Some(path) => Some(expand(path, variables)),
            None => variables.home().map(|home| home.join(".aws").join(name)),
        };
        let content = match &path {
            Some(path) => read_profile_file(path)?,
            None => None,
        };
        Ok(Self { path, content })
    }

    /// Its sections, each with the path of the file.
    pub(super) fn sections(&self) -> impl DoubleEndedIterator<Item = (&Path, &Section)> {
        let path = self.path.as_deref().unwrap_or(Path::new(""));
        let sections = self.content.iter().flat_map(ProfileFile::sections);
        sections.map(move |section| (path, section))
    }

    /// What it has to offer.
    pub(super) fn summary(&self, is_profile: impl Fn(&Section) -> bool) -> Option<FileSummary> {
        Some(FileSummary {
            path: self.path.clone()?,
            profiles: self.content.as_ref().map(|file| {
                file.sections()
                    .filter(|section| is_profile(section))
                    .count()
            }),
        })
    }
}

/// `None` if there is no such file. Like botocore, anything but a regular file counts as none: people write
/// `AWS_CONFIG_FILE=/dev/null`.
fn read_profile_file(path: &Path) -> Result<Option<ProfileFile>, CredentialsError> {
    let unreadable = |error: io::Error| CredentialsError::Unreadable {
        file: path.to_owned(),
        error: error.to_string(),
    };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => (),
        Ok(_) => return Ok(None),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(unreadable)?);
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        CredentialsError::NotUtf8 {
            at: location(path, before.split(|&byte| byte == b'\n').count()),
        }
    })?;
    let parsed = ProfileFile::parse(text).map_err(|error| CredentialsError::Malformed {
        at: location(path, error.line),
        fault: error.fault,
    })?;
    Ok(Some(parsed))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// A path from a variable, with `~` and `$NAME` in it expanded, as botocore does.
pub(super) fn expand(path: &OsStr, variables: &Variables) -> PathBuf {
    let Some(text) = path.to_str() else {
        return path.into();
    };
    let text = expand_variables(text, variables);
    let after_tilde = text.strip_prefix('~');
    match after_tilde.and_then(|rest| Some((rest, variables.home()?))) {
        Some(("", home)) => home,
        Some((rest, home)) if rest.starts_with(std::path::is_separator) => {
            home.join(rest.trim_start_matches(std::path::is_separator))
        }
        _ => text.into(),
    }
}

/// `$NAME` and `${NAME}`; what is not set stays as it is.
fn expand_variables(text: &str, variables: &Variables) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (before, from_dollar) = rest.split_at(dollar);
        expanded.push_str(before);
        let after = &from_dollar[1..];
        let (name, length) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            Some((name, _)) => (name, 1 + name.len() + 2),
            None => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
                (&after[..end], 1 + end)
            }
        };
        match variables.get(name).and_then(OsStr::to_str) {
            Some(value) => expanded.push_str(value),
            None => expanded.push_str(&from_dollar[..length]),
        }
        rest = &from_dollar[length..];
    }
    expanded.push_str(rest);
    expanded
}

pub(super) fn location(file: &Path, line: usize) -> Location {
    Location {
        file: file.to_owned(),
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_from_variables_are_expanded() {
        let variables = Variables::from_iter([
            ("HOME", "/home/alice"),
            ("USERPROFILE", "/home/alice"),
            ("WHERE", "/etc"),
        ]);
        for (path, expanded) in [
            ("~", "/home/alice"),
            ("~/aws", "/home/alice/aws"),
            ("~bob/aws", "~bob/aws"),
            ("$WHERE/aws", "/etc/aws"),
            ("${WHERE}aws$", "/etcaws$"),
            ("$NOWHERE/${NOWHERE}/${", "$NOWHERE/${NOWHERE}/${"),
        ] {
            assert_eq!(
                expand(OsStr::new(path), &variables),
                Path::new(expanded),
                "{path}"
            );
        }
    }
}
