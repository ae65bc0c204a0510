//! A command as it is typed, so that it can be pasted into a shell.

/// A line of what a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The line.
    pub(super) text: String,
    /// Whether it has to stand at the margin: the text of a here-document, and the word that ends it.
    pub(super) at_the_margin: bool,
}

/// The lines of a command behind a prompt.
pub(super) fn typed(command: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut end: Option<End> = None;
    for line in command.trim().lines() {
        let at_the_margin = end.is_some();
        let prompt = if lines.is_empty() { "$ " } else { "  " };
        lines.push(Line {
            text: match at_the_margin {
                true => line.to_owned(),
                false => format!("{prompt}{line}"),
            },
            at_the_margin,
        });
        end = match end {
            Some(end) if !end.is(line) => Some(end),
            Some(_) => None,
            None => End::announced_in(line),
        };
    }
    lines
}

/// Lines that are no command.
pub(super) fn plain(text: &str) -> Vec<Line> {
    text.trim_end()
        .lines()
        .map(|line| Line {
            text: line.to_owned(),
            at_the_margin: false,
        })
        .collect()
}

/// What ends a here-document.
#[derive(Debug)]
struct End {
    word: String,
    /// `<<-`: tabs may stand before it.
    behind_tabs: bool,
}

impl End {
    /// `<<END`, `<<'END'`, `<<-END`; not `<<<`, and no shift of bits.
    fn announced_in(line: &str) -> Option<Self> {
        let (before, after) = line.split_once("<<")?;
        if after.starts_with('<') || before.contains("$((") {
            return None;
        }
        let (behind_tabs, after) = match after.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let word: String = after
            .trim_start_matches([' ', '\'', '"', '\\'])
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        (!word.is_empty()).then_some(Self { word, behind_tabs })
    }

    fn is(&self, line: &str) -> bool {
        let line = match self.behind_tabs {
            true => line.trim_start_matches('\t'),
            false => line,
        };
        line == self.word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str) -> Vec<(String, bool)> {
        let lines = typed(command).into_iter();
        lines.map(|line| (line.text, line.at_the_margin)).collect()
    }

    fn line(text: &str, at_the_margin: bool) -> (String, bool) {
        (text.to_owned(), at_the_margin)
    }

    #[test]
    fn a_here_document_stands_at_the_margin_with_its_end() {
        for begin in [
            "cat > x <<'END'",
            "cat <<END > x",
            "cat <<\\END",
            "cat << \"END\"",
        ] {
            assert_eq!(
                shown(&format!("{begin}\n[a]\n\tb\nEND\nchmod +x x\n")),
                [
                    line(&format!("$ {begin}"), false),
                    line("[a]", true),
                    line("\tb", true),
                    line("END", true),
                    line("  chmod +x x", false),
                ]
            );
        }
        assert_eq!(
            shown("cat <<-END\n\ta\n\tEND\nls"),
            [
                line("$ cat <<-END", false),
                line("\ta", true),
                line("\tEND", true),
                line("  ls", false),
            ]
        );
    }

    #[test]
    fn other_lines_stand_below_one_another() {
        assert_eq!(
            shown("cd x\ntr a b <<< aa\necho $((1 << two))\n"),
            [
                line("$ cd x", false),
                line("  tr a b <<< aa", false),
                line("  echo $((1 << two))", false),
            ]
        );
    }
}
