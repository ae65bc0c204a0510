use crate::world::policy::{Piece, Template};

use super::Context;

/// A text of a policy with the request's values put in, ready to match.
///
/// The characters of a value are literal: a user named `*` is not every user.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Token>);

/// The request has no value, or several, for a variable without default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unresolved(pub(super) String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`, which may or may not be a colon.
    AnyCharacter {
        colon: bool,
    },
    /// `*`, which may or may not run over colons.
    AnyText {
        colons: bool,
    },
}

impl Pattern {
    /// For `Action`, where case does not matter, and for `StringLike`.
    pub(super) fn wild(template: &Template, context: &Context) -> Result<Self, Unresolved> {
        let tokens = expand(template, context)?;
        Ok(Self(tokens))
    }

    /// For `StringEquals`, to which `*` and `?` are characters like any other.
    pub(super) fn plain(template: &Template, context: &Context) -> Result<Self, Unresolved> {
        let tokens = expand(template, context)?.into_iter();
        let plain = |token| match token {
            Token::AnyText { .. } => Token::Literal('*'),
            Token::AnyCharacter { .. } => Token::Literal('?'),
            literal => literal,
        };
        Ok(Self(tokens.map(plain).collect()))
    }

    /// For `Resource`.
    ///
    /// Before the fifth colon a wildcard stays within its part of the ARN, except a `*` at the part's end, which "can
    /// expand to match beyond the colon boundaries" ("IAM JSON policy elements: Resource"). Behind it colons are
    /// characters like any other.
    pub(super) fn resource(template: &Template, context: &Context) -> Result<Self, Unresolved> {
        let mut tokens = expand(template, context)?;
        let mut colons = 0;
        for index in 0..tokens.len() {
            let ends_part = matches!(tokens.get(index + 1), None | Some(Token::Literal(':')));
            match &mut tokens[index] {
                Token::Literal(':') => colons += 1,
                Token::Literal(_) => {}
                Token::AnyCharacter { colon } => *colon = colons >= 5,
                Token::AnyText { colons: over } => *over = ends_part || colons >= 5,
            }
        }
        Ok(Self(tokens))
    }

    /// Whether an ARN matches part by part, as the ARN operators compare: "each of the six colon-delimited components of
    /// the ARN is checked separately" ("Amazon Resource Name (ARN) condition operators"). `*` alone is every ARN.
    pub(super) fn matches_arn(&self, arn: &str) -> bool {
        if matches!(self.0[..], [Token::AnyText { .. }]) {
            return true;
        }
        let patterns = self.0.splitn(6, |token| *token == Token::Literal(':'));
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let patterns: Vec<&[Token]> = patterns.collect();
        parts.len() == 6
            && patterns.len() == 6
            && parts
                .iter()
                .zip(patterns)
                .all(|(part, pattern)| matches(pattern, part))
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        matches(&self.0, text)
    }

    /// The same pattern for texts in lower case.
    pub(super) fn lower_case(self) -> Self {
        let lower = |token| match token {
            Token::Literal(character) => character.to_lowercase().map(Token::Literal).collect(),
            wildcard => vec![wildcard],
        };
        Self(self.0.into_iter().flat_map(lower).collect())
    }
}

fn expand(template: &Template, context: &Context) -> Result<Vec<Token>, Unresolved> {
    let mut tokens = Vec::new();
    for piece in template.pieces() {
        let literal = match piece {
            Piece::Literal(text) => text,
            Piece::AnyText => {
                tokens.push(Token::AnyText { colons: true });
                continue;
            }
            Piece::AnyCharacter => {
                tokens.push(Token::AnyCharacter { colon: true });
                continue;
            }
            Piece::Variable { key, default } => match (context.single(key), default) {
                (Some(value), _) => value,
                // A key with several values is no variable ("Single-valued vs. multivalued context keys").
                (None, Some(default)) if context.get(key).is_empty() => default,
                (None, _) => return Err(Unresolved(key.clone())),
            },
        };
        tokens.extend(literal.chars().map(Token::Literal));
    }
    Ok(tokens)
}

/// Follows all ways through the pattern at once, so that the time is the product of the lengths for any pattern.
fn matches(mut pattern: &[Token], mut text: &str) -> bool {
    // Most texts differ in their first characters already, which needs no memory.
    while let [Token::Literal(literal), rest @ ..] = pattern {
        match text.strip_prefix(*literal) {
            Some(behind) => (pattern, text) = (rest, behind),
            None => return false,
        }
    }
    if pattern.is_empty() {
        return text.is_empty();
    }
    // `reached[i]`: the characters so far can be matched by the first `i` tokens.
    let mut reached = vec![false; pattern.len() + 1];
    let mut next = reached.clone();
    reached[0] = true;
    skip_stars(pattern, &mut reached);
    for character in text.chars() {
        next.fill(false);
        for (index, token) in pattern.iter().enumerate() {
            if !reached[index] {
                continue;
            }
            match token {
                Token::Literal(literal) if *literal == character => next[index + 1] = true,
                Token::AnyCharacter { colon } if *colon || character != ':' => {
                    next[index + 1] = true;
                }
                Token::AnyText { colons } if *colons || character != ':' => next[index] = true,
                _ => {}
            }
        }
        skip_stars(pattern, &mut next);
        std::mem::swap(&mut reached, &mut next);
    }
    reached[pattern.len()]
}

/// A star may match nothing.
fn skip_stars(pattern: &[Token], reached: &mut [bool]) {
    for (index, token) in pattern.iter().enumerate() {
        if reached[index] && matches!(token, Token::AnyText { .. }) {
            reached[index + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::world::policy::Version;

    fn template(text: &str) -> Template {
        Template::parse(text, Version::V2012).unwrap()
    }

    fn wild(pattern: &str, text: &str) -> bool {
        Pattern::wild(&template(pattern), &Context::default())
            .unwrap()
            .matches(text)
    }

    fn resource(pattern: &str, arn: &str) -> bool {
        Pattern::resource(&template(pattern), &Context::default())
            .unwrap()
            .matches(arn)
    }

    #[test]
    fn wildcards_match_the_whole_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "é", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbcd", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("a${*}c", "a*c", true),
            ("a${*}c", "abc", false),
        ] {
            assert_eq!(wild(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_resource_is_matched_part_by_part() {
        let repository = "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo";
        for (pattern, expected) in [
            ("*", true),
            ("arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo", true),
            (
                "arn:aws:codecommit:us-east-2:111122223333:mydemorepo",
                false,
            ),
            ("arn:aws:codecommit:us-east-2:111122223333:My*", true),
            ("arn:aws:codecommit:us-east-2:111122223333:My?emoRep?", true),
            ("arn:aws:codecommit:us-*-2:111122223333:MyDemoRepo", true),
            ("arn:aws:codecommit:*:*:MyDemoRepo", true),
            ("arn:*:codecommit:*:*:*", true),
            // "CodeCommit uses an exact match": a slash is not a colon (user guide, "Authentication and access control").
            (
                "arn:aws:codecommit:us-east-2:111122223333:/MyDemoRepo",
                false,
            ),
            (
                "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo/*",
                false,
            ),
            // A star at the end of a part runs over colons,
            ("arn:aws:codecommit:*", true),
            ("arn:aws:codecommit:us-east-2:*", true),
            ("arn:aws:codecommit:*:MyDemoRepo", true),
            // no other wildcard does.
            ("arn:aws:codecommit:*3:MyDemoRepo", false),
            (
                "arn:aws:codecommit:us-east-2?111122223333:MyDemoRepo",
                false,
            ),
        ] {
            assert_eq!(resource(pattern, repository), expected, "{pattern}");
        }
        let path = "arn:aws:logs:us-east-2:111122223333:log-group:a:log-stream:b";
        assert!(resource(
            "arn:aws:logs:us-east-2:111122223333:log*am:b",
            path
        ));
        assert!(!resource(
            "arn:aws:codecommit:us-east-2:111122223333:*",
            "*"
        ));
        assert!(resource("*", "*"));
    }

    #[test]
    fn the_characters_of_a_value_are_literal() {
        let mut context = Context::default();
        context.set("aws:username", ["*"]);
        let pattern = Pattern::wild(&template("home/${AWS:UserName}/?"), &context).unwrap();
        assert!(pattern.matches("home/*/x"));
        assert!(!pattern.matches("home/bob/x"));
    }

    #[test]
    fn a_variable_without_a_single_value_is_unresolved() {
        let mut context = Context::default();
        let unresolved = |context: &Context, text: &str| {
            Pattern::wild(&template(text), context)
                .err()
                .map(|Unresolved(name)| name)
        };
        let name = Some("aws:username".to_owned());
        assert_eq!(unresolved(&context, "${aws:username}"), name);
        assert_eq!(unresolved(&context, "${aws:username, 'nobody'}"), None);
        context.set("aws:username", ["a", "b"]);
        assert_eq!(unresolved(&context, "${aws:username, 'nobody'}"), name);
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let began = Instant::now();
        let text = "a".repeat(2_000);
        assert!(!wild(
            &"*a".repeat(1_000).replace("*a*a", "*a?*a"),
            &format!("{text}b")
        ));
        assert!(!wild(&format!("{}b", "a*".repeat(1_000)), &text));
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn arn_operators_compare_six_parts() {
        let arn = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        let like = |pattern: &str, arn: &str| {
            Pattern::wild(&template(pattern), &Context::default())
                .unwrap()
                .matches_arn(arn)
        };
        // The guide's example of what a string operator matches and an ARN operator does not.
        let pattern = "arn:aws:someservice:*:111122223333:finance/*";
        assert!(wild(pattern, arn));
        assert!(!like(pattern, arn));
        assert!(like("arn:aws:someservice:*:*:store/*:finance/*", arn));
        assert!(like("*", arn));
        assert!(!like("arn:aws:*", arn));
        assert!(!like("arn:aws:someservice:*:*:*", "not an ARN"));
    }
}
