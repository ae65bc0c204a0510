use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::template::BadVariable;
use super::vocabulary;
use crate::document::suggestion;

/// What is wrong with a policy document, and where.
///
/// The message is lower case and fits after "failed to read the policy: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// What is wrong.
    #[source]
    pub problem: PolicyProblem,
    /// The statement it is in, if it is in one.
    pub statement: Option<StatementName>,
    /// Byte of the JSON text at which the faulty element begins.
    pub offset: usize,
    /// Line of the JSON text, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
}

/// A statement by its place in the document, from one, and its `Sid`. A document that is one statement, not a list, has
/// statement 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementName {
    /// From one.
    pub number: usize,
    /// If it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What can be wrong with a policy document.
///
/// IAM's own words for most of these are "Syntax errors in policy" or "The policy failed legacy parsing".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyProblem {
    /// It is not JSON at all.
    #[error("not JSON: {0}")]
    Json(String),
    /// A list where an object should be, and the like.
    #[error("`{}` must be {expected}, not {found}", short(.element))]
    WrongType {
        /// The element.
        element: String,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Not an element of the policy language. Names are case-sensitive: IAM answers "Unknown field statement"
    /// (pulumi/pulumi-aws-native#1616).
    #[error("unknown element `{}`", short(.element))]
    UnknownElement {
        /// As it is written.
        element: String,
        /// What may stand there.
        known: &'static [&'static str],
    },
    /// The same element twice ("Policy grammar notes").
    #[error("`{}` stands here twice", short(.0))]
    Repeated(String),
    /// A `Version` that the language never had.
    #[error("unknown version `{}` of the policy language", short(.0))]
    UnknownVersion(String),
    /// Neither `Allow` nor `Deny`, which are case-sensitive (hashicorp/terraform#10057).
    #[error("unknown effect `{}`", short(.0))]
    UnknownEffect(String),
    /// A document without statements.
    #[error("the policy has no statement")]
    NoStatement,
    /// An element that every statement has.
    #[error("the statement has no {0}")]
    Missing(&'static str),
    /// `Action` with `NotAction`, `Resource` with `NotResource`.
    #[error("`{0}` and `{1}` exclude each other")]
    Conflict(&'static str, &'static str),
    /// An empty list.
    #[error("`{}` is an empty list", short(.0))]
    Empty(String),
    /// A policy of an identity that names principals, or `NotPrincipal` anywhere.
    #[error("`{0}` cannot stand in this kind of policy")]
    PrincipalNotAllowed(&'static str),
    /// A principal that is neither `*` nor an account nor an ARN without wildcards.
    #[error("`{}` is not a principal", short(.0))]
    NotAPrincipal(String),
    /// A `Sid` with characters other than letters and digits.
    #[error("the Sid `{}` has other characters than letters and digits", short(.0))]
    SidCharacters(String),
    /// Two statements with one `Sid`.
    #[error("another statement has the Sid `{}` too", short(.0))]
    SidRepeated(String),
    /// Neither `*` nor `service:Action`.
    #[error("the action `{}` is not `service:Action`", short(.0))]
    ActionForm(String),
    /// An action that its service does not have, or a pattern that matches none of them.
    #[error("unknown action `{}`", short(.0))]
    UnknownAction(String),
    /// An action of a service whose name is nearly CodeCommit's.
    #[error("unknown service in the action `{}`", short(.0))]
    UnknownService(String),
    /// Neither `*` nor an ARN.
    #[error("the resource `{}` is not an ARN", short(.0))]
    NotAnArn(String),
    /// An ARN with fewer than six parts, such as one with `/` where `:` belongs. Fewer are right only if the last ends in
    /// `*`, which may stand for colons too ("IAM JSON policy elements: Resource").
    #[error("the ARN `{}` has fewer than six parts", short(.0))]
    ArnTooShort(String),
    /// "You can't use a wildcard in the service segment" ("IAM JSON policy elements: Resource").
    #[error("the ARN `{}` has a wildcard for its service", short(.0))]
    ArnServiceWildcard(String),
    /// "You can't use a variable to replace parts of the ARN before the fifth colon" ("Variables and tags").
    #[error("the ARN `{}` has a variable before its fifth colon", short(.0))]
    ArnVariableTooEarly(String),
    /// `${...}` that is not a variable.
    #[error("`{}`: {problem}", short(.text))]
    Variable {
        /// The whole text.
        text: String,
        /// What is wrong with it.
        problem: BadVariable,
    },
    /// Not a condition operator.
    #[error("unknown condition operator `{}`", short(.0))]
    UnknownOperator(String),
    /// `Null` asks whether a key exists, so `IfExists` says nothing ("Null with if exists").
    #[error("`Null` takes no `IfExists`")]
    NullIfExists,
    /// Neither `aws:Key` nor `service:Key`.
    #[error("the condition key `{}` is not `service:Key`", short(.0))]
    KeyForm(String),
    /// A key with the prefix `aws:`, `codecommit:`, or nearly the latter, that no request has.
    #[error("unknown condition key `{}`", short(.0))]
    UnknownKey(String),
    /// A condition value that its operator cannot compare.
    #[error("`{}` is not {expected}, which `{}` compares", short(.value), short(.operator))]
    Value {
        /// The value.
        value: String,
        /// What it should be.
        expected: &'static str,
        /// The operator.
        operator: String,
    },
    /// Only the string and ARN operators take variables ("Invalid variable for operator").
    #[error("`{}` takes no variables, but `{}` has one", short(.operator), short(.value))]
    VariableForOperator {
        /// The operator.
        operator: String,
        /// The value.
        value: String,
    },
}

impl PolicyError {
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<String> {
        self.problem.help()
    }
}

/// `line 3, column 7, statement 2 (DenyMain): unknown element ...`.
impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if let Some(statement) = &self.statement {
            write!(f, ", {statement}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// `statement 2 (DenyMain)`, or `statement 2`.
impl fmt::Display for StatementName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.number)?;
        match &self.sid {
            Some(sid) => write!(f, " ({})", short(sid)),
            None => Ok(()),
        }
    }
}

/// A text of the policy as a message shows it: the beginning of a long one. Its place is known, so it can be found.
fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(79).chain(['…']).collect()),
    }
}

impl PolicyProblem {
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::UnknownElement { element, known } => {
                return suggestion(element, known.iter().copied());
            }
            Self::UnknownOperator(written) => return super::operator::suggestion(written),
            Self::UnknownAction(written) | Self::UnknownService(written) => {
                return Some(match vocabulary::meant_action(written) {
                    Some(near) => format!("did you mean `{}`?", short(&near)),
                    None => "CodeCommit has no action of this name; an action looks like `codecommit:GitPull`".to_owned(),
                });
            }
            Self::UnknownKey(written) => {
                return Some(match vocabulary::meant_key(written) {
                    Some(near) => format!("did you mean `{}`?", short(&near)),
                    None => "a condition key looks like `aws:SourceIp` or `codecommit:References`"
                        .to_owned(),
                });
            }
            Self::UnknownVersion(_) => "write \"2012-10-17\"",
            Self::UnknownEffect(_) => "write \"Allow\" or \"Deny\", with a capital letter",
            Self::PrincipalNotAllowed("Principal") => {
                "take it out: the policy is about whom it is attached to"
            }
            Self::PrincipalNotAllowed(_) => "name the principals in `Principal`",
            Self::NotAPrincipal(_) => {
                "a principal is \"*\", an account's twelve digits, or the ARN of a user or role"
            }
            Self::ActionForm(_) => "an action looks like `codecommit:GitPull`, or is `*`",
            Self::NotAnArn(_) | Self::ArnTooShort(_) => {
                "a repository's ARN is arn:aws:codecommit:REGION:ACCOUNT:NAME, with colons only"
            }
            Self::ArnServiceWildcard(_) => "write the service, such as `codecommit`",
            Self::ArnVariableTooEarly(_) => {
                "put the variable into the resource's name, or compare a condition key with it"
            }
            Self::NullIfExists => "write `Null`",
            Self::KeyForm(_) => {
                "a condition key looks like `aws:SourceIp` or `codecommit:References`"
            }
            Self::Missing("Effect") => "write \"Effect\": \"Allow\" or \"Effect\": \"Deny\"",
            Self::Missing("Resource or NotResource") => {
                "write \"Resource\": \"*\", or a repository's ARN"
            }
            _ => return None,
        };
        Some(help.to_owned())
    }
}
