//! The block of text that `setup` puts into a file of git's configuration, and `undo` takes out.
//!
//! Text, and not `git config`: it stands at the end, where its empty `helper` resets all that the file names before, it
//! shows what it is, and it can be taken out to the byte.

/// The first line begins so. What follows says how to get back to the byte.
const BEGIN: &str = "# >>> git-credential-codecommit setup";
/// The file had no line feed at its end.
const ADDED_LINE_FEED: &str = ", after a line without an end";
/// There was no file.
const MADE_FILE: &str = ", in a file of its own";
/// The last line.
pub(super) const END: &str = "# <<< git-credential-codecommit setup";

/// Sections for some URLs, all alike.
pub(super) struct Block {
    sections: String,
}

impl Block {
    pub(super) fn new(urls: &[String], helper: &str) -> Self {
        let helper = value(helper);
        let sections = urls.iter().map(|url| {
            format!(
                "[credential \"{url}\"]\n{EMPTY_HELPER}\n\thelper = {helper}\n{USE_HTTP_PATH}\n"
            )
        });
        Self {
            sections: sections.collect(),
        }
    }

    /// As it is to be read.
    pub(super) fn text(&self) -> &str {
        &self.sections
    }

    /// The file with the block at its end.
    pub(super) fn appended_to(&self, is_new: bool, old: &str) -> String {
        let (line_feed, note) = match old {
            _ if is_new => ("", MADE_FILE),
            "" => ("", ""),
            _ if old.ends_with('\n') => ("", ""),
            _ => ("\n", ADDED_LINE_FEED),
        };
        format!("{old}{line_feed}{BEGIN}{note}\n{}{END}\n", self.sections)
    }
}

const EMPTY_HELPER: &str = "\thelper =";
const USE_HTTP_PATH: &str = "\tuseHttpPath = true";
/// A helper that is this program, wherever it lies.
const OUR_NAME: &str = "git-credential-codecommit";

/// Whether the removed text says that the file was made for it.
pub(super) fn made_the_file(removed: &str) -> bool {
    let first = removed.lines().next().unwrap_or_default();
    first == format!("{BEGIN}{MADE_FILE}")
}

/// The file without the block, and the lines that went. What somebody else has put between the lines of the block stays,
/// in the section where it stands.
///
/// # Errors
/// The line, from 1, of a block that does not end.
pub(super) fn without_block(old: &str) -> Result<(String, Option<String>), usize> {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let is_begin = |line: &&str| line.trim_end().starts_with(BEGIN);
    let Some(begin) = lines.iter().position(is_begin) else {
        return Ok((old.to_owned(), None));
    };
    let is_end = |line: &&str| line.trim_end() == END;
    let length = lines[begin..].iter().position(is_end).ok_or(begin + 1)?;
    let block = &lines[begin..=begin + length];

    let mut before = lines[..begin].concat();
    if block[0].trim_end().ends_with(ADDED_LINE_FEED) && before.ends_with('\n') {
        before.pop();
    }
    let (foreign, removed) = foreign(&block[1..length]);
    let after = lines[begin + length + 1..].concat();
    let is_cut = !before.is_empty() && !before.ends_with('\n');
    if is_cut && (!foreign.is_empty() || !after.is_empty()) {
        before.push('\n');
    }
    let removed = format!("{}{removed}{}", block[0], block[length]);
    Ok((format!("{before}{foreign}{after}"), Some(removed)))
}

/// What is not ours between our lines, with the headers of its sections, and what is ours.
fn foreign(lines: &[&str]) -> (String, String) {
    let (mut foreign, mut ours) = (String::new(), String::new());
    let mut header = None;
    for &line in lines {
        let text = line.trim_end();
        if text.starts_with('[') && is_our_header(text) {
            header = Some(line);
            ours += line;
        } else if is_our_entry(text) {
            ours += line;
        } else {
            if text.starts_with('[') {
                // A section of somebody else's: what follows belongs to it, not to ours.
                header = None;
            } else if !text.is_empty()
                && let Some(header) = header.take()
            {
                foreign += header;
            }
            foreign += line;
        }
    }
    (foreign, ours)
}

fn is_our_header(line: &str) -> bool {
    line.starts_with("[credential \"https://") && line.contains("git-codecommit")
}

fn is_our_entry(line: &str) -> bool {
    line == EMPTY_HELPER
        || line == USE_HTTP_PATH
        || (line.starts_with("\thelper = ") && line.contains(OUR_NAME))
}

/// A value as git's parser reads it back.
fn value(text: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"\\#;".contains(c);
    if text
        .split(' ')
        .all(|word| !word.is_empty() && word.chars().all(is_plain))
    {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Block {
        let urls = [
            "https://git-codecommit.*.amazonaws.com",
            "https://git-codecommit-fips.*.amazonaws.com",
        ];
        Block::new(
            &urls.map(str::to_owned),
            "/usr/bin/git-credential-codecommit",
        )
    }

    fn taken_out(text: &str) -> String {
        without_block(text).unwrap().0
    }

    /// A section that somebody put before the closing line stays, and no header of ours before it.
    #[test]
    fn a_section_in_the_block_stays_and_leaves_nothing_of_ours() {
        let old = format!(
            "[a]\n\tb = 1\n{BEGIN}\n[credential \"https://git-codecommit.*.amazonaws.com\"]\n{USE_HTTP_PATH}\n[mine]\n\tkey = 1\n{END}\n"
        );
        let (without, _) = without_block(&old).unwrap();
        assert_eq!(without, "[a]\n\tb = 1\n[mine]\n\tkey = 1\n");
    }

    #[test]
    fn what_was_put_in_comes_out_to_the_byte() {
        for old in [
            "",
            "[user]\n\tname = A\n",
            "[user]\n\tname = A",
            "\r\n[user]\r\n\tname = A\r\n",
            "\n",
        ] {
            let new = block().appended_to(false, old);
            assert_eq!(taken_out(&new), old, "{old:?}");
            let again = block().appended_to(false, &taken_out(&new));
            assert_eq!(again, new);
        }
        let new = block().appended_to(true, "");
        let (rest, removed) = without_block(&new).unwrap();
        assert!(rest.is_empty() && made_the_file(&removed.unwrap()));
    }

    #[test]
    fn what_others_wrote_before_between_and_after_stays() {
        let ours = block().appended_to(false, "[user]\n\tname = A");
        let new = ours.replacen(
            "\tuseHttpPath = true\n",
            "\tuseHttpPath = true\n\thelper = store\n",
            1,
        ) + "[core]\n\tpager = less\n";
        assert_eq!(
            taken_out(&new),
            "[user]\n\tname = A\n[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper = store\n\
             [core]\n\tpager = less\n"
        );
        let crlf = ours.replace('\n', "\r\n");
        assert_eq!(taken_out(&crlf), "[user]\r\n\tname = A\r");
    }

    #[test]
    fn a_file_without_it_and_a_block_without_an_end() {
        assert_eq!(without_block("[a]\n"), Ok(("[a]\n".to_owned(), None)));
        let new = block().appended_to(false, "[a]\n");
        let cut = new.replace(END, "");
        assert_eq!(without_block(&cut), Err(2));
    }

    #[test]
    fn values_are_quoted_for_gits_parser() {
        for (text, written) in [
            ("/usr/bin/x --profile dev", "/usr/bin/x --profile dev"),
            ("!'/a b/x'", "!'/a b/x'"),
            ("a  b", "\"a  b\""),
            (r"!'/it'\''s'", r#""!'/it'\\''s'""#),
            ("a#b", "\"a#b\""),
            ("say \"hi\"", r#""say \"hi\"""#),
        ] {
            assert_eq!(value(text), written);
        }
    }
}
