//! Shell words: split as Python's `shlex` splits them, quoted as a POSIX shell reads them.

/// Splits text into words as Python's `shlex.split` does; botocore reads `[profile "Code Commit"]` with it.
///
/// `None` where Python raises: a quote is not closed, or a backslash is last.
pub fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '\'' => quoted(&mut rest, word.get_or_insert_default(), '\'')?,
            '"' => quoted(&mut rest, word.get_or_insert_default(), '"')?,
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// Splits a command line as programs on Windows do, and botocore for them: only spaces and tabs part words, only double
/// quotes quote, and a backslash means itself unless a double quote follows.
///
/// `None` if a quote is not closed.
pub fn split_windows(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    let mut backslashes = 0;
    for c in text.chars() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        let is_escaped = c == '"' && backslashes % 2 == 1;
        let kept = if c == '"' {
            backslashes / 2
        } else {
            backslashes
        };
        if backslashes > 0 {
            word.get_or_insert_default().push_str(&"\\".repeat(kept));
            backslashes = 0;
        }
        match c {
            '"' if !is_escaped => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if backslashes > 0 {
        word.get_or_insert_default()
            .push_str(&"\\".repeat(backslashes));
    }
    words.extend(word);
    (!is_quoted).then_some(words)
}

/// One word of a POSIX shell: as it is where that is safe, else between single quotes.
pub fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The rest of a quoted part. Inside double quotes a backslash escapes a double quote and itself, nothing else.
fn quoted(rest: &mut std::str::Chars<'_>, word: &mut String, end: char) -> Option<()> {
    loop {
        match rest.next()? {
            next if next == end => return Some(()),
            '\\' if end == '"' => match rest.next()? {
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_python() {
        for (text, words) in [
            ("profile dev", Some(&["profile", "dev"][..])),
            ("profile \"Code Commit\"", Some(&["profile", "Code Commit"])),
            ("profile 'x y'", Some(&["profile", "x y"])),
            (r"profile x\ y", Some(&["profile", "x y"])),
            ("profile a'b c'd", Some(&["profile", "ab cd"])),
            (r#"profile "a\"b\\c\d""#, Some(&["profile", r#"a"b\c\d"#])),
            (r"profile 'a\b'", Some(&["profile", r"a\b"])),
            ("profile ''", Some(&["profile", ""])),
            ("profile\tdev # x", Some(&["profile", "dev", "#", "x"])),
            ("profile", Some(&["profile"])),
            ("", Some(&[])),
            ("profile \"open", None),
            ("profile it's", None),
            ("profile x\\", None),
        ] {
            let expected: Option<Vec<String>> =
                words.map(|words| words.iter().map(|&word| word.to_owned()).collect());
            assert_eq!(split(text), expected, "{text}");
        }
    }

    // Compared with botocore's `_windows_shell_split`.
    #[test]
    fn words_of_windows_keep_their_backslashes() {
        for (text, words) in [
            (r"C:\bin\x.exe a\b", Some(&[r"C:\bin\x.exe", r"a\b"][..])),
            (
                r#""C:\my bin\x.exe" 'a b'"#,
                Some(&[r"C:\my bin\x.exe", "'a", "b'"]),
            ),
            (r#"x "a\"b" c"#, Some(&["x", "a\"b", "c"])),
            (r#"x a\\"b c""#, Some(&["x", r"a\b c"])),
            (r#"x "" y\"#, Some(&["x", "", r"y\"])),
            ("x\t y", Some(&["x", "y"])),
            ("", Some(&[])),
            (r#"x "y"#, None),
        ] {
            let expected: Option<Vec<String>> =
                words.map(|words| words.iter().map(|&word| word.to_owned()).collect());
            assert_eq!(split_windows(text), expected, "{text}");
        }
    }

    #[test]
    fn a_quoted_word_splits_into_itself() {
        for word in [
            "dev",
            "Code Commit",
            "it's",
            "",
            "a\"b",
            "$HOME",
            "é",
            "a\\b",
        ] {
            let text = quote(word);
            assert_eq!(split(&text), Some(vec![word.to_owned()]), "{text}");
        }
        assert_eq!(quote("dev-1"), "dev-1");
        assert_eq!(quote("Code Commit"), "'Code Commit'");
    }
}
