use std::fmt;

use super::Version;

/// Text of a policy: `*` and `?` may be wildcards in it, and `${key}` stands for a value of the request.
///
/// Whether the wildcards are any is the reader's business: they are in `Action`, `Resource`, `StringLike` and the ARN
/// operators, and plain characters in `StringEquals`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    pieces: Vec<Piece>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters that mean themselves; `${*}`, `${?}` and `${$}` too.
    Literal(String),
    /// `*`: any number of characters.
    AnyText,
    /// `?`: one character.
    AnyCharacter,
    /// `${aws:username}` or `${aws:username, 'default'}`.
    Variable {
        /// The key of the request whose value it stands for.
        key: String,
        /// The value if the request has none.
        default: Option<String>,
    },
}

/// Why `${...}` is not a variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// "Missing brace in variable".
    #[error("a variable has no closing brace")]
    MissingBrace,
    /// `${}`.
    #[error("a variable has no name")]
    Empty,
    /// "Missing quote in variable".
    #[error("the default of a variable stands in single quotes")]
    MissingQuote,
    /// "Unsupported symbol in variable".
    #[error("`{0}` cannot stand in the name of a variable")]
    Symbol(char),
}

impl Template {
    /// Takes a text apart. Only 2012-10-17 has variables.
    ///
    /// # Errors
    /// Something after `${` that is no variable.
    pub fn parse(text: &str, version: Version) -> Result<Self, BadVariable> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let after = &rest[character.len_utf8()..];
            rest = match (character, after.strip_prefix('{')) {
                ('$', Some(inside)) if version == Version::V2012 => {
                    let (content, after) =
                        inside.split_once('}').ok_or(BadVariable::MissingBrace)?;
                    push(&mut pieces, variable(content)?);
                    after
                }
                ('*', _) => {
                    push(&mut pieces, Piece::AnyText);
                    after
                }
                ('?', _) => {
                    push(&mut pieces, Piece::AnyCharacter);
                    after
                }
                _ => {
                    push(&mut pieces, Piece::Literal(character.to_string()));
                    after
                }
            };
        }
        Ok(Self {
            source: text.to_owned(),
            pieces,
        })
    }

    /// The text as the policy has it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether it has a variable.
    pub fn has_variable(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable { .. }))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Literal(text)), Piece::Literal(more)) => text.push_str(&more),
        // Two stars say what one says.
        (Some(Piece::AnyText), Piece::AnyText) => {}
        (_, piece) => pieces.push(piece),
    }
}

/// What stands between the braces ("Special characters", "Specifying default values").
fn variable(content: &str) -> Result<Piece, BadVariable> {
    if matches!(content, "*" | "?" | "$") {
        return Ok(Piece::Literal(content.to_owned()));
    }
    let (key, default) = match content.split_once(',') {
        None => (content, None),
        Some((key, default)) => {
            let default = default
                .trim()
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
                .ok_or(BadVariable::MissingQuote)?;
            (key, Some(default.to_owned()))
        }
    };
    let key = key.trim();
    if key.is_empty() {
        return Err(BadVariable::Empty);
    }
    match key
        .chars()
        .find(|c| "${*?'\"".contains(*c) || c.is_control())
    {
        Some(symbol) => Err(BadVariable::Symbol(symbol)),
        None => Ok(Piece::Variable {
            key: key.to_owned(),
            default,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<Piece> {
        Template::parse(text, Version::V2012).unwrap().pieces
    }

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.to_owned())
    }

    #[test]
    fn wildcards_and_variables_are_told_from_text() {
        assert_eq!(
            pieces("a*${aws:username, 'no, one'}?$b${*}${?}${$}"),
            [
                literal("a"),
                Piece::AnyText,
                Piece::Variable {
                    key: "aws:username".to_owned(),
                    default: Some("no, one".to_owned()),
                },
                Piece::AnyCharacter,
                literal("$b*?$"),
            ]
        );
    }

    #[test]
    fn the_old_version_has_no_variables() {
        let template = Template::parse("${aws:username}*", Version::V2008).unwrap();
        assert_eq!(
            template.pieces,
            [literal("${aws:username}"), Piece::AnyText]
        );
        assert!(!template.has_variable());
    }

    #[test]
    fn what_is_no_variable_is_named() {
        for (text, problem) in [
            ("${aws:username", BadVariable::MissingBrace),
            ("${}", BadVariable::Empty),
            ("${, 'x'}", BadVariable::Empty),
            ("${aws:username, x}", BadVariable::MissingQuote),
            ("${aws:username, 'x}", BadVariable::MissingQuote),
            ("${aws:${x}}", BadVariable::Symbol('$')),
            ("${aws:*}", BadVariable::Symbol('*')),
        ] {
            assert_eq!(
                Template::parse(text, Version::V2012),
                Err(problem),
                "{text}"
            );
        }
    }
}
