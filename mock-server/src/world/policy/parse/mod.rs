mod condition;
mod element;

use super::document::{Effect, PolicyDocument, Principals, Statement, TrustedPrincipal, Version};
use super::error::{PolicyError, PolicyProblem, StatementName};
use super::json::{Member, Node};
use super::template::{Piece, Template};
use super::vocabulary::{self, ActionWord};
use condition::conditions;
use element::{Elements, Fault, Outcome, at, locate, object, string, strings, template};

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    Endpoint,
}

/// Reads a document from its JSON text.
pub(super) fn document(json: &str, kind: Kind) -> Result<PolicyDocument, PolicyError> {
    read(json, kind).map_err(|fault| locate(json, fault))
}

const DOCUMENT_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "NotPrincipal",
];
const PRINCIPAL_KINDS: &[&str] = &["AWS", "CanonicalUser", "Federated", "Service"];

fn read(json: &str, kind: Kind) -> Outcome<PolicyDocument> {
    let root = Node::document(json)?;
    let elements = Elements::of(&root, "the policy", DOCUMENT_ELEMENTS)?;
    let version = match elements.get("Version") {
        None => Version::default(),
        Some(member) => match &*string(member)? {
            "2008-10-17" => Version::V2008,
            "2012-10-17" => Version::V2012,
            other => {
                let problem = PolicyProblem::UnknownVersion(other.to_owned());
                return Err(at(member.value.offset(), problem));
            }
        },
    };
    let id = match elements.get("Id") {
        Some(member) => Some(string(member)?.into()),
        None => None,
    };
    let list = match elements.get("Statement") {
        None => return Err(at(root.offset(), PolicyProblem::NoStatement)),
        Some(member) => match member.value.items()? {
            Some(items) if items.is_empty() => {
                return Err(at(member.value.offset(), PolicyProblem::NoStatement));
            }
            Some(items) => items,
            None => vec![member.value],
        },
    };
    let mut statements: Vec<Statement> = Vec::with_capacity(list.len());
    for (index, node) in list.iter().enumerate() {
        let mut name = StatementName {
            number: index + 1,
            sid: None,
        };
        let statement = statement(node, &mut name, version, kind, &statements);
        statements.push(statement.map_err(|fault| Fault {
            statement: Some(name),
            ..fault
        })?);
    }
    Ok(PolicyDocument {
        json: json.into(),
        version,
        id,
        statements: statements.into(),
    })
}

fn statement(
    node: &Node<'_>,
    name: &mut StatementName,
    version: Version,
    kind: Kind,
    before: &[Statement],
) -> Outcome<Statement> {
    let members = object(node, "Statement")?;
    // The Sid first: whatever else is wrong can then name it.
    if let Some(member) = members.iter().find(|member| member.key == "Sid") {
        name.sid = sid(member, kind, before)?;
    }
    let elements = Elements::check(members, STATEMENT_ELEMENTS)?;
    let required = |what| at(node.offset(), PolicyProblem::Missing(what));
    let effect = match elements.get("Effect") {
        None => return Err(required("Effect")),
        Some(member) => match &*string(member)? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            other => {
                let problem = PolicyProblem::UnknownEffect(other.to_owned());
                return Err(at(member.value.offset(), problem));
            }
        },
    };
    let actions = elements
        .selection("Action", "NotAction", action)?
        .ok_or_else(|| required("Action or NotAction"))?;
    let resources = elements
        .selection("Resource", "NotResource", |text, offset| {
            resource(text, offset, version)
        })?
        .ok_or_else(|| required("Resource or NotResource"))?;
    let conditions = match elements.get("Condition") {
        Some(member) => conditions(&member.value, version)?,
        None => Vec::new(),
    };
    if let Some(member) = elements.get("NotPrincipal") {
        let problem = PolicyProblem::PrincipalNotAllowed("NotPrincipal");
        return Err(at(member.offset, problem));
    }
    let principals = match (elements.get("Principal"), kind) {
        (None, Kind::Identity) => None,
        (Some(member), Kind::Identity) => {
            let problem = PolicyProblem::PrincipalNotAllowed("Principal");
            return Err(at(member.offset, problem));
        }
        (Some(member), Kind::Endpoint) => Some(principals(&member.value)?),
        (None, Kind::Endpoint) => return Err(required("Principal")),
    };
    Ok(Statement {
        name: name.clone(),
        effect,
        principals,
        actions,
        resources,
        conditions,
    })
}

/// "For IAM policies, basic alphanumeric characters are the only allowed characters"; other services allow more.
/// "In IAM, the `Sid` value must be unique within a JSON policy" ("Unique Sids required").
fn sid(member: &Member<'_>, kind: Kind, before: &[Statement]) -> Outcome<Option<String>> {
    let sid = string(member)?;
    let offset = member.value.offset();
    let alphanumeric = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if kind == Kind::Identity && !alphanumeric {
        return Err(at(offset, PolicyProblem::SidCharacters(sid)));
    }
    let repeated = before
        .iter()
        .any(|other| other.name.sid.as_ref() == Some(&sid));
    if repeated {
        return Err(at(offset, PolicyProblem::SidRepeated(sid)));
    }
    Ok(Some(sid).filter(|sid| !sid.is_empty()))
}

fn action(text: String, offset: usize) -> Outcome<Template> {
    // "Actions/Condition can contain only one colon" is IAM's answer to two (aws-cloudformation/cfn-lint#935).
    let well_formed = text == "*"
        || matches!(text.split_once(':'), Some((service, name))
            if !service.is_empty() && !name.is_empty() && !name.contains(':'));
    if !well_formed || text.contains(|c: char| c.is_whitespace() || "${}".contains(c)) {
        return Err(at(offset, PolicyProblem::ActionForm(text)));
    }
    match vocabulary::action(&text) {
        ActionWord::Fine => {}
        ActionWord::UnknownAction => return Err(at(offset, PolicyProblem::UnknownAction(text))),
        ActionWord::UnknownService => return Err(at(offset, PolicyProblem::UnknownService(text))),
    }
    // Actions take no variables, so the version does not matter.
    template(&text.to_lowercase(), offset, Version::V2008)
}

fn resource(text: String, offset: usize, version: Version) -> Outcome<Template> {
    let template = template(&text, offset, version)?;
    if text == "*" {
        return Ok(template);
    }
    let refuse = |problem: fn(String) -> PolicyProblem| Err(at(offset, problem(text.clone())));
    // Colons in a variable's name or default do not count.
    let mut colons = 0;
    for piece in template.pieces() {
        match piece {
            Piece::Literal(literal) => colons += literal.matches(':').count(),
            Piece::Variable { .. } if colons < 5 => {
                return refuse(PolicyProblem::ArnVariableTooEarly);
            }
            _ => {}
        }
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") || parts.next().is_none_or(str::is_empty) {
        return refuse(PolicyProblem::NotAnArn);
    }
    if parts
        .next()
        .is_some_and(|service| service.contains(['*', '?']))
    {
        return refuse(PolicyProblem::ArnServiceWildcard);
    }
    if colons < 5 && !(colons > 2 && text.ends_with('*')) {
        return refuse(PolicyProblem::ArnTooShort);
    }
    Ok(template)
}

fn principals(node: &Node<'_>) -> Outcome<Principals> {
    let refuse = |text: String| Err(at(node.offset(), PolicyProblem::NotAPrincipal(text)));
    match node.string()? {
        Some(text) if text == "*" => return Ok(Principals::Everyone),
        Some(text) => return refuse(text),
        None => {}
    }
    let elements = Elements::of(node, "Principal", PRINCIPAL_KINDS)?;
    let mut listed = Vec::new();
    for member in &elements.0 {
        for (text, offset) in strings(member)? {
            if member.key != "AWS" {
                listed.push(TrustedPrincipal::NotAws(text));
                continue;
            }
            let account =
                |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            let root = text
                .strip_suffix(":root")
                .and_then(|rest| rest.rsplit_once("::"));
            listed.push(match root {
                _ if text == "*" => return Ok(Principals::Everyone),
                _ if account(&text) => TrustedPrincipal::Account(text),
                Some((_, id)) if account(id) => TrustedPrincipal::Account(id.to_owned()),
                // "Wildcards (*, ?) are not supported with the principal key".
                _ if text.starts_with("arn:") && !text.contains(['*', '?']) => {
                    TrustedPrincipal::Arn(text)
                }
                _ => return Err(at(offset, PolicyProblem::NotAPrincipal(text))),
            });
        }
    }
    if listed.is_empty() {
        return refuse("{}".to_owned());
    }
    Ok(Principals::Listed(listed))
}
