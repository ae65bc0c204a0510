use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Context;
use super::pattern::{Pattern, Unresolved};
use crate::world::policy::{
    Condition, Decimal, Effect, Instant, Operands, Quantifier, Template, Test,
};

/// Whether a condition holds for a request.
///
/// - Several values of the policy are alternatives; for a negated operator none of them may match.
/// - A request without the key passes a negated operator and `...IfExists`, and no other ("Condition operators").
/// - `ForAllValues` passes without values, `ForAnyValue` does not ("Multivalued context keys").
/// - A key with several values "requires a condition set operator" there. What comes of a plain operator is not documented,
///   and here it is the careful reading: a `Deny` needs one value that passes, an `Allow` needs all. For
///   `codecommit:References` see [`Request::each`](super::Request::each).
///
/// # Errors
/// The answer hangs on a variable that the request has no value for.
pub(super) fn holds(
    condition: &Condition,
    effect: Effect,
    context: &Context,
) -> Result<bool, Unresolved> {
    let values = context.get(&condition.key);
    let operator = &condition.operator;
    if let (Test::Null, Operands::Boolean(expected)) = (operator.test, &condition.operands) {
        return Ok(expected.contains(&values.is_empty()));
    }
    let passes = |value: &String| passes(condition, value, context);
    match operator.quantifier {
        Some(Quantifier::ForAllValues) => all(values, passes),
        Some(Quantifier::ForAnyValue) if values.is_empty() => Ok(operator.if_exists),
        Some(Quantifier::ForAnyValue) => any(values, passes),
        None if values.is_empty() => Ok(operator.if_exists || operator.negated),
        None if effect == Effect::Deny => any(values, passes),
        None => all(values, passes),
    }
}

/// One value of the request against all values of the policy.
fn passes(condition: &Condition, value: &str, context: &Context) -> Result<bool, Unresolved> {
    let test = condition.operator.test;
    let matches = match &condition.operands {
        Operands::Text(templates) => text(test, templates, value, context),
        Operands::Number(numbers) => Ok(value.parse::<Decimal>().is_ok_and(|value| {
            numbers.iter().any(|number| match test {
                Test::NumericLessThan => value < *number,
                Test::NumericLessThanEquals => value <= *number,
                Test::NumericGreaterThan => value > *number,
                Test::NumericGreaterThanEquals => value >= *number,
                _ => value == *number,
            })
        })),
        Operands::Date(dates) => Ok(value.parse::<Instant>().is_ok_and(|value| {
            dates.iter().any(|date| match test {
                Test::DateLessThan => value < *date,
                Test::DateLessThanEquals => value <= *date,
                Test::DateGreaterThan => value > *date,
                Test::DateGreaterThanEquals => value >= *date,
                _ => value == *date,
            })
        })),
        Operands::Boolean(booleans) => {
            let value = value.to_ascii_lowercase().parse::<bool>();
            Ok(value.is_ok_and(|value| booleans.contains(&value)))
        }
        // A request has bytes as base64 too.
        Operands::Binary(binaries) => Ok(STANDARD
            .decode(value)
            .is_ok_and(|value| binaries.contains(&value))),
        Operands::Network(networks) => Ok(value.parse::<std::net::IpAddr>().is_ok_and(|value| {
            // An IPv4 client of a socket for both kinds comes as `::ffff:203.0.113.7`.
            let value = value.to_canonical();
            networks.iter().any(|network| network.contains(&value))
        })),
    };
    if !condition.operator.negated {
        return matches;
    }
    // "Any attempt to match it fails and causes the statement to be invalid" ("Variables and tags"): where the policy
    // says "not", a value that is not known must not make the statement match.
    if let Operands::Text(templates) = &condition.operands {
        for template in templates {
            Pattern::wild(template, context)?;
        }
    }
    matches.map(|matches| !matches)
}

fn text(
    test: Test,
    templates: &[Template],
    value: &str,
    context: &Context,
) -> Result<bool, Unresolved> {
    any(templates, |template| {
        Ok(match test {
            Test::StringLike => Pattern::wild(template, context)?.matches(value),
            Test::ArnLike => Pattern::wild(template, context)?.matches_arn(value),
            Test::StringEqualsIgnoreCase => {
                Pattern::plain(template, context)?.lower_case().matches(
                    &value
                        .chars()
                        .flat_map(char::to_lowercase)
                        .collect::<String>(),
                )
            }
            _ => Pattern::plain(template, context)?.matches(value),
        })
    })
}

/// Whether one passes; an unknown answer counts only if no other decides.
pub(super) fn any<T>(
    items: &[T],
    passes: impl Fn(&T) -> Result<bool, Unresolved>,
) -> Result<bool, Unresolved> {
    let mut unknown = Ok(false);
    for item in items {
        match passes(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(unresolved) => unknown = Err(unresolved),
        }
    }
    unknown
}

fn all<T>(
    items: &[T],
    passes: impl Fn(&T) -> Result<bool, Unresolved>,
) -> Result<bool, Unresolved> {
    any(items, |item| passes(item).map(|passes| !passes)).map(|fails| !fails)
}
