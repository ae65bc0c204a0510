use crate::world::policy::document::{Selection, Version};
use crate::world::policy::error::{PolicyError, PolicyProblem, StatementName};
use crate::world::policy::json::{Member, Node, NotJson};
use crate::world::policy::template::Template;

/// The members of an object whose keys are all known and stand there once.
pub(super) struct Elements<'a>(pub(super) Vec<Member<'a>>);

impl<'a> Elements<'a> {
    pub(super) fn of(node: &Node<'a>, name: &str, known: &'static [&'static str]) -> Outcome<Self> {
        Self::check(object(node, name)?, known)
    }

    pub(super) fn check(members: Vec<Member<'a>>, known: &'static [&'static str]) -> Outcome<Self> {
        for (index, member) in members.iter().enumerate() {
            let element = member.key.clone();
            if !known.contains(&&*element) {
                let problem = PolicyProblem::UnknownElement { element, known };
                return Err(at(member.offset, problem));
            }
            if members[..index].iter().any(|other| other.key == element) {
                return Err(at(member.offset, PolicyProblem::Repeated(element)));
            }
        }
        Ok(Self(members))
    }

    pub(super) fn get(&self, key: &str) -> Option<&Member<'a>> {
        self.0.iter().find(|member| member.key == key)
    }

    /// An element or its opposite, not both.
    pub(super) fn selection(
        &self,
        listed: &'static str,
        all_but: &'static str,
        pattern: impl Fn(String, usize) -> Outcome<Template>,
    ) -> Outcome<Option<Selection>> {
        let patterns = |member: &Member<'_>| {
            let strings = strings(member)?.into_iter();
            strings
                .map(|(text, offset)| pattern(text, offset))
                .collect::<Outcome<_>>()
        };
        Ok(match (self.get(listed), self.get(all_but)) {
            (None, None) => None,
            (Some(member), None) => Some(Selection::Listed(patterns(member)?)),
            (None, Some(member)) => Some(Selection::AllBut(patterns(member)?)),
            (Some(first), Some(second)) => {
                let offset = first.offset.max(second.offset);
                return Err(at(offset, PolicyProblem::Conflict(listed, all_but)));
            }
        })
    }
}

pub(super) fn object<'a>(node: &Node<'a>, name: &str) -> Outcome<Vec<Member<'a>>> {
    node.members()?
        .ok_or_else(|| wrong_type(node, name, "an object"))
}

pub(super) fn string(member: &Member<'_>) -> Outcome<String> {
    member
        .value
        .string()?
        .ok_or_else(|| wrong_type(&member.value, &member.key, "a string"))
}

/// A string, or a list of them with at least one, each with its place.
pub(super) fn strings(member: &Member<'_>) -> Outcome<Vec<(String, usize)>> {
    list(member, Node::string, "a string or a list of strings")
}

/// The same, of strings, numbers and Booleans.
pub(super) fn scalars(member: &Member<'_>) -> Outcome<Vec<(String, usize)>> {
    list(member, Node::scalar, "a value or a list of values")
}

fn list<'a>(
    member: &Member<'a>,
    read: impl Fn(&Node<'a>) -> Result<Option<String>, NotJson>,
    expected: &'static str,
) -> Outcome<Vec<(String, usize)>> {
    let items = match member.value.items()? {
        Some(items) if items.is_empty() => {
            let problem = PolicyProblem::Empty(member.key.clone());
            return Err(at(member.value.offset(), problem));
        }
        Some(items) => items,
        None => vec![member.value],
    };
    items
        .iter()
        .map(|item| {
            let text = read(item)?.ok_or_else(|| wrong_type(item, &member.key, expected))?;
            Ok((text, item.offset()))
        })
        .collect()
}

fn wrong_type(node: &Node<'_>, element: &str, expected: &'static str) -> Fault {
    let problem = PolicyProblem::WrongType {
        element: element.to_owned(),
        expected,
        found: node.kind(),
    };
    at(node.offset(), problem)
}

pub(super) fn template(text: &str, offset: usize, version: Version) -> Outcome<Template> {
    Template::parse(text, version).map_err(|problem| {
        let text = text.to_owned();
        at(offset, PolicyProblem::Variable { text, problem })
    })
}

/// A problem at a byte of the text; line and column are counted when it is reported.
pub(super) struct Fault {
    pub(super) problem: PolicyProblem,
    pub(super) offset: usize,
    pub(super) statement: Option<StatementName>,
}

pub(super) type Outcome<T> = Result<T, Fault>;

impl From<NotJson> for Fault {
    fn from(error: NotJson) -> Self {
        at(error.offset, PolicyProblem::Json(error.message))
    }
}

pub(super) fn at(offset: usize, problem: PolicyProblem) -> Fault {
    Fault {
        problem,
        offset,
        statement: None,
    }
}

/// Counts line and column.
pub(super) fn locate(json: &str, fault: Fault) -> PolicyError {
    let before = &json[..json.floor_char_boundary(fault.offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    PolicyError {
        problem: fault.problem,
        statement: fault.statement,
        offset: fault.offset,
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
