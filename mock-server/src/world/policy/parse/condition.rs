use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::element::{Outcome, at, object, scalars, template};
use crate::world::policy::document::{Condition, Operands, Version};
use crate::world::policy::error::PolicyProblem;
use crate::world::policy::json::{Member, Node};
use crate::world::policy::operator::{NotAnOperator, Operator, Test};
use crate::world::policy::template::Template;
use crate::world::policy::value::network;
use crate::world::policy::vocabulary;

/// Reads a `Condition`: every key of every operator.
pub(super) fn conditions(node: &Node<'_>, version: Version) -> Outcome<Vec<Condition>> {
    let mut conditions = Vec::new();
    let blocks = object(node, "Condition")?;
    for (index, block) in blocks.iter().enumerate() {
        if blocks[..index].iter().any(|other| other.key == block.key) {
            let problem = PolicyProblem::Repeated(block.key.clone());
            return Err(at(block.offset, problem));
        }
        let operator = Operator::parse(&block.key).map_err(|error| {
            at(
                block.offset,
                match error {
                    NotAnOperator::Unknown => PolicyProblem::UnknownOperator(block.key.clone()),
                    NotAnOperator::NullIfExists => PolicyProblem::NullIfExists,
                },
            )
        })?;
        let tests = object(&block.value, &block.key)?;
        for (index, test) in tests.iter().enumerate() {
            // Keys are case-insensitive ("Duplicate keys with different case").
            let is_same = |other: &Member<'_>| other.key.eq_ignore_ascii_case(&test.key);
            if tests[..index].iter().any(is_same) {
                let problem = PolicyProblem::Repeated(test.key.clone());
                return Err(at(test.offset, problem));
            }
            let service = test.key.split_once(':').map(|(service, _)| service);
            if service.is_none_or(str::is_empty) || test.key.ends_with(':') {
                return Err(at(test.offset, PolicyProblem::KeyForm(test.key.clone())));
            }
            if !vocabulary::is_key(&test.key) {
                let problem = PolicyProblem::UnknownKey(test.key.clone());
                return Err(at(test.offset, problem));
            }
            conditions.push(condition(operator.clone(), &block.key, test, version)?);
        }
    }
    Ok(conditions)
}

fn condition(
    operator: Operator,
    operator_name: &str,
    member: &Member<'_>,
    version: Version,
) -> Outcome<Condition> {
    let values = scalars(member)?;
    let each = |expected: &'static str, is_right: &mut dyn FnMut(&str) -> bool| {
        values.iter().try_for_each(|(text, offset)| {
            if is_right(text) {
                return Ok(());
            }
            let (value, operator) = (text.clone(), operator_name.to_owned());
            let problem = if version == Version::V2012 && text.contains("${") {
                PolicyProblem::VariableForOperator { operator, value }
            } else {
                PolicyProblem::Value {
                    value,
                    expected,
                    operator,
                }
            };
            Err(at(*offset, problem))
        })
    };
    let operands = match operator.test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike | Test::ArnLike => {
            let templates = values
                .iter()
                .map(|(text, offset)| template(text, *offset, version))
                .collect::<Outcome<Vec<_>>>()?;
            if operator.test == Test::ArnLike {
                let mut templates = templates.iter();
                each("an ARN of six parts", &mut |text| {
                    let variable = templates.next().is_some_and(Template::has_variable);
                    variable || text == "*" || text.matches(':').count() >= 5
                })?;
            }
            Operands::Text(templates)
        }
        Test::NumericEquals
        | Test::NumericLessThan
        | Test::NumericLessThanEquals
        | Test::NumericGreaterThan
        | Test::NumericGreaterThanEquals => {
            let mut numbers = Vec::new();
            each("a number", &mut |text| {
                push(&mut numbers, text.parse().ok())
            })?;
            Operands::Number(numbers)
        }
        Test::DateEquals
        | Test::DateLessThan
        | Test::DateLessThanEquals
        | Test::DateGreaterThan
        | Test::DateGreaterThanEquals => {
            let mut dates = Vec::new();
            each("a date of ISO 8601 or seconds since 1970", &mut |text| {
                push(&mut dates, text.parse().ok())
            })?;
            Operands::Date(dates)
        }
        Test::Bool | Test::Null => {
            let mut booleans = Vec::new();
            each("true or false", &mut |text| {
                push(&mut booleans, text.to_ascii_lowercase().parse().ok())
            })?;
            Operands::Boolean(booleans)
        }
        Test::BinaryEquals => {
            let mut binaries = Vec::new();
            each("base64", &mut |text| {
                push(&mut binaries, STANDARD.decode(text).ok())
            })?;
            Operands::Binary(binaries)
        }
        Test::IpAddress => {
            let mut networks = Vec::new();
            each("an address or a CIDR range", &mut |text| {
                push(&mut networks, network(text))
            })?;
            Operands::Network(networks)
        }
    };
    Ok(Condition {
        operator,
        key: member.key.clone(),
        values: values.into_iter().map(|(text, _)| text).collect(),
        operands,
    })
}

/// Keeps a value that could be read, and says whether it could.
fn push<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let is_there = value.is_some();
    values.extend(value);
    is_there
}
