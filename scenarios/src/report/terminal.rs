//! The report for people: a line a scenario, with a column a subject, and everything there is to know about what failed.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Reporter, exchange};
use crate::diagnostic;
use crate::event::Event;
use crate::record::{
    CaseRecord, Class, MismatchRecord, Outcome, RunRecord, StepRecord, SubjectRecord, Summary,
};
use crate::scenario::Phase;

const PASS: Style = AnsiColor::Green.on_default().bold();
const DIFFERS: Style = AnsiColor::Cyan.on_default().bold();
const FAIL: Style = AnsiColor::Red.on_default().bold();
const SKIP: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// How far what belongs to a line is indented.
const INDENT: &str = "               ";

/// Writes to a terminal, or anything else that takes text.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    run: RunRecord,
    /// The cases of one scenario, until all of them are there.
    row: Vec<CaseRecord>,
    /// Of each subject.
    summaries: Vec<Summary>,
    why_not_run: Option<String>,
}

impl<W: Write> Terminal<W> {
    /// Writes to `out`. Colours are written as ANSI sequences: give it a stream that takes them out where they are unwanted.
    pub fn new(out: W) -> Self {
        Self {
            out,
            run: RunRecord::default(),
            row: Vec::new(),
            summaries: Vec::new(),
            why_not_run: None,
        }
    }

    /// All there is to know about one case.
    pub(crate) fn case(&mut self, case: &CaseRecord) -> io::Result<()> {
        self.line(std::slice::from_ref(case))?;
        self.details(case, "")
    }

    fn started(&mut self, scenarios: usize, run: &RunRecord) -> io::Result<()> {
        let plural = if scenarios == 1 { "" } else { "s" };
        self.run = run.clone();
        self.summaries = vec![Summary::default(); run.subjects.len()];
        let of = match &run.partitions[..] {
            [] => String::new(),
            parts => format!(", part {}", parts.join(", ")),
        };
        let order = run.seed.map_or(String::new(), |seed| {
            format!(", in random order (--seed {seed})")
        });
        if let [subject] = &run.subjects[..] {
            return writeln!(
                self.out,
                "running {scenarios} scenario{plural}{of}{order}: {}",
                in_full(subject)
            );
        }
        writeln!(
            self.out,
            "running {scenarios} scenario{plural} with {} subjects{of}{order}:",
            run.subjects.len()
        )?;
        for (at, subject) in run.subjects.iter().enumerate() {
            writeln!(self.out, "{:>3}  {}", at + 1, in_full(subject))?;
        }
        self.column_heads()
    }

    fn column_heads(&mut self) -> io::Result<()> {
        let heads: String = (1..=self.run.subjects.len())
            .map(|at| format!("{at:<6}"))
            .collect();
        writeln!(self.out, "\n{}", heads.trim_end())
    }

    fn finished(&mut self, case: &CaseRecord) -> io::Result<()> {
        if let Some(summary) = self.summaries.get_mut(case.subject) {
            summary.count(case);
        }
        if case.outcome == Outcome::Stopped {
            self.why_not_run.clone_from(&case.reason);
        }
        // The subjects of a scenario follow one another; a report that was put together may lack some.
        let another = |known: &CaseRecord| {
            (&known.area, &known.id, &known.file) != (&case.area, &case.id, &case.file)
        };
        if self.row.first().is_some_and(another) {
            self.row_finished()?;
        }
        self.row.push(case.clone());
        match self.row.len() < self.run.subjects.len() {
            true => Ok(()),
            false => self.row_finished(),
        }
    }

    fn row_finished(&mut self) -> io::Result<()> {
        let row = std::mem::take(&mut self.row);
        // Counted at the end: the user knows why. A folder that stays is named all the same.
        let untold = |case: &CaseRecord| case.class == Class::NotRun && case.kept.is_none();
        if row.iter().all(untold) {
            return Ok(());
        }
        self.line(&row)?;
        for case in &row {
            let who = match self.run.subjects.len() {
                1 => String::new(),
                _ => format!("{}: ", case.subject + 1),
            };
            self.details(case, &who)?;
        }
        Ok(())
    }

    fn line(&mut self, row: &[CaseRecord]) -> io::Result<()> {
        let several = self.run.subjects.len() > 1;
        let columns = if several {
            (0..self.run.subjects.len())
                .map(|at| row.iter().find(|case| case.subject == at))
                .collect()
        } else {
            vec![row.first()]
        };
        for case in columns {
            let (style, word) = match case.map(|case| case.class) {
                Some(Class::Pass) => (PASS, "pass"),
                Some(Class::Differs) => (DIFFERS, "diff"),
                Some(Class::Fail) => (FAIL, "FAIL"),
                Some(Class::Skipped) => (SKIP, "skip"),
                Some(Class::NotRun) | None => (FAINT, "-   "),
            };
            let gap = if several { "  " } else { " " };
            write!(self.out, "{style}{word}{style:#}{gap}")?;
        }
        let seconds = row.iter().map(|case| case.milliseconds).sum::<f64>() / 1e3;
        let name = row.first().map(CaseRecord::name).unwrap_or_default();
        writeln!(self.out, "{FAINT}{seconds:6.2}s{FAINT:#}  {name}")
    }

    /// What belongs to a line; `who` names the subject, where there are several.
    fn details(&mut self, case: &CaseRecord, who: &str) -> io::Result<()> {
        let reason = case.reason.as_deref().unwrap_or_default();
        match case.outcome {
            Outcome::Stopped => {}
            Outcome::Passed => {
                for difference in &case.differences {
                    let (step, reason) = (&difference.step, &difference.reason);
                    writeln!(self.out, "{INDENT}{who}{step}: {reason}")?;
                }
            }
            Outcome::Skipped => writeln!(self.out, "{INDENT}{who}{reason}")?,
            Outcome::Broken => writeln!(self.out, "\n{FAIL}error{FAIL:#}: {who}{reason}\n")?,
            Outcome::Failed => {
                writeln!(self.out, "{INDENT}{who}{}\n", case.title)?;
                self.mismatches(&case.file, &case.mismatches)?;
                if let Some(step) = shown(case) {
                    self.step(&case.file, step)?;
                }
            }
        }
        if let Some(folder) = &case.kept {
            writeln!(self.out, "{INDENT}{who}sandbox kept: {}", folder.display())?;
        }
        Ok(())
    }

    fn mismatches(&mut self, file: &str, mismatches: &[MismatchRecord]) -> io::Result<()> {
        for mismatch in mismatches {
            writeln!(self.out, "{}\n", diagnostic::mismatch(file, mismatch))?;
        }
        Ok(())
    }

    /// A step that failed: what differs, what the command wrote, what the server saw.
    fn step(&mut self, file: &str, step: &StepRecord) -> io::Result<()> {
        self.mismatches(file, &step.mismatches)?;
        writeln!(
            self.out,
            "{} ({file}:{}): {}",
            step.name(),
            step.line,
            step.action
        )?;
        if let Some(note) = &step.note {
            self.indented("note", note)?;
        }
        if let Some(status) = &step.status {
            writeln!(self.out, "  status: {status}")?;
            self.indented("stdout", step.stdout.as_deref().unwrap_or_default())?;
            self.indented("stderr", step.stderr.as_deref().unwrap_or_default())?;
            match &step.exchanges[..] {
                [] => writeln!(self.out, "  requests: none")?,
                exchanges => {
                    writeln!(self.out, "  requests:\n")?;
                    for exchange in exchanges {
                        writeln!(self.out, "{}", exchange::describe(exchange))?;
                    }
                }
            }
        }
        writeln!(self.out)
    }

    fn indented(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return writeln!(self.out, "  {name}: empty");
        }
        writeln!(self.out, "  {name}:")?;
        for line in text.lines() {
            writeln!(self.out, "   |  {line}")?;
        }
        Ok(())
    }

    fn over(&mut self, summary: &Summary) -> io::Result<()> {
        self.row_finished()?;
        if self.run.subjects.len() > 1 {
            self.column_heads()?;
            for (at, summary) in self.summaries.iter().enumerate() {
                let differ = match summary.differs {
                    0 => String::new(),
                    1 => " (1 of the passed differs)".to_owned(),
                    count => format!(" ({count} of the passed differ)"),
                };
                writeln!(self.out, "{:>3}  {summary}{differ}", at + 1)?;
            }
        }
        if summary.differs > 0 {
            let verb = if summary.differs == 1 {
                "differs"
            } else {
                "differ"
            };
            writeln!(
                self.out,
                "{} of the passed {verb} from what is documented, as the scenarios expect",
                summary.differs
            )?;
        }
        if summary.not_run > 0 {
            let why = self.why_not_run.as_deref().unwrap_or("stopped");
            writeln!(self.out, "{} not run: {why}", summary.not_run)?;
        }
        // Alone on its line and without colours: scripts look for it.
        writeln!(self.out, "{summary}")?;
        self.out.flush()
    }
}

/// What is shown of a case that failed: the step that differs, else the last that the user saw failing.
fn shown(case: &CaseRecord) -> Option<&StepRecord> {
    let tells = |step: &&StepRecord| !step.passed || (step.phase == Phase::Symptom && step.fails());
    case.steps.iter().rev().find(tells)
}

/// `git version 2.47.3, helper ours (git-credential-codecommit 0.1.0)`.
fn in_full(subject: &SubjectRecord) -> String {
    let mut text = format!(
        "{}, helper {} ({})",
        subject.git_version, subject.helper, subject.helper_version
    );
    if subject.remote_helper != "ours" {
        text.push_str(&format!(
            ", remote helper {} ({})",
            subject.remote_helper, subject.remote_helper_version
        ));
    }
    if let Some(transport) = &subject.transport {
        text.push_str(&format!(", {transport}"));
    }
    text
}

impl<W: Write> Reporter for Terminal<W> {
    fn note(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { scenarios, run } => self.started(*scenarios, run),
            Event::Progress(_) => Ok(()),
            Event::CaseFinished(case) => self.finished(case),
            Event::RunFinished(summary) => self.over(summary),
        }
    }
}
