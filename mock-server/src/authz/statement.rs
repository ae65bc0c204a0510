use std::fmt;

use serde::Serialize;

use super::condition::{any, holds};
use super::pattern::{Pattern, Unresolved};
use super::{Context, Request, key};
use crate::world::policy::{Piece, Principals, Selection, Statement, Template, TrustedPrincipal};

/// Why a statement does not match a request. They are looked at in this order, and the first is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
pub enum Mismatch {
    /// Its `Principal` is somebody else.
    Principal,
    /// Its `Action` or `NotAction` leaves the action out.
    Action,
    /// Its `Resource` or `NotResource` leaves the resource out.
    Resource,
    /// A condition does not hold.
    Condition {
        /// The operator.
        operator: String,
        /// The condition key.
        key: String,
        /// What the policy compares with.
        policy: Vec<String>,
        /// What the request has; empty if it has no such key.
        request: Vec<String>,
    },
    /// It hangs on a policy variable for which the request has no value.
    Variable {
        /// The variable's key.
        name: String,
    },
}

/// Whether a statement matches, which is when all its parts do.
///
/// # Errors
/// The first part that does not.
pub(super) fn judge(statement: &Statement, request: &Request) -> Result<(), Mismatch> {
    let context = &request.context;
    match &statement.principals {
        Some(principals) if !includes(principals, request) => return Err(Mismatch::Principal),
        _ => {}
    }
    // "The prefix and the action name are case insensitive" ("IAM JSON policy elements: Action").
    let action = request.action.to_lowercase();
    let covers_action = |template: &Template| match template.pieces() {
        // So are most of the hundreds that a policy can name.
        [Piece::Literal(name)] => Ok(*name == action),
        _ => Pattern::wild(template, &Context::default()).map(|pattern| pattern.matches(&action)),
    };
    if !selects(&statement.actions, covers_action)? {
        return Err(Mismatch::Action);
    }
    let covers_resource = |template: &Template| {
        Pattern::resource(template, context).map(|pattern| pattern.matches(&request.resource))
    };
    if !selects(&statement.resources, covers_resource)? {
        return Err(Mismatch::Resource);
    }
    for condition in &statement.conditions {
        if !holds(condition, statement.effect, context)? {
            return Err(Mismatch::Condition {
                operator: condition.operator.to_string(),
                key: condition.key.clone(),
                policy: condition.values.clone(),
                request: context.get(&condition.key).to_vec(),
            });
        }
    }
    Ok(())
}

impl Mismatch {
    /// How near the statement came to matching, for telling the nearest of many.
    pub(super) fn nearness(&self) -> u8 {
        match self {
            Self::Principal => 0,
            Self::Action => 1,
            Self::Resource => 2,
            Self::Variable { .. } => 3,
            Self::Condition { .. } => 4,
        }
    }
}

/// `its Resource leaves this resource out`.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal => f.write_str("its Principal leaves this principal out"),
            Self::Action => f.write_str("its Action leaves this action out"),
            Self::Resource => f.write_str("its Resource leaves this resource out"),
            Self::Condition {
                operator,
                key,
                policy,
                request,
            } => {
                let policy = policy.join(", ");
                write!(
                    f,
                    "its condition {operator} {key} [{policy}] does not hold: "
                )?;
                match &request[..] {
                    [] => write!(f, "the request has no {key}"),
                    values => write!(f, "the request has {}", values.join(", ")),
                }
            }
            Self::Variable { name } => {
                write!(f, "the request has no value for its variable ${{{name}}}")
            }
        }
    }
}

impl From<Unresolved> for Mismatch {
    fn from(Unresolved(name): Unresolved) -> Self {
        Self::Variable { name }
    }
}

fn selects(
    selection: &Selection,
    covers: impl Fn(&Template) -> Result<bool, Unresolved>,
) -> Result<bool, Unresolved> {
    match selection {
        Selection::Listed(patterns) => any(patterns, covers),
        // What a pattern that is not known covers is not known to be outside of it.
        Selection::AllBut(patterns) => {
            for pattern in patterns {
                if covers(pattern)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// A role's ARN stands for its sessions too; a user or session is meant by its own ARN alone.
fn includes(principals: &Principals, request: &Request) -> bool {
    let Principals::Listed(listed) = principals else {
        return true;
    };
    let own = &request.principal_arn;
    let account = own.split(':').nth(4);
    listed.iter().any(|principal| match principal {
        TrustedPrincipal::Account(id) => account == Some(id),
        TrustedPrincipal::Arn(arn) => {
            arn == own || request.context.single(key::PRINCIPAL_ARN) == Some(arn)
        }
        TrustedPrincipal::NotAws(_) => false,
    })
}
