use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use serde::Serialize;

use super::parse::{self, Kind};
use super::{Decimal, Instant, Operator, PolicyError, StatementName, Template};

/// A policy as IAM reads it. A clone is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDocument {
    pub(super) json: Arc<str>,
    pub(super) version: Version,
    pub(super) id: Option<Arc<str>>,
    pub(super) statements: Arc<[Statement]>,
}

/// The version of the policy language, not of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, what a document without `Version` has: `${...}` is plain text ("IAM JSON policy elements: Version").
    #[default]
    V2008,
    /// `2012-10-17`, with policy variables.
    V2012,
}

/// What a statement does when it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever allows.
    Deny,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its place in the document, from one, and its `Sid`.
    pub name: StatementName,
    /// What it does when it matches.
    pub effect: Effect,
    /// Whom it is about; the policies of an identity say nothing of that.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`. Services and actions are case-insensitive: kept in lower case.
    pub actions: Selection,
    /// `Resource` or `NotResource`.
    pub resources: Selection,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// An element that comes as itself or as its opposite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// `Action`, `Resource`: what one of the patterns matches.
    Listed(Vec<Template>),
    /// `NotAction`, `NotResource`: what none of them matches.
    AllBut(Vec<Template>),
}

/// The `Principal` of a VPC endpoint's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// `"*"` or `{"AWS": "*"}`.
    Everyone,
    /// Whoever is one of these.
    Listed(Vec<TrustedPrincipal>),
}

/// A principal that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedPrincipal {
    /// Everyone in an account: its twelve digits, or the ARN of its root.
    Account(String),
    /// A user, role or session by its ARN, without wildcards.
    Arn(String),
    /// A service, an identity provider, a canonical user: none of them uses Git.
    NotAws(String),
}

/// One line of a `Condition`: a key of the request, compared with values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How it is compared.
    pub operator: Operator,
    /// The key as the policy spells it; keys are case-insensitive.
    pub key: String,
    /// The policy's values as text.
    pub values: Vec<String>,
    /// The policy's values as the operator takes them.
    pub operands: Operands,
}

/// The values of a condition, of the type that its operator takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operands {
    /// Text, for the string and ARN operators: the only ones that take variables.
    Text(Vec<Template>),
    /// Numbers.
    Number(Vec<Decimal>),
    /// Points in time.
    Date(Vec<Instant>),
    /// For `Bool` and `Null`.
    Boolean(Vec<bool>),
    /// Decoded from base64.
    Binary(Vec<Vec<u8>>),
    /// Addresses and ranges, IPv4 and IPv6.
    Network(Vec<IpNet>),
}

impl PolicyDocument {
    /// Reads a policy of a user, group or role, a permissions boundary, or a session policy. `Principal` is an error in it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn identity(json: &str) -> Result<Self, PolicyError> {
        parse::document(json, Kind::Identity)
    }

    /// Reads the policy of a VPC endpoint, which says in `Principal` whom it is about.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn endpoint(json: &str) -> Result<Self, PolicyError> {
        parse::document(json, Kind::Endpoint)
    }

    /// The text it was read from.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The version of the language.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The document's own `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// The same as [`PolicyDocument::identity`].
impl FromStr for PolicyDocument {
    type Err = PolicyError;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        Self::identity(json)
    }
}

impl Selection {
    /// The patterns, whichever way they are meant.
    pub fn patterns(&self) -> &[Template] {
        match self {
            Self::Listed(patterns) | Self::AllBut(patterns) => patterns,
        }
    }
}
