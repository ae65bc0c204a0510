//! A helper of the user's own, written as git's `credential.helper` takes it.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use codecommit_mock::document::did_you_mean;

use crate::links::quoted_path;
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
        let (program, rest) = program(text)
            .filter(|(program, _)| program.contains('/'))
            .ok_or_else(wrong)?;
        let path = std::path::absolute(program).map_err(|_| wrong())?;
        let shown = path.display().to_string();
        let program = match shown.chars().all(is_plain) {
            true => shown,
            false => quoted_path(&path),
        };
        Ok(Self(format!("{program}{rest}")))
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its program is there: whatever the shell knows by its first word. A line that begins with more than a plain
    /// or a quoted word is the shell's own affair.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn exists(&self, path: &OsStr) -> Result<(), Missing> {
        let Some((program, _)) = program(&self.0) else {
            return Ok(());
        };
        if program.contains('/') {
            return crate::toolbox::runnable(Path::new(program));
        }
        let known = Command::new("sh")
            .args(["-c", "command -v -- \"$0\"", program])
            .env("PATH", path)
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success());
        match known {
            true => Ok(()),
            false => Err(Missing::not_installed(program)),
        }
    }
}

/// The program of a line for the shell, and what stands behind it. None, if the shell has to expand something to know it.
pub(crate) fn program(line: &str) -> Option<(&str, &str)> {
    let quote = line.chars().next().filter(|first| "\"'".contains(*first));
    let (program, rest) = match quote {
        Some(quote) => line[1..].split_once(quote)?,
        None => line.split_at(line.find(char::is_whitespace).unwrap_or(line.len())),
    };
    let is_literal = match quote {
        Some('"') => !program.contains(['$', '`', '\\']),
        Some(_) => true,
        None => program.chars().all(is_plain),
    };
    let is_whole = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (is_literal && is_whole && !program.is_empty()).then_some((program, rest))
}

/// Whether a sign means nothing to a shell.
fn is_plain(sign: char) -> bool {
    sign.is_alphanumeric() || "_./+-".contains(sign)
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
    fn a_path_may_be_quoted() {
        for quoted in ["\"/my tools/h\" --x", "'/my tools/h' --x"] {
            assert_eq!(parse(quoted).as_deref(), Some("'/my tools/h' --x"));
        }
        assert_eq!(parse("'/opt/h'").as_deref(), Some("/opt/h"));
        // What only the shell can tell is written for the shell.
        for text in ["\"$HOME/h\"", "$HOME/h", "'/opt/h", "'/opt/'h"] {
            assert_eq!(parse(text), None, "{text}");
        }
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
        let missing = exists("\"/my tools/h\" get").unwrap_err().to_string();
        assert_eq!(missing, "/my tools/h: no such program");
        assert!(exists("\"$HOME/h\" get").is_ok());
    }
}
