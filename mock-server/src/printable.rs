//! Texts of clients, as they may stand on a terminal.

/// A client's words in ours must not steer the terminal that they are read on: control characters, and those that turn the
/// direction of text or cannot be seen. Lines stay lines.
pub(crate) fn printable(text: String) -> String {
    escaped(text, |character| {
        !matches!(character, '\n' | '\t') && steers(character)
    })
}

/// The same of what is one word of a client's in a line of ours, which it must not end.
pub(crate) fn printable_word(word: String) -> String {
    escaped(word, steers)
}

fn steers(character: char) -> bool {
    match character {
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => true,
        other => other.is_control(),
    }
}

fn escaped(text: String, is_escaped: impl Fn(char) -> bool) -> String {
    if !text.contains(&is_escaped) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            kept if !is_escaped(kept) => shown.push(kept),
            '\n' | '\r' | '\t' => shown.extend(character.escape_default()),
            other => shown.extend(other.escape_unicode()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_a_text_is_escaped() {
        for (said, shown) in [
            ("/v1/r\u{e9}po\n", "/v1/r\u{e9}po\n"),
            ("/a\u{202e}b", "/a\\u{202e}b"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
        ] {
            assert_eq!(printable(said.to_owned()), shown);
        }
    }

    #[test]
    fn a_word_ends_no_line() {
        for (said, shown) in [
            ("refs/heads/r\u{e9}f", "refs/heads/r\u{e9}f"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(printable_word(said.to_owned()), shown);
        }
    }
}
