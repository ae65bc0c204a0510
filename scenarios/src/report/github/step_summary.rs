//! The summary of a step of GitHub Actions, in Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::compared;
use crate::event::Event;
use crate::record::{CaseRecord, Class, RunRecord, Summary};
use crate::report::Reporter;

/// Written when the run is over.
#[derive(Debug)]
pub struct StepSummary<W> {
    file: W,
    run: RunRecord,
    cases: Vec<CaseRecord>,
}

/// A step's summary above 1 MiB is thrown away as a whole; other steps of a job have their own.
const LONGEST: usize = 900_000;

impl<W: Write> StepSummary<W> {
    /// It goes to the file that `GITHUB_STEP_SUMMARY` names.
    pub fn new(file: W) -> Self {
        Self {
            file,
            run: RunRecord::default(),
            cases: Vec::new(),
        }
    }

    fn in_markdown(&self, summary: &Summary) -> String {
        let mut text = format!("### codecommit-lab: {summary}\n\n");
        text.push_str("| subject | pass | differs | fail | skipped | not run |\n");
        text.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        for (at, subject) in self.run.subjects.iter().enumerate() {
            let counts = Class::ALL.map(|class| {
                let of_class = |case: &&CaseRecord| case.subject == at && case.class == class;
                self.cases.iter().filter(of_class).count().to_string()
            });
            let name = in_html(&subject.name);
            // Writing to a String does not fail.
            let _ = writeln!(text, "| {name} | {} |", counts.join(" | "));
        }
        let failed = self.cases.iter().filter(|case| case.class == Class::Fail);
        for (at, case) in failed.clone().enumerate() {
            if text.len() > LONGEST {
                let _ = writeln!(text, "\nand {} more failed", failed.clone().count() - at);
                break;
            }
            let subject = self.run.subjects.get(case.subject);
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
        match event {
            Event::RunStarted { run, .. } => self.run = run.clone(),
            Event::Progress(_) => {}
            Event::CaseFinished(case) => self.cases.push((**case).clone()),
            Event::RunFinished(summary) => {
                let text = self.in_markdown(summary);
                self.file.write_all(text.as_bytes())?;
                self.file.flush()?;
            }
        }
        Ok(())
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
