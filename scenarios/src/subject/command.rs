//! A helper of the user's own, written as git's `credential.helper` takes it.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use codecommit_mock::document::did_you_mean;

use crate::toolbox::Missing;

/// A line for `sh`, to which an operation is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(String);

/// A text is none of the words, nor a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is neither {} nor a command: write a path, or `!` and a line for the shell{}",
    .words.map(|word| format!("`{word}`")).join(" nor "),
    meant(.text, .words)
)]
pub struct NotACommand {
    text: String,
    words: [&'static str; 2],
}

fn meant(text: &str, words: &[&'static str]) -> String {
    did_you_mean(text, words.iter().copied())
        .map_or(String::new(), |question| format!("; {question}"))
}

impl CommandLine {
    /// Reads a command: `!` and a shell command line, or a path, which arguments may follow. A relative path is made
    /// absolute. `words` names what else could have been meant.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str, words: [&'static str; 2]) -> Result<Self, NotACommand> {
        let wrong = || NotACommand {
            text: text.to_owned(),
            words,
        };
        if let Some(line) = text.strip_prefix('!') {
            let line = line.trim();
            return (!line.is_empty())
                .then(|| Self(line.to_owned()))
                .ok_or_else(wrong);
        }
        let (program, rest) = split(text);
        if !program.contains('/') {
            return Err(wrong());
        }
        let program = std::path::absolute(program).map_err(|_| wrong())?;
        Ok(Self(format!("{}{rest}", program.display())))
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its program is there: whatever the shell knows by its first word. A line that begins with more than a plain
    /// word is the shell's own affair.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn exists(&self, path: &OsStr) -> Result<(), Missing> {
        let (program, _) = split(&self.0);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+-".contains(&byte);
        if program.contains('/') && program.bytes().all(plain) {
            return crate::toolbox::runnable(Path::new(program));
        }
        let known = Command::new("sh")
            .args(["-c", "command -v -- \"$0\"", program])
            .env("PATH", path)
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success());
        if known || !program.bytes().all(plain) {
            return Ok(());
        }
        Err(Missing::not_installed(program))
    }
}

fn split(line: &str) -> (&str, &str) {
    line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()))
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        CommandLine::parse(text, ["ours", "aws-cli"])
            .ok()
            .map(|line| line.0)
    }

    #[test]
    fn a_command_is_a_shell_line_or_a_path() {
        assert_eq!(parse("!my-helper --x").as_deref(), Some("my-helper --x"));
        assert_eq!(parse("/opt/h --x").as_deref(), Some("/opt/h --x"));
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            parse("bin/h --x"),
            Some(format!("{}/bin/h --x", here.display()))
        );
    }

    #[test]
    fn a_word_or_nothing_is_no_command() {
        for text in ["our", "", "!", "! "] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_found_missing() {
        let exists = |line: &str| CommandLine(line.to_owned()).exists(OsStr::new("/usr/bin:/bin"));
        assert!(exists("sh -c x").is_ok());
        assert!(exists("exit 1").is_ok());
        assert!(exists("f() { echo; }; f").is_ok());
        assert!(exists("no-such-helper-anywhere").is_err());
        assert!(exists("/nonexistent/helper get").is_err());
    }
}
