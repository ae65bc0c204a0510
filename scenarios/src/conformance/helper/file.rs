//! A helper file: who the helper is, and how it is called.

use std::path::PathBuf;

use codecommit_mock::document::{self, DocumentError, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::conformance::Subject;
use crate::conformance::file::Found;
use crate::conformance::known::{self, KnownFile};
use crate::links::quoted_path;
use crate::subject;

/// How a helper is called. The operation is appended to `command`, as git does.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) needs: Vec<String>,
    pub(super) pass: Vec<String>,
    pub(super) install: Option<String>,
    pub(super) version: Option<String>,
    pub(super) command: String,
    /// The program of a command line that names it by its path.
    pub(super) program: Option<PathBuf>,
}

/// How a credential helper is called, for `conformance helper`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HelperFile {
    /// Its short name: the column of the table.
    name: String,
    /// What people call it.
    title: String,
    /// Its home page.
    homepage: Option<String>,
    /// How to install it, told to whoever does not have it.
    install: Option<String>,
    /// Programs that it needs, looked up on PATH.
    #[serde(default)]
    needs: Vec<String>,
    /// Variables of yours that it sees.
    #[serde(default)]
    pass: Vec<String>,
    /// A line for `sh` that prints its version.
    version: Option<String>,
    /// A line for `sh`; the operation is put behind it, as git does.
    command: Spanned<String>,
    /// Cases in which it does otherwise than documented.
    #[serde(default)]
    known: Vec<KnownFile>,
}

/// Reads a helper file.
pub(super) fn read(found: &Found) -> Result<(Subject, Calls), DocumentError> {
    let document = &found.document;
    let file: HelperFile = document::parse(document)?;
    if file.command.get_ref().trim().is_empty() {
        return Err(document.error_at(file.command.span(), "the command is empty", None));
    }
    let calls = Calls {
        needs: file.needs,
        pass: file.pass,
        install: file.install,
        version: file.version,
        command: file.command.into_inner(),
        program: None,
    };
    let subject = Subject {
        name: file.name,
        title: file.title,
        homepage: file.homepage,
        document: Some(document.clone()),
        built_in: found.built_in,
        known: known::read(document, file.known, &super::cases())?,
    };
    Ok((subject, calls))
}

/// A helper that is nothing but a command line. Its program has to be found where sandboxes do not look: by its name on the
/// caller's PATH, or by its path from the caller's folder.
pub(super) fn of_command(line: &str) -> (Subject, Calls) {
    let line = line.strip_prefix('!').unwrap_or(line).trim_start();
    // Anything else is the shell's own affair.
    let known = subject::program(line);
    let of_path = known.filter(|(program, _)| program.contains('/'));
    let path = of_path.and_then(|(program, rest)| Some((std::path::absolute(program).ok()?, rest)));
    let name = match known {
        Some((program, _)) => program,
        None => line.split_whitespace().next().unwrap_or(line),
    };
    let calls = Calls {
        needs: known
            .filter(|(program, _)| !program.contains('/'))
            .map(|(program, _)| program.to_owned())
            .into_iter()
            .collect(),
        pass: Vec::new(),
        install: None,
        version: None,
        command: match &path {
            Some((path, rest)) => format!("{}{rest}", quoted_path(path)),
            None => line.to_owned(),
        },
        program: path.map(|(path, _)| path),
    };
    let subject = Subject {
        name: name.rsplit('/').next().unwrap_or(name).to_owned(),
        title: line.to_owned(),
        homepage: None,
        document: None,
        built_in: false,
        known: Vec::new(),
    };
    (subject, calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_names_the_program_that_has_to_be_there() {
        let needs = |line: &str| of_command(line).1.needs;
        assert_eq!(needs("!aws codecommit credential-helper $@"), ["aws"]);
        assert_eq!(needs("my-helper --fast"), ["my-helper"]);
        assert!(needs("/opt/helper --fast").is_empty());
        assert!(needs("'/opt/my helper'").is_empty());
        assert_eq!(of_command("/opt/helper --fast").0.name, "helper");
    }

    #[test]
    fn a_path_is_the_callers() {
        let command = |line: &str| of_command(line).1.command;
        let here = std::env::current_dir().unwrap();
        let program = here.join("bin/h");
        for line in ["bin/h --fast", "./bin/h --fast", "!bin/h --fast"] {
            assert_eq!(command(line), format!("'{}' --fast", program.display()));
        }
        assert_eq!(of_command("bin/h").1.program, Some(program));
        assert_eq!(command("sh bin/h"), "sh bin/h");
        let (subject, calls) = of_command("\"/my tools/h\" --fast");
        assert_eq!(
            (&*subject.name, &*calls.command),
            ("h", "'/my tools/h' --fast")
        );
        assert_eq!(calls.program, Some("/my tools/h".into()));
    }
}
