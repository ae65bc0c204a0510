//! A client file: who the client is, and how it is called.

use std::time::Duration;

use codecommit_mock::document::{self, DocumentError, Source, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Operation;
use crate::conformance::Subject;
use crate::conformance::bench::LIMIT;
use crate::conformance::file::Found;
use crate::conformance::known::{self, KnownFile};
use codecommit_mock::duration::{self, NotADuration};

/// Prints the commit that a clone has of a branch, where the clone is a repository like git's.
const TIP: &str = r#"git -C "$LAB_DIR" rev-parse "refs/remotes/origin/$LAB_BRANCH""#;

/// How a client is called. Every text is a line for `sh -c`.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    pub(super) needs: Vec<String>,
    pub(super) pass: Vec<String>,
    pub(super) install: Option<String>,
    pub(super) version: String,
    pub(super) build: Option<String>,
    pub(super) setup: Option<String>,
    pub(super) credentials: Credentials,
    pub(super) proxy: Vec<String>,
    pub(super) ca: Vec<String>,
    /// Whether it goes straight to the server's port, without a proxy.
    pub(super) direct: bool,
    pub(super) tip: String,
    /// How long an operation may take.
    pub(super) timeout: Duration,
    clone: String,
    list: Option<String>,
    fetch: Option<String>,
    push: Option<String>,
    shallow: Option<String>,
}

/// How user name and password reach the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Credentials {
    /// It asks git's credential helpers, those of `~/.gitconfig`.
    Helper,
    /// Its commands take them from `LAB_USER` and `LAB_PASSWORD`.
    Variables,
    /// They are part of `LAB_URL`.
    Url,
}

/// How a Git client is called, for `conformance client`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientFile {
    /// Its short name: the column of the table.
    name: Spanned<String>,
    /// What people call it.
    title: String,
    /// Its home page.
    homepage: Option<String>,
    /// How to install it, told to whoever does not have it.
    install: Option<String>,
    /// Programs that it needs, looked up on PATH.
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    /// Variables of yours that its commands see.
    #[serde(default)]
    pass: Vec<String>,
    /// A line for `sh` that prints its version.
    version: Spanned<String>,
    /// A line for `sh`, once, before the first case.
    build: Option<Spanned<String>>,
    /// A line for `sh` in each sandbox, before the first command.
    setup: Option<Spanned<String>>,
    /// How user name and password reach it.
    credentials: Credentials,
    /// How it finds the endpoint.
    network: NetworkFile,
    /// How it does what a client does.
    commands: CommandsFile,
    /// Cases in which it does otherwise than documented.
    #[serde(default)]
    known: Vec<KnownFile>,
}

/// How a client finds the endpoint, and trusts it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    /// The variables that it takes a proxy from.
    #[serde(default)]
    proxy: Vec<String>,
    /// The variables that it takes a PEM file with the certificate authority from.
    #[serde(default)]
    ca: Vec<String>,
    /// Whether it goes straight to the server's port, without a proxy.
    #[serde(default)]
    direct: bool,
}

/// Lines for `sh`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CommandsFile {
    /// Clones LAB_URL into the folder LAB_DIR.
    clone: Spanned<String>,
    /// Prints a commit and its reference a line.
    list: Option<Spanned<String>>,
    /// Fetches what is new into LAB_DIR.
    fetch: Option<Spanned<String>>,
    /// Pushes what LAB_DIR has checked out to the branch LAB_BRANCH.
    push: Option<Spanned<String>>,
    /// Clones with depth 1.
    shallow: Option<Spanned<String>>,
    /// Prints the commit that LAB_DIR has of LAB_BRANCH.
    tip: Option<Spanned<String>>,
    /// How long each may take: `60s`.
    timeout: Option<Spanned<String>>,
}

/// Reads a client file.
pub(super) fn read(found: &Found) -> Result<(Subject, Calls), DocumentError> {
    let document = &found.document;
    let file: ClientFile = document::parse(document)?;
    let line = |line: Spanned<String>| not_empty(document, line);
    let maybe = |text: Option<Spanned<String>>| text.map(line).transpose();
    let name = not_empty(document, file.name)?;
    let needs = file.needs.into_iter().map(|need| program(document, need));
    let calls = Calls {
        needs: needs.collect::<Result<_, _>>()?,
        pass: file.pass,
        install: file.install,
        version: line(file.version)?,
        build: maybe(file.build)?,
        setup: maybe(file.setup)?,
        credentials: file.credentials,
        proxy: file.network.proxy,
        ca: file.network.ca,
        direct: file.network.direct,
        tip: maybe(file.commands.tip)?.unwrap_or_else(|| TIP.to_owned()),
        timeout: file
            .commands
            .timeout
            .map_or(Ok(LIMIT), |text| timeout(document, &text))?,
        clone: line(file.commands.clone)?,
        list: maybe(file.commands.list)?,
        fetch: maybe(file.commands.fetch)?,
        push: maybe(file.commands.push)?,
        shallow: maybe(file.commands.shallow)?,
    };
    let subject = Subject {
        name,
        title: file.title,
        homepage: file.homepage,
        document: Some(document.clone()),
        built_in: found.built_in,
        known: known::read(document, file.known, &super::cases())?,
    };
    Ok((subject, calls))
}

fn timeout(document: &Source, text: &Spanned<String>) -> Result<Duration, DocumentError> {
    duration::parse_positive(text.get_ref()).map_err(|error: NotADuration| {
        document.error_at(
            text.span(),
            error.to_string(),
            Some(NotADuration::HELP.to_owned()),
        )
    })
}

fn not_empty(document: &Source, text: Spanned<String>) -> Result<String, DocumentError> {
    match text.get_ref().trim().is_empty() {
        true => Err(document.error_at(text.span(), "this is empty", None)),
        false => Ok(text.into_inner()),
    }
}

/// Programs are looked up on PATH, so a path or a line means something else than its author thinks.
fn program(document: &Source, name: Spanned<String>) -> Result<String, DocumentError> {
    let text = name.get_ref();
    if text.is_empty() || text.contains(['/', '\\', ' ']) {
        return Err(document.error_at(
            name.span(),
            "this is not the name of a program on PATH",
            Some("name programs as they are typed, such as \"python3\"".to_owned()),
        ));
    }
    Ok(name.into_inner())
}

impl Calls {
    /// The line for an operation, if the client can do it.
    pub(super) fn line(&self, operation: Operation) -> Option<&str> {
        match operation {
            Operation::Clone => Some(&self.clone),
            Operation::List => self.list.as_deref(),
            Operation::Fetch => self.fetch.as_deref(),
            Operation::Push => self.push.as_deref(),
            Operation::Shallow => self.shallow.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
name        = "mine"
title       = "Mine"
needs       = ["python3"]
version     = "python3 --version"
credentials = "variables"
[network]
proxy = ["HTTPS_PROXY"]
ca    = ["SSL_CERT_FILE"]
[commands]
clone = "python3 driver.py clone"
"#;

    fn read(text: &str) -> Result<(Subject, Calls), DocumentError> {
        super::read(&Found {
            document: Source::new("mine.toml", text.trim_start()),
            built_in: false,
        })
    }

    #[track_caller]
    fn refused(text: &str, line: usize, message: &str, help: Option<&str>) {
        let error = read(text).unwrap_err();
        assert_eq!(
            (error.line(), &*error.message, error.help.as_deref()),
            (line, message, help)
        );
    }

    #[test]
    fn a_file_without_a_push_is_that_of_a_client_that_only_reads() {
        let (subject, calls) = read(SOUND).unwrap();
        assert_eq!(subject.name, "mine");
        assert_eq!(
            calls.line(Operation::Clone),
            Some("python3 driver.py clone")
        );
        assert_eq!(calls.line(Operation::Push), None);
        assert_eq!(calls.tip, TIP);
    }

    #[test]
    fn an_unknown_key_is_an_error_in_every_table() {
        let text = SOUND.replace("clone = ", "clone = 'x'\nclonee = ");
        refused(
            &text,
            11,
            "unknown key `clonee`",
            Some("did you mean `clone`?"),
        );
        let text = SOUND.replace("proxy = ", "porxy = ");
        refused(
            &text,
            7,
            "unknown key `porxy`",
            Some("did you mean `proxy`?"),
        );
        let text = SOUND.replace("title  ", "titel  ");
        refused(
            &text,
            2,
            "unknown key `titel`",
            Some("did you mean `title`?"),
        );
    }

    #[test]
    fn a_missing_command_is_named() {
        let text = SOUND.replace("clone = \"python3 driver.py clone\"", "");
        refused(&text, 9, "the key `clone` is missing", None);
        let text = SOUND.replace("python3 driver.py clone", "");
        refused(&text, 10, "this is empty", None);
    }

    #[test]
    fn a_way_of_credentials_that_does_not_exist_has_a_suggestion() {
        let text = SOUND.replace("\"variables\"", "\"variable\"");
        refused(
            &text,
            5,
            "unknown value `variable`",
            Some("did you mean `variables`?"),
        );
    }

    #[test]
    fn a_timeout_is_a_duration() {
        let (_, calls) = read(&format!("{SOUND}timeout = '2s'\n")).unwrap();
        assert_eq!(calls.timeout, Duration::from_secs(2));
        let error = read(&format!("{SOUND}timeout = 'soon'\n")).unwrap_err();
        assert_eq!(
            (error.line(), &*error.help.unwrap()),
            (11, NotADuration::HELP)
        );
    }

    #[test]
    fn a_program_is_a_name() {
        let text = SOUND.replace("[\"python3\"]", "[\"./python3\"]");
        refused(
            &text,
            3,
            "this is not the name of a program on PATH",
            Some("name programs as they are typed, such as \"python3\""),
        );
    }

    #[test]
    fn what_is_known_is_about_a_case() {
        let known = |case: &str, verdict: &str| {
            format!("{SOUND}[[known]]\ncase = '{case}'\nverdict = '{verdict}'\nbecause = 'x'\n")
        };
        let (subject, _) = read(&known("shallow-clone", "differs")).unwrap();
        assert_eq!(subject.known.len(), 1);
        refused(
            &known("shalow-clone", "differs"),
            12,
            "unknown case `shalow-clone`",
            Some("did you mean `shallow-clone`?"),
        );
        refused(
            &known("shallow-clone", "pass"),
            13,
            "unknown value `pass`",
            Some("known here: differs, fail, skipped"),
        );
    }
}
