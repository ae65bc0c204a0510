//! Texts of clients, as they may stand on a terminal.

/// A client's words in ours must not steer the terminal that they are read on: control characters, and those that turn the
/// direction of text or cannot be seen.
pub(crate) fn printable(text: String) -> String {
    let steers = |character: char| match character {
        '\n' | '\t' => false,
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => true,
        other => other.is_control(),
    };
    if !text.contains(steers) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
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
}
