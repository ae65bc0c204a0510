//! A helper file: who the helper is, and how it is called.

use codecommit_mock::document::{self, DocumentError};
use serde::Deserialize;
use toml::Spanned;

use crate::conformance::Subject;
use crate::conformance::file::Found;
use crate::conformance::known::{self, KnownFile};

/// How a helper is called. The operation is appended to `command`, as git does.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) needs: Vec<String>,
    pub(super) pass: Vec<String>,
    pub(super) install: Option<String>,
    pub(super) version: Option<String>,
    pub(super) command: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HelperFile {
    name: String,
    title: String,
    homepage: Option<String>,
    install: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    pass: Vec<String>,
    version: Option<String>,
    command: Spanned<String>,
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

/// A helper that is nothing but a command line. Its program has to be found where sandboxes do not look.
pub(super) fn of_command(line: &str) -> (Subject, Calls) {
    let line = line.strip_prefix('!').unwrap_or(line);
    let program = line.split_whitespace().next().unwrap_or_default();
    let is_name = !program.is_empty()
        && program
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    let calls = Calls {
        needs: is_name.then(|| program.to_owned()).into_iter().collect(),
        pass: Vec::new(),
        install: None,
        version: None,
        command: line.to_owned(),
    };
    let subject = Subject {
        name: program.rsplit('/').next().unwrap_or(program).to_owned(),
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
}
