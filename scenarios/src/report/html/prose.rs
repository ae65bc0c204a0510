//! The prose of scenarios, for a page: paragraphs in place of lines, and code in place of backticks.

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words.
    Plain(&'a str),
    /// What stood between backticks.
    Code(&'a str),
}

/// The paragraphs of a text: what blank lines divide.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// The words and the code of a paragraph. A backtick that nothing closes is one.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (code, behind))) = rest
        .split_once('`')
        .and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        pieces.push(Piece::Plain(before));
        pieces.push(Piece::Code(code));
        rest = behind;
    }
    pieces.push(Piece::Plain(rest));
    pieces.retain(|piece| !matches!(piece, Piece::Plain("")));
    pieces
}

#[cfg(test)]
mod tests {
    use super::Piece::{Code, Plain};
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(
            pieces("write `a b`, or `c`"),
            [Plain("write "), Code("a b"), Plain(", or "), Code("c")]
        );
        assert_eq!(pieces("`a` b ` c"), [Code("a"), Plain(" b ` c")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn lines_make_a_paragraph_and_blank_lines_divide() {
        let text = "\none\nline\n\n\nanother\n";
        assert!(paragraphs(text).eq(["one\nline", "another"]));
    }
}
