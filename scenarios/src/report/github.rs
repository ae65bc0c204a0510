//! Annotations for GitHub Actions (workflow commands), and the summary of a step.

mod checkout;
mod step_summary;

use std::fmt::Write as _;
use std::io::{self, Write};

pub use checkout::Checkout;
pub use step_summary::StepSummary;

use super::Reporter;
use crate::event::Event;
use crate::record::{CaseRecord, Class, MismatchRecord, RunRecord, StepRecord};

/// Writes annotations as cases fail.
#[derive(Debug)]
pub struct Annotations<W> {
    out: W,
    checkout: Checkout,
    run: RunRecord,
}

impl<W: Write> Annotations<W> {
    /// They go to `out` and name files of `checkout`.
    pub fn new(out: W, checkout: Checkout) -> Self {
        Self {
            out,
            checkout,
            run: RunRecord::default(),
        }
    }

    fn annotate(&mut self, case: &CaseRecord) -> io::Result<()> {
        if case.class != Class::Fail {
            return Ok(());
        }
        let title = self.run.name_of(case);
        let mismatch = case.first_mismatch();
        let file = mismatch.map_or(&*case.file, |mismatch| mismatch.file_or(&case.file));
        let mut text = match mismatch {
            Some(mismatch) => format!(
                "{}\n{}\n{}",
                mismatch.message,
                case.title,
                compared(case, mismatch)
            ),
            None => case.reason.clone().unwrap_or_default(),
        };
        let line = mismatch.map(|mismatch| (mismatch.line, mismatch.column));
        let mut place = String::new();
        match (self.checkout.path_of(file), line) {
            // A file that is not there would be shown nowhere.
            (None, Some((line, column))) => text = format!("{file}:{line}:{column}: {text}"),
            (None, None) => text = format!("{file}: {text}"),
            (Some(file), line) => {
                place = format!("file={},", property(&file));
                if let Some((line, column)) = line {
                    place.push_str(&format!("line={line},col={column},"));
                }
            }
        }
        writeln!(
            self.out,
            "::error {place}title={}::{}",
            property(&title),
            data(&text)
        )
    }
}

/// What was asked for and what came, with the last lines that the command wrote.
fn compared(case: &CaseRecord, mismatch: &MismatchRecord) -> String {
    /// A runner cuts long messages short, and shows an annotation in a few lines.
    const LINES: usize = 12;
    let (expected, actual) = (&mismatch.expected, &mismatch.actual);
    let mut text = format!("expected {}\nactual   {}", short(expected), short(actual));
    let step = case.first_mismatched_step();
    for (name, output) in step.into_iter().flat_map(StepRecord::outputs) {
        let lines: Vec<&str> = output.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LINES)..);
        let which = if lines.len() > LINES { ", the end" } else { "" };
        // Writing to a String does not fail.
        let _ = write!(text, "\n{name}{which}:");
        for line in last.unwrap_or_default() {
            let _ = write!(text, "\n  {}", short(line));
        }
    }
    text
}

/// Text of which no line is longer than somebody reads there, without what moves a cursor.
fn short(text: &str) -> String {
    const LONGEST: usize = 300;
    let line = |line: &str| {
        let mut plain = line.chars().filter(|c| *c == '\t' || !c.is_control());
        let begin: String = plain.by_ref().take(LONGEST).collect();
        let rest = if plain.next().is_some() { "..." } else { "" };
        begin + rest
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The message of a workflow command, escaped as the runner reads it
/// (<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>).
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

impl<W: Write> Reporter for Annotations<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { run, .. } => self.run = run.clone(),
            Event::Progress(_) => {}
            Event::CaseFinished(case) => self.annotate(case)?,
            Event::RunFinished(_) => self.out.flush()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_and_what_moves_a_cursor_left_out() {
        assert_eq!(short("a\u{1b}[2Jb\n\tc"), "a[2Jb\n\tc");
        let long = "é".repeat(5_000);
        assert_eq!(short(&long), "é".repeat(300) + "...");
    }

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("50%\r\na: b, c"), "50%25%0D%0Aa: b, c");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
