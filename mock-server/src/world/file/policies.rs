//! What users and roles may do, and the endpoints with policies of their own.

use std::ops::Range;

use serde::Deserialize;

use super::checks::{checked, iam_name};
use crate::document::{DocumentError, Source, Spanned, did_you_mean};
use crate::world::policy::{PolicyDocument, PolicyError};
use crate::world::{InlinePolicy, ManagedPolicy, Policies, VpcEndpoint};

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct InlinePolicyEntry {
    name: Spanned<String>,
    document: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct VpcEndpointEntry {
    id: Spanned<String>,
    policy: Option<Spanned<String>>,
}

/// Adds to the policies of a user or role.
pub(super) fn add(
    source: &Source,
    to: &mut Policies,
    managed: &[ManagedPolicy],
    inline: &[InlinePolicyEntry],
    boundary: Option<&Spanned<String>>,
) -> Result<(), DocumentError> {
    for policy in managed {
        if !to.managed.contains(policy) {
            to.managed.push(*policy);
        }
    }
    for entry in inline {
        let name = checked(source, &entry.name, iam_name)?;
        if to.inline.iter().any(|known| known.name == name) {
            let message = format!("there is an inline policy `{name}` already");
            return Err(source.error_at(entry.name.span(), message, None));
        }
        to.inline.push(InlinePolicy {
            name,
            document: identity_policy(source, &entry.document)?,
        });
    }
    if let Some(text) = boundary {
        to.boundary = Some(permissions_boundary(source, text)?);
    }
    Ok(())
}

/// The policy of a session, which its credentials can only lose permissions by.
pub(super) fn session(
    source: &Source,
    text: Option<&Spanned<String>>,
) -> Result<Option<PolicyDocument>, DocumentError> {
    text.map(|text| identity_policy(source, text)).transpose()
}

impl VpcEndpointEntry {
    pub(super) fn resolve(&self, source: &Source) -> Result<VpcEndpoint, DocumentError> {
        let id = checked(source, &self.id, |text| {
            let rest = text.strip_prefix("vpce-").unwrap_or_default();
            if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                Ok(text.to_owned())
            } else {
                Err("the id of a VPC endpoint looks like `vpce-0b47ea360adebf88a`")
            }
        })?;
        let policy = self.policy.as_ref();
        Ok(VpcEndpoint {
            id,
            policy: policy
                .map(|text| endpoint_policy(source, text))
                .transpose()?,
        })
    }
}

/// Reads the policy of a user or role.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn identity_policy(
    source: &Source,
    text: &Spanned<String>,
) -> Result<PolicyDocument, DocumentError> {
    document(source, text, PolicyDocument::identity)
}

/// Reads the policy of a VPC endpoint.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn endpoint_policy(
    source: &Source,
    text: &Spanned<String>,
) -> Result<PolicyDocument, DocumentError> {
    document(source, text, PolicyDocument::endpoint)
}

/// Reads a permissions boundary: the name of one of AWS's policies, or a document.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn permissions_boundary(
    source: &Source,
    text: &Spanned<String>,
) -> Result<InlinePolicy, DocumentError> {
    let name = text.get_ref().trim();
    if let Some(policy) = ManagedPolicy::ALL
        .iter()
        .find(|policy| policy.to_string() == name)
    {
        return Ok(InlinePolicy {
            name: name.to_owned(),
            document: policy.document().clone(),
        });
    }
    if !name.starts_with('{') {
        let names: Vec<String> = ManagedPolicy::ALL.iter().map(ToString::to_string).collect();
        return Err(source.error_at(
            text.span(),
            "a permissions boundary is one of AWS's policies for CodeCommit, by name, or a document in JSON",
            did_you_mean(name, names.iter().map(String::as_str)),
        ));
    }
    Ok(InlinePolicy {
        name: "permissions-boundary".to_owned(),
        document: identity_policy(source, text)?,
    })
}

fn document(
    source: &Source,
    text: &Spanned<String>,
    read: impl Fn(&str) -> Result<PolicyDocument, PolicyError>,
) -> Result<PolicyDocument, DocumentError> {
    read(text.get_ref()).map_err(|error| {
        let statement = match &error.statement {
            Some(statement) => format!("{statement}: "),
            None => String::new(),
        };
        let message = format!("{statement}{}", error.problem);
        source.error_at(place(source, text, error.offset), message, error.help())
    })
}

/// Where a byte of a string's value stands in the document: exactly, if the string is written as it is (as in `'''`).
fn place(source: &Source, text: &Spanned<String>, offset: usize) -> Range<usize> {
    let span = text.span();
    let written = source.text().get(span.clone()).unwrap_or_default();
    match written.find(text.get_ref().as_str()) {
        Some(start) => {
            let at = span.start + start + offset;
            let width = text.get_ref()[offset.min(text.get_ref().len())..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
            at..at + width
        }
        None => span,
    }
}
