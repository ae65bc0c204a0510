use std::fmt;

use serde::Serialize;

use super::statement::Mismatch;
use crate::world::policy::{Effect, StatementName};

/// What the policies say, and which statement decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The action that was asked about.
    pub action: String,
    /// The ARN that was asked about.
    pub resource: String,
    /// What decided, in words that follow "denied: ".
    pub because: String,
    /// The statement that allowed or denied it; none if it is denied because nothing allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementRef>,
    /// The layer in which nothing allows it, if that is why it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacking: Option<Layer>,
}

/// A [`Decision`] and every statement that was looked at for it, in order: each either matched, or says why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What came of it.
    pub decision: Decision,
    /// Every statement of every layer.
    pub considered: Vec<Considered>,
}

/// A statement that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Which.
    pub statement: StatementRef,
    /// Why it did not match; none if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<Mismatch>,
}

/// A statement, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementRef {
    /// What its policy is to the principal.
    pub layer: Layer,
    /// The name of its policy.
    pub policy: String,
    /// Its place in the policy, and its `Sid`.
    #[serde(flatten)]
    pub name: StatementName,
    /// What it does when it matches.
    pub effect: Effect,
}

/// The layers that must each allow a request, if they are there. The order is the one in which they are asked ("Policy
/// evaluation logic"); an explicit deny in any of them comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The policies of the user, its groups, or the role.
    Identity,
    /// The permissions boundary of the user or role.
    Boundary,
    /// The policies handed over when the session was made.
    Session,
    /// The policy of the VPC endpoint that the request came through.
    VpcEndpoint,
}

impl Decision {
    /// The message of an `AccessDeniedException` ("Troubleshoot access denied error messages").
    pub fn aws_message(&self, principal_arn: &str) -> String {
        let Self {
            action, resource, ..
        } = self;
        let reason = match (&self.statement, self.lacking) {
            (Some(statement), _) => {
                let article = if statement.layer == Layer::Identity {
                    "an"
                } else {
                    "a"
                };
                format!("with an explicit deny in {article} {}", statement.layer)
            }
            (None, Some(layer)) => format!("because no {layer} allows the {action} action"),
            (None, None) => String::new(),
        };
        let message = format!(
            "User: {principal_arn} is not authorized to perform: {action} on resource: {resource} {reason}"
        );
        message.trim_end().to_owned()
    }
}

/// `identity-based policy`, as AWS's messages call it.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        })
    }
}

/// `statement 1 (DenyMain) of protect-main`.
impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.name, self.policy)
    }
}
