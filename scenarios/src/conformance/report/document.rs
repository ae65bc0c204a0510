//! The place that tables have in a document.

use super::markdown::Tables;

/// A document has no place for tables, or the tables of others in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotItsPlace {
    /// It has text, and no marks.
    #[error("it has no place for {0} tables")]
    NoMarks(&'static str),
    /// What stands there would be lost.
    #[error("its {kind} tables have a column of {subject}, which is not tried now")]
    OfOthers {
        /// `client` or `helper`.
        kind: &'static str,
        /// Whose column it is.
        subject: String,
    },
}

impl NotItsPlace {
    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::NoMarks(kind) => {
                let (begin, end) = marks(kind);
                format!(
                    "put two lines where they belong, `{begin}` and `{end}`, or name a new file"
                )
            }
            Self::OfOthers { kind, subject } => format!(
                "try it as well (`--{kind} {subject}`; without `--{kind}`, all that are built in), or name another file"
            ),
        }
    }
}

/// What stands before the place of the tables of this kind, in it, and behind it; nothing, if the document is empty.
///
/// # Errors
/// There is no such place, or it has tables with other subjects than these.
pub fn place<'a>(
    document: &'a str,
    kind: &'static str,
    subjects: &[&str],
) -> Result<[&'a str; 3], NotItsPlace> {
    if document.trim().is_empty() {
        return Ok([""; 3]);
    }
    let (begin, end) = marks(kind);
    let (before, rest) = split_at_line(document, &begin).ok_or(NotItsPlace::NoMarks(kind))?;
    let (inside, behind) = split_at_line(rest, &end).ok_or(NotItsPlace::NoMarks(kind))?;
    let heads = inside
        .lines()
        .find_map(|line| line.strip_prefix("| case |"));
    let mut heads = heads.unwrap_or_default().split('|').map(str::trim);
    match heads.find(|head| !head.is_empty() && !subjects.contains(head)) {
        Some(head) => Err(NotItsPlace::OfOthers {
            kind,
            subject: head.to_owned(),
        }),
        None => Ok([before, inside, behind]),
    }
}

/// A text may speak of the marks: those that count have a line of their own.
fn split_at_line<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(mark).find_map(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let behind = rest.strip_prefix(mark)?;
        let begins = before.is_empty() || before.ends_with('\n');
        let ends = behind.is_empty() || behind.starts_with(['\n', '\r']);
        (begins && ends).then_some((before, behind))
    })
}

fn marks(kind: &str) -> (String, String) {
    (
        format!("<!-- {kind} tables -->"),
        format!("<!-- end of {kind} tables -->"),
    )
}

/// Puts the tables into their place in a document; an empty one becomes that place.
///
/// # Errors
/// Those of [`place`].
pub fn insert(document: &str, tables: &Tables) -> Result<String, NotItsPlace> {
    let Tables {
        kind,
        subjects,
        text,
    } = tables;
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let [before, _, behind] = place(document, kind, &subjects)?;
    let behind = if behind.is_empty() { "\n" } else { behind };
    let (begin, end) = marks(kind);
    Ok(format!("{before}{begin}\n\n{text}\n{end}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_take_the_place_of_the_last_ones_and_of_nothing_else() {
        let tables = |text: &str| Tables {
            kind: "client",
            subjects: vec!["a".to_owned()],
            text: text.to_owned(),
        };
        let new = insert("", &tables("| case | a |")).unwrap();
        let document = format!("# `<!-- client tables -->`\n\n{new}Tail\n");
        assert_eq!(
            insert(&document, &tables("new")).unwrap(),
            "# `<!-- client tables -->`\n\n<!-- client tables -->\n\nnew\n<!-- end of client tables -->\nTail\n"
        );
        let others = document.replace("| a |", "| a | b |");
        assert_eq!(
            insert(&others, &tables("new")).map_err(|error| error.to_string()),
            Err("its client tables have a column of b, which is not tried now".to_owned())
        );
        for text in [
            "# Title\n",
            "<!-- helper tables -->\n",
            "<!-- client tables -->\n",
        ] {
            let refused = insert(text, &tables("new"));
            assert_eq!(refused, Err(NotItsPlace::NoMarks("client")), "{text}");
        }
    }
}
