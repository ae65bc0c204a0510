//! Takes secrets out of a document before an error shows it, whether it can be parsed or not.

/// Keys whose values are secret. One that is misspelt is meant as well.
const SECRET_WORDS: &[&str] = &["secret", "password", "passwd", "token"];

/// As long as a secret access key: 40 characters of base64's alphabet.
const RANDOM_RUN: usize = 40;

/// What is shorter than this stands in every text.
const SHORTEST_KNOWN: usize = 8;

/// The text with its secrets covered by as many asterisks, so that every byte stays where it is: the values of keys that
/// look like a secret's, with all that follows them on the line, wherever else these values stand, and everything of the
/// form of a secret access key.
pub(super) fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut known: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(equals) = text[at..].find('=').map(|found| at + found) {
        at = equals + 1;
        if !is_secret(key_before(&text[..equals])) {
            continue;
        }
        let (value, end) = value_after(text, equals + 1);
        if value.len() >= SHORTEST_KNOWN {
            known.push(value);
        }
        cover(&mut bytes, text, equals + 1, end);
        at = end;
    }
    for value in known {
        for (start, _) in text.match_indices(value) {
            bytes[start..start + value.len()].fill(b'*');
        }
    }
    cover_random_runs(&mut bytes);
    // Only whole characters were covered.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

/// `secret` of `user.access_key = [{ id = "x", "secret" `.
fn key_before(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '\t', '"', '\'']);
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    &text[start..]
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| key.contains(word))
        || key.split(['_', '-']).any(|part| {
            super::suggestion::nearest_above(part, SECRET_WORDS.iter().copied(), 0.88).is_some()
        })
}

/// The value itself, without its quotes, and the end of what is covered: of its last line.
fn value_after(text: &str, start: usize) -> (&str, usize) {
    let rest = &text[start..];
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
    let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let value = start + indent;
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let Some(inner) = text[value..].strip_prefix(quote) else {
            continue;
        };
        let several_lines = quote.len() == 3;
        let limit = if several_lines {
            text.len()
        } else {
            line_end(value)
        };
        let inner_start = text.len() - inner.len();
        // A quote that nothing closes: all that could belong to it.
        let inner_end = text[inner_start..limit.max(inner_start)]
            .find(quote)
            .map_or(limit.max(inner_start), |at| inner_start + at);
        return (text[inner_start..inner_end].trim(), line_end(inner_end));
    }
    let end = line_end(value);
    (text[value..end].trim(), end)
}

/// Spaces, line ends and quotes stay: they show the form.
fn cover(bytes: &mut [u8], text: &str, start: usize, end: usize) {
    for (at, character) in text[start..end].char_indices() {
        if !character.is_whitespace() && character != '"' && character != '\'' {
            bytes[start + at..start + at + character.len_utf8()].fill(b'*');
        }
    }
}

fn cover_random_runs(bytes: &mut [u8]) {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'/' || *byte == b'+';
    for run in bytes.split_mut(|byte| !belongs(byte)) {
        let mixed = run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(|byte| !byte.is_ascii_alphabetic());
        if run.len() >= RANDOM_RUN && mixed {
            run.fill(b'*');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_secret_key_has_is_covered_and_nothing_moves() {
        for (text, covered) in [
            ("secret = \"abc\"\n", "secret = \"***\"\n"),
            ("secrt = \"abc\" # why\n", "secrt = \"***\" * ***\n"),
            ("secret = \"abc\"def\nid = 1", "secret = \"***\"***\nid = 1"),
            ("secret = \"abc\nid = 1", "secret = \"***\nid = 1"),
            (
                "{ id = 'x', passwrod = 'é' }\n",
                "{ id = 'x', passwrod = '**' *\n",
            ),
            (
                "session_token = '''\na\nb'''\nid = 1",
                "session_token = '''\n*\n*'''\nid = 1",
            ),
            ("aws_secret_access_key=abc\n", "aws_secret_access_key=***\n"),
            ("secret =", "secret ="),
            ("secret = \"", "secret = \""),
            ("é = 1\n", "é = 1\n"),
        ] {
            assert_eq!(masked(text), covered);
        }
    }

    #[test]
    fn the_same_value_is_covered_elsewhere() {
        let text = "secret = \"a secret!\"\nrun = \"echo a secret!\"\n";
        assert_eq!(
            masked(text),
            "secret = \"* *******\"\nrun = \"echo *********\"\n".replace("* *******", "*********")
        );
    }

    #[test]
    fn a_secret_access_key_is_known_by_its_form() {
        assert_eq!(
            masked("x = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\""),
            format!("x = \"{}\"", "*".repeat(40))
        );
    }

    #[test]
    fn everything_else_is_shown() {
        for text in [
            "section = \"Step 3\"\nseed = 'sample'\nsource = { page = 'x' }\nstatus = 1\n",
            "run = \"git clone https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo\"",
            "id = \"AKIAIOSFODNN7EXAMPLE\"",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
