//! A page for reading: for a terminal, or in Markdown.

use clap::ValueEnum;

use super::typed::Line;

/// The form of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Text,
    /// For a document or an issue
    Markdown,
}

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Page {
    format: Format,
    text: String,
}

impl Page {
    /// A page with its title.
    pub(super) fn new(format: Format, name: &str, title: &str) -> Self {
        let text = match format {
            Format::Text => format!("{name}\n{title}\n"),
            Format::Markdown => format!("# {title}\n\n`{name}`\n"),
        };
        Self { format, text }
    }

    /// What is known of it, a line each.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        self.text.push('\n');
        for (name, value) in facts {
            self.text += &match self.format {
                Format::Text => format!("{:<11}{value}\n", format!("{name}:")),
                Format::Markdown => format!("- {name}: {value}\n"),
            };
        }
    }

    /// A heading.
    pub(super) fn heading(&mut self, heading: &str) {
        self.text += &match self.format {
            Format::Text => format!("\n{heading}\n"),
            Format::Markdown => format!("\n## {heading}\n"),
        };
    }

    /// Sentences.
    pub(super) fn prose(&mut self, prose: &str) {
        self.text += &format!("\n{}\n", prose.trim());
    }

    /// Lines that are shown as they are, with what they are; nothing, if there are none.
    pub(super) fn lines(&mut self, what: &str, lines: &str) {
        if lines.is_empty() {
            return;
        }
        match self.format {
            Format::Text => {
                if !what.is_empty() {
                    self.text += &format!("\n{what}:");
                }
                self.text += &format!("\n{}", indented("  ", lines));
            }
            Format::Markdown => {
                if !what.is_empty() {
                    self.text += &format!("\n{what}:\n");
                }
                self.fenced("text", lines);
            }
        }
    }

    /// A step: its number and a note, what happens, and what comes of it.
    pub(super) fn step(
        &mut self,
        number: usize,
        note: Option<&str>,
        lines: &[Line],
        outcome: &[String],
    ) {
        let note = match note {
            Some(note) => format!("{number}. {}", note.trim()),
            None => format!("{number}."),
        };
        match self.format {
            Format::Text => {
                self.text.push('\n');
                self.text += &indented("  # ", &note);
                for line in lines {
                    let indent = if line.at_the_margin { "" } else { "  " };
                    self.text += format!("{indent}{}", line.text).trim_end();
                    self.text.push('\n');
                }
                for one in outcome {
                    self.text += &indented("    ", one);
                }
            }
            Format::Markdown => {
                // No list of Markdown's: its numbers begin anew behind each block.
                self.prose(&format!("Step {note}"));
                let lines: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
                self.fenced("console", &lines.join("\n"));
                if !outcome.is_empty() {
                    self.text.push('\n');
                }
                for one in outcome {
                    self.text += &format!("- {}\n", below_one_another(one));
                }
            }
        }
    }

    /// The whole page.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn fenced(&mut self, language: &str, lines: &str) {
        let lines = lines.trim_end();
        self.text += &format!("\n```{language}\n{lines}\n```\n");
    }
}

/// The lines of an item of Markdown's; those that are items themselves become a list below it.
fn below_one_another(item: &str) -> String {
    let lines = item.trim().lines().map(|line| {
        let inner = line.trim_start();
        if inner.starts_with("- ") { inner } else { line }
    });
    lines.collect::<Vec<_>>().join("\n  ")
}

fn indented(indent: &str, lines: &str) -> String {
    lines
        .trim_end()
        .lines()
        .map(|line| format!("{indent}{line}").trim_end().to_owned() + "\n")
        .collect()
}
