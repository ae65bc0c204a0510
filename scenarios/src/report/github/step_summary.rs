//! The summary of a step of GitHub Actions, in Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::compared;
use crate::event::Event;
use crate::record::{CaseRecord, Class, Summary};
use crate::report::Reporter;
use crate::report::gathered::Gathered;

/// Written when the run is over.
#[derive(Debug)]
pub struct StepSummary<W> {
    file: W,
    gathered: Gathered,
}

/// A step's summary above 1 MiB is thrown away as a whole; other steps of a job have their own.
const LONGEST: usize = 900_000;

impl<W: Write> StepSummary<W> {
    /// It goes to the file that `GITHUB_STEP_SUMMARY` names.
    pub fn new(file: W) -> Self {
        Self {
            file,
            gathered: Gathered::default(),
        }
    }

    fn in_markdown(&self, summary: Summary) -> String {
        let Gathered { run, cases } = &self.gathered;
        let mut text = format!("### codecommit-lab: {summary}\n\n");
        text.push_str("| subject | pass | differs | fail | skipped | not run |\n");
        text.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        for (at, subject) in run.subjects.iter().enumerate() {
            let counts = Class::ALL.map(|class| {
                let of_class = |case: &&CaseRecord| case.subject == at && case.class == class;
                cases.iter().filter(of_class).count().to_string()
            });
            let name = in_html(&subject.name);
            // Writing to a String does not fail.
            let _ = writeln!(text, "| {name} | {} |", counts.join(" | "));
        }
        let failed = cases.iter().filter(|case| case.class == Class::Fail);
        for (at, case) in failed.clone().enumerate() {
            if text.len() > LONGEST {
                let _ = writeln!(text, "\nand {} more failed", failed.clone().count() - at);
                break;
            }
            let subject = run.subjects.get(case.subject);
            let what = match case.first_mismatch() {
                Some(mismatch) => format!(
                    "{}:{}: {}\n{}",
                    mismatch.file_or(&case.file),
                    mismatch.line,
                    mismatch.message,
                    compared(case, mismatch)
                ),
                None => case.reason.clone().unwrap_or_default(),
            };
            let _ = writeln!(
                text,
                "\n<details><summary>{} ({})</summary>\n\n{}\n\n<pre>{}</pre>\n\n</details>",
                in_html(&case.name()),
                in_html(subject.map_or("", |subject| &subject.name)),
                in_html(&case.title),
                in_html(&what)
            );
        }
        text
    }
}

impl<W: Write> Reporter for StepSummary<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        let Some(summary) = self.gathered.note(event) else {
            return Ok(());
        };
        self.file.write_all(self.in_markdown(summary).as_bytes())?;
        self.file.flush()
    }
}

fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('|', "&#124;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_cell_is_escaped() {
        assert_eq!(in_html("<a|b>&"), "&lt;a&#124;b&gt;&amp;");
    }
}
