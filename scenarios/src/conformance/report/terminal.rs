//! A line a case, and what there is to say of those that do not pass.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::conformance::{CaseReport, Listener, Run, Subject};
use crate::record::Class;

/// Writes to a terminal, or anything else that takes text.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    subject: Option<Subject>,
    failure: Option<io::Error>,
}

impl<W: Write> Terminal<W> {
    /// Writes to `out`, with colours: give it a stream that takes them out where they are unwanted.
    pub fn new(out: W) -> Self {
        Self {
            out,
            subject: None,
            failure: None,
        }
    }

    /// The last lines. `own_files` says where the user can write down what is meant to be so.
    ///
    /// # Errors
    /// What was or is to be written cannot be.
    pub fn finish(mut self, run: &Run) -> io::Result<()> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let count = |class| run.count(class);
        writeln!(self.out)?;
        match count(Class::NotRun) {
            0 => {}
            not_run => writeln!(self.out, "{not_run} not run: stopped")?,
        }
        writeln!(
            self.out,
            "{} pass, {} differ, {} fail, {} skipped",
            count(Class::Pass),
            count(Class::Differs),
            count(Class::Fail),
            count(Class::Skipped)
        )?;
        match run.news() {
            0 => Ok(()),
            news => writeln!(
                self.out,
                "{news} not as known: mend it, or say why it is so in a `[[known]]` table of the subject's file"
            ),
        }
    }

    fn keep(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
    }

    fn told(&mut self, report: &CaseReport) -> io::Result<()> {
        const INDENT: &str = "                  ";
        let finding = &report.finding;
        let style: Style = match finding.class {
            Class::Pass => AnsiColor::Green,
            Class::Differs | Class::Skipped | Class::NotRun => AnsiColor::Yellow,
            Class::Fail => AnsiColor::Red,
        }
        .on_default()
        .bold();
        let (word, seconds) = (finding.class.as_str(), report.duration.as_secs_f64());
        writeln!(
            self.out,
            "{style}{word:8}{style:#} {seconds:6.2}s  {}",
            report.case.id
        )?;
        if let Some(how) = &finding.how {
            writeln!(self.out, "{INDENT}{how}")?;
        }
        match (&report.known, report.is_news) {
            (Some(known), true) => writeln!(
                self.out,
                "{INDENT}not as known: its file says `{}`, {}",
                known.class.as_str(),
                known.because
            ),
            (Some(known), false) if finding.how.as_deref() != Some(&*known.because) => {
                writeln!(self.out, "{INDENT}as known: {}", known.because)
            }
            (None, true) => {
                writeln!(self.out, "{INDENT}{}", report.case.shows)?;
                writeln!(self.out, "{INDENT}{}", report.case.source)
            }
            _ => Ok(()),
        }
    }
}

impl<W: Write> Listener for Terminal<W> {
    fn subject(&mut self, subject: &Subject, version: Result<&str, &str>) {
        let gap = if self.subject.is_some() { "\n" } else { "" };
        let line = match version {
            Ok(version) => writeln!(self.out, "{gap}{}: {version}", subject.title),
            Err(reason) => writeln!(self.out, "{gap}{}: skipped: {reason}", subject.title),
        };
        self.keep(line);
        self.subject = Some(subject.clone());
    }

    fn case(&mut self, report: &CaseReport) {
        let told = self.told(report);
        self.keep(told);
    }
}
