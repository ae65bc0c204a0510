use std::fmt;

use crate::document::nearest;

/// A condition operator, with its prefix and suffix: `ForAnyValue:StringLikeIfExists`.
///
/// Names are taken as the user guide spells them; whether IAM minds their case is not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    name: String,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub quantifier: Option<Quantifier>,
    /// What is compared, and how.
    pub test: Test,
    /// Whether it is the negation of the test, `StringNotEquals` for `StringEquals`.
    pub negated: bool,
    /// Whether a request without the key passes.
    pub if_exists: bool,
}

/// How the values of a key with several are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Every value in the request must pass; none is every.
    ForAllValues,
    /// One value in the request must pass.
    ForAnyValue,
}

/// What an operator compares. A negated operator has the test of its opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The same characters.
    StringEquals,
    /// The same characters, whatever their case.
    StringEqualsIgnoreCase,
    /// With wildcards.
    StringLike,
    /// The same number.
    NumericEquals,
    /// A smaller number.
    NumericLessThan,
    /// A number that is not greater.
    NumericLessThanEquals,
    /// A greater number.
    NumericGreaterThan,
    /// A number that is not smaller.
    NumericGreaterThanEquals,
    /// The same instant.
    DateEquals,
    /// Before it.
    DateLessThan,
    /// Not after it.
    DateLessThanEquals,
    /// After it.
    DateGreaterThan,
    /// Not before it.
    DateGreaterThanEquals,
    /// `true` or `false`.
    Bool,
    /// The same bytes; the policy has them in base64.
    BinaryEquals,
    /// In the range.
    IpAddress,
    /// ARNs, part by part, with wildcards. "`ArnEquals` and `ArnLike` behave identically" ("Condition operators").
    ArnLike,
    /// `true`: the request has no such key.
    Null,
}

/// Every operator without prefix and suffix.
const NAMES: &[(&str, Test, bool)] = &[
    ("StringEquals", Test::StringEquals, false),
    ("StringNotEquals", Test::StringEquals, true),
    (
        "StringEqualsIgnoreCase",
        Test::StringEqualsIgnoreCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Test::StringEqualsIgnoreCase,
        true,
    ),
    ("StringLike", Test::StringLike, false),
    ("StringNotLike", Test::StringLike, true),
    ("NumericEquals", Test::NumericEquals, false),
    ("NumericNotEquals", Test::NumericEquals, true),
    ("NumericLessThan", Test::NumericLessThan, false),
    ("NumericLessThanEquals", Test::NumericLessThanEquals, false),
    ("NumericGreaterThan", Test::NumericGreaterThan, false),
    (
        "NumericGreaterThanEquals",
        Test::NumericGreaterThanEquals,
        false,
    ),
    ("DateEquals", Test::DateEquals, false),
    ("DateNotEquals", Test::DateEquals, true),
    ("DateLessThan", Test::DateLessThan, false),
    ("DateLessThanEquals", Test::DateLessThanEquals, false),
    ("DateGreaterThan", Test::DateGreaterThan, false),
    ("DateGreaterThanEquals", Test::DateGreaterThanEquals, false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::BinaryEquals, false),
    ("IpAddress", Test::IpAddress, false),
    ("NotIpAddress", Test::IpAddress, true),
    ("ArnEquals", Test::ArnLike, false),
    ("ArnNotEquals", Test::ArnLike, true),
    ("ArnLike", Test::ArnLike, false),
    ("ArnNotLike", Test::ArnLike, true),
    ("Null", Test::Null, false),
];

/// Why a text is not an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAnOperator {
    Unknown,
    NullIfExists,
}

impl Operator {
    /// Reads an operator's name.
    pub(super) fn parse(text: &str) -> Result<Self, NotAnOperator> {
        let (quantifier, base) = match text.split_once(':') {
            Some(("ForAllValues", name)) => (Some(Quantifier::ForAllValues), name),
            Some(("ForAnyValue", name)) => (Some(Quantifier::ForAnyValue), name),
            Some(_) => return Err(NotAnOperator::Unknown),
            None => (None, text),
        };
        let (base, if_exists) = match base.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (base, false),
        };
        let (_, test, negated) = NAMES
            .iter()
            .find(|(known, ..)| *known == base)
            .ok_or(NotAnOperator::Unknown)?;
        if *test == Test::Null && if_exists {
            return Err(NotAnOperator::NullIfExists);
        }
        Ok(Self {
            name: text.to_owned(),
            quantifier,
            test: *test,
            negated: *negated,
            if_exists,
        })
    }
}

/// The operator as the policy spells it.
impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The operator that was probably meant.
pub(super) fn suggestion(written: &str) -> Option<String> {
    let (prefix, name) = match written.split_once(':') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, written),
    };
    let (name, suffix) = match name.strip_suffix("IfExists") {
        Some(name) => (name, "IfExists"),
        None => (name, ""),
    };
    let name = nearest(name, NAMES.iter().map(|(name, ..)| *name))?;
    let prefix = match prefix {
        Some(prefix) => format!("{}:", nearest(prefix, ["ForAllValues", "ForAnyValue"])?),
        None => String::new(),
    };
    Some(format!("did you mean `{prefix}{name}{suffix}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_read_with_its_prefix_and_suffix() {
        for (name, test, negated) in NAMES {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                let operator = Operator::parse(&format!("{prefix}{name}")).unwrap();
                assert_eq!((operator.test, operator.negated), (*test, *negated));
                assert_eq!(operator.quantifier.is_some(), !prefix.is_empty());
                assert_eq!(operator.to_string(), format!("{prefix}{name}"));
            }
        }
        let operator = Operator::parse("StringNotLikeIfExists").unwrap();
        assert!(operator.if_exists && operator.negated);
    }

    #[test]
    fn a_misspelt_operator_is_guessed() {
        for (written, meant) in [
            ("StringEqual", "StringEquals"),
            ("stringEquals", "StringEquals"),
            ("StringLikesIfExists", "StringLikeIfExists"),
            ("ForAnyValues:StringLike", "ForAnyValue:StringLike"),
            ("IPAddress", "IpAddress"),
        ] {
            assert_eq!(Operator::parse(written), Err(NotAnOperator::Unknown));
            assert_eq!(
                suggestion(written),
                Some(format!("did you mean `{meant}`?"))
            );
        }
        assert_eq!(
            Operator::parse("NullIfExists"),
            Err(NotAnOperator::NullIfExists)
        );
    }
}
