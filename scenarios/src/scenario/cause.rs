//! Why a symptom happens: the server's verdict, or what somebody else has told.

use std::fmt;
use std::ops::Range;

use codecommit_mock::authn::verdict::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expectation::ByHelper;
use crate::subject::Helper;

/// Why it goes wrong.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Why.
    pub why: Why,
    /// Where the document says so.
    pub span: Range<usize>,
    /// What is different with certain helpers.
    pub by_helper: ByHelper<OtherCause>,
    /// What is different with the remote helper in Python.
    pub with_aws_remote_helper: Option<OtherCause>,
}

/// Why it goes wrong with one helper.
#[derive(Clone, Debug)]
pub struct OtherCause {
    /// Why it is different, in prose.
    pub reason: String,
    /// Why it goes wrong; none if nothing does with this helper.
    pub why: Option<Why>,
    /// Where the document says so.
    pub span: Range<usize>,
}

/// Who says no, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The server refuses: the verdict that a failing command of the symptom ends with.
    Verdict(Reason),
    /// The server refuses no request.
    Told(Told),
}

/// What a user is told where no request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// Who says it.
    pub by: Teller,
    /// What: a part of a line.
    pub what: String,
    /// Other wordings of it, any of which may stand in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
}

/// Who can tell why something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Teller {
    /// Git itself.
    Git,
    /// The credential helper.
    Helper,
    /// The remote helper, for `codecommit:` URLs.
    RemoteHelper,
    /// Git Credential Manager.
    CredentialManager,
    /// The TLS library: there is no connection, and no request.
    Tls,
    /// The shell: what it was to start is not there.
    Shell,
    /// The server, inside the answer to a request that it accepted: the report of a push.
    Server,
}

impl Cause {
    /// Why it goes wrong with this helper (none if nothing does), and where the document says so.
    pub fn why(&self, helper: Helper) -> (Option<&Why>, Range<usize>) {
        match self.by_helper.get(helper) {
            Some(other) => (other.why.as_ref(), other.span.clone()),
            None => (Some(&self.why), self.span.clone()),
        }
    }

    /// Whether the server has no part in it, whatever the helper.
    pub fn is_beside_the_server(&self) -> bool {
        let others = [&self.by_helper.ours, &self.by_helper.aws_cli];
        let others = others.into_iter().chain([&self.with_aws_remote_helper]);
        let whys = others.flatten().filter_map(|other| other.why.as_ref());
        std::iter::once(&self.why)
            .chain(whys)
            .all(|why| matches!(why, Why::Told(told) if told.by != Teller::Server))
    }
}

impl Why {
    /// The verdict, if it is one.
    pub fn verdict(&self) -> Option<Reason> {
        match self {
            Self::Verdict(reason) => Some(*reason),
            Self::Told(_) => None,
        }
    }

    /// What is told, if it is no verdict.
    pub fn told(&self) -> Option<&Told> {
        match self {
            Self::Verdict(_) => None,
            Self::Told(told) => Some(told),
        }
    }
}

impl Told {
    /// All wordings.
    fn wordings(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.what).chain(&self.or)
    }

    /// Whether one of the wordings is in this.
    pub(crate) fn is_in(&self, words: &str) -> bool {
        self.wordings().any(|wording| words.contains(wording))
    }
}

impl Teller {
    /// The one in words, at the beginning of a sentence's middle: `git says ...`.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Helper => "the credential helper",
            Self::RemoteHelper => "the remote helper",
            Self::CredentialManager => "Git Credential Manager",
            Self::Tls => "the TLS library",
            Self::Shell => "the shell",
            Self::Server => "the server, in an answer to a request that it accepted,",
        }
    }
}

/// `password-expired: the password has expired`, `git says "..."`.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(reason) => write!(f, "{reason}: {}", reason.summary()),
            Self::Told(told) => told.fmt(f),
        }
    }
}

/// `git says "Updates were rejected"`; `the TLS library says one of: "a", "b"`.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_of = if self.or.is_empty() { "" } else { "one of: " };
        let wordings: Vec<String> = self.wordings().map(|text| format!("{text:?}")).collect();
        let by = self.by.in_words();
        write!(f, "{by} says {one_of}{}", wordings.join(", "))
    }
}
