//! `codecommit-lab conformance`.

use std::fs;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use clap::{Args, Subcommand};
use codecommit_mock::document;

use super::Failure;
use crate::conformance::client::{self, Client, ClientSuite};
use crate::conformance::helper::{self, Helper, HelperSuite};
use crate::conformance::report::{Terminal, insert, json, tables};
use crate::conformance::{Case, Machine, Options, Run, SubjectError, Suite, named};
use crate::exit::Exit;
use crate::record::Class;
use crate::sandbox::SandboxError;
use crate::stop::Stop;
use crate::subject::Choices;
use crate::toolbox::Toolbox;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Try Git clients
    Client {
        /// A client that is built in, or the path of a client file; all that are built in, if none is given
        #[arg(long = "client", value_name = "NAME|FILE")]
        clients: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// Try credential helpers
    Helper {
        /// A helper that is built in, the path of a helper file, or a command line as behind the `!` of
        /// `credential.helper`; all that are built in, if none is given
        #[arg(long = "helper", value_name = "NAME|FILE|CMD")]
        helpers: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// List the cases, and the clients and helpers that are built in
    Cases,
}

#[derive(Debug, Args)]
struct How {
    /// Only this case
    #[arg(long = "case", value_name = "ID")]
    cases: Vec<String>,
    /// Write a JSON report
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the tables into a Markdown document, in place of those that it has
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// How many cases to try at a time [default: the number of processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.kind {
        Kind::Client { clients, how } => {
            let names = or_all("client", clients);
            let given = clients;
            let clients: Result<Vec<Client>, _> =
                names.iter().map(|name| Client::find(name)).collect();
            let clients = clients?;
            let session = Session::begin("client", client::cases(), how, given)?;
            session.run(clients, |client, session| {
                let suite = ClientSuite::probe(client, &session.machine, &session.stop, |name| {
                    std::env::var_os(name)
                })?;
                Ok(Box::new(suite))
            })
        }
        Kind::Helper { helpers, how } => {
            let names = or_all("helper", helpers);
            let given = helpers;
            let helpers: Result<Vec<Helper>, _> =
                names.iter().map(|name| Helper::find(name)).collect();
            let helpers = helpers?;
            let session = Session::begin("helper", helper::cases(), how, given)?;
            session.run(helpers, |helper, session| {
                let suite = HelperSuite::probe(helper, &session.machine, &session.stop, |name| {
                    std::env::var_os(name)
                })?;
                Ok(Box::new(suite))
            })
        }
        Kind::Cases => list(&mut anstream::stdout())
            .map(|()| Exit::Success)
            .map_err(|error| Failure::output(&error)),
    }
}

fn or_all(kind: &'static str, named_ones: &[String]) -> Vec<String> {
    match named_ones.is_empty() {
        true => named(kind).into_iter().map(str::to_owned).collect(),
        false => named_ones.to_vec(),
    }
}

/// What both kinds of run have in common.
struct Session<'a> {
    kind: &'static str,
    cases: Vec<Case>,
    how: &'a How,
    /// The command line, for the document.
    line: String,
    machine: Machine,
    stop: Stop,
}

impl<'a> Session<'a> {
    fn begin(
        kind: &'static str,
        cases: Vec<Case>,
        how: &'a How,
        names: &[String],
    ) -> Result<Self, Failure> {
        let stop = Stop::on_signals().map_err(Failure::signals)?;
        for id in &how.cases {
            if !cases.iter().any(|case| case.id == id) {
                let near = document::nearest(id, cases.iter().map(|case| case.id));
                let help = near.map_or_else(
                    || "`codecommit-lab conformance cases` shows what there is".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Failure::new(
                    Exit::Nothing,
                    format!("find a case `{id}`"),
                    Some(help),
                ));
            }
        }
        // Before anything runs: a report that cannot be written should not cost a whole run.
        for path in [&how.json, &how.markdown].into_iter().flatten() {
            let opened = fs::OpenOptions::new().append(true).create(true).open(path);
            opened.map_err(|error| Failure::unwritable(path, &error))?;
        }
        let lab = std::env::current_exe().map_err(|error| {
            Failure::new(Exit::Setup, format!("find this program: {error}"), None)
        })?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let toolbox = Toolbox::discover(lab, &path)?;
        let tools = Choices::default().subjects(&toolbox, &path)?;
        let tools = tools
            .into_iter()
            .next()
            .ok_or_else(|| Failure::new(Exit::Setup, "find git", None))?;
        let machine = Machine { toolbox, tools };
        let options: Vec<String> = names
            .iter()
            .map(|name| format!(" --{kind} {}", shell_word(name)))
            .collect();
        Ok(Self {
            kind,
            cases,
            how,
            line: format!("codecommit-lab conformance {kind}{}", options.concat()),
            machine,
            stop,
        })
    }

    fn run<S>(
        &self,
        subjects: Vec<S>,
        probe: impl Fn(S, &Self) -> Result<Box<dyn Suite>, SandboxError>,
    ) -> Result<Exit, Failure> {
        let options = Options {
            jobs: self
                .how
                .jobs
                .or_else(|| thread::available_parallelism().ok())
                .map_or(1, NonZero::get),
            stop: self.stop.clone(),
            only: self.how.cases.clone(),
        };
        let mut terminal = Terminal::new(anstream::stdout());
        let mut all = Run::default();
        for subject in subjects {
            if self.stop.is_asked() {
                break;
            }
            // One after the other: what was built for one is gone before the next is.
            let suite = probe(subject, self).map_err(setup)?;
            let run = crate::conformance::run(&[suite], &options, &mut terminal).map_err(setup)?;
            all.subjects.extend(run.subjects);
        }
        terminal
            .finish(&all)
            .map_err(|error| Failure::output(&error))?;
        self.write_reports(&all)?;
        if let Some(signal) = self.stop.signal() {
            return Ok(Exit::Other(128 + signal));
        }
        let tried = [Class::Pass, Class::Differs, Class::Fail];
        Ok(
            match (all.news(), tried.map(|class| all.count(class)).iter().sum()) {
                (0, 0) => Exit::Nothing,
                (0, _) => Exit::Success,
                (_, _) => Exit::Failed,
            },
        )
    }

    fn write_reports(&self, run: &Run) -> Result<(), Failure> {
        let write = |path: &PathBuf, text: io::Result<String>| {
            text.and_then(|text| fs::write(path, text))
                .map_err(|error| Failure::unwritable(path, &error))
        };
        if let Some(path) = &self.how.json {
            write(path, json(self.kind, run).map_err(io::Error::from))?;
        }
        if let Some(path) = &self.how.markdown {
            let tables = tables(self.kind, &self.line, &self.cases, run);
            let text = fs::read_to_string(path).map(|document| insert(&document, &tables));
            write(path, text)?;
        }
        Ok(())
    }
}

fn setup(error: SandboxError) -> Failure {
    Failure::new(Exit::Setup, error, None)
}

fn shell_word(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn list(out: &mut impl Write) -> io::Result<()> {
    for (kind, cases) in [("client", client::cases()), ("helper", helper::cases())] {
        writeln!(
            out,
            "{kind}s that are built in: {}\n",
            named(kind).join(", ")
        )?;
        for case in cases {
            writeln!(out, "  {}\n      {}", case.id, case.shows)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

impl From<SubjectError> for Failure {
    fn from(error: SubjectError) -> Self {
        match error {
            SubjectError::Document(error) => (*error).into(),
            SubjectError::Unreadable(error) => error.into(),
            SubjectError::Unknown { ref help, .. } => {
                let help = help.clone();
                Self::new(Exit::Nothing, error, Some(help))
            }
            SubjectError::Files { .. } => Self::new(Exit::Setup, error, None),
        }
    }
}
