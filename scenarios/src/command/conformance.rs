//! `codecommit-lab conformance`.

mod reports;

use std::io::{self, Write};
use std::num::NonZero;
use std::path::Path;
use std::thread;

use clap::{Args, Subcommand};
use codecommit_helper::quoting::quote;
use codecommit_mock::document::Source;

use self::reports::Reports;
use super::Failure;
use crate::check;
use crate::conformance::client::{self, Client, ClientSuite};
use crate::conformance::helper::{self, Helper, HelperSuite};
use crate::conformance::report::Terminal;
use crate::conformance::{
    Case, Machine, Options, Run, Subject, SubjectError, Suite, instead_of, named,
};
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
    /// How many cases to try at a time [default: the number of processors]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.kind {
        Kind::Client { clients, how } => {
            let names = or_all("client", clients);
            let given = clients;
            check_files(
                check::Kind::ConformanceClient,
                names.iter().filter_map(|name| Client::file(name)),
            )?;
            let clients: Result<Vec<Client>, _> =
                names.iter().map(|name| Client::find(name)).collect();
            let clients = clients?;
            let subjects: Vec<_> = clients
                .into_iter()
                .map(|client| (client.subject().clone(), client))
                .collect();
            let session = Session::begin("client", client::cases(), how, given, &subjects)?;
            session.run(subjects, |client, session| {
                let suite = ClientSuite::probe(client, &session.machine, &session.stop, |name| {
                    std::env::var_os(name)
                })?;
                Ok(Box::new(suite))
            })
        }
        Kind::Helper { helpers, how } => {
            let names = or_all("helper", helpers);
            let given = helpers;
            check_files(
                check::Kind::ConformanceHelper,
                names.iter().filter_map(|name| Helper::file(name)),
            )?;
            let helpers: Result<Vec<Helper>, _> =
                names.iter().map(|name| Helper::find(name)).collect();
            let helpers = helpers?;
            let subjects: Vec<_> = helpers
                .into_iter()
                .map(|helper| (helper.subject().clone(), helper))
                .collect();
            let session = Session::begin("helper", helper::cases(), how, given, &subjects)?;
            session.run(subjects, |helper, session| {
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

/// What is read next stops at the first error; this tells all of them.
fn check_files<'a>(
    kind: check::Kind,
    paths: impl Iterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(check::check(&Source::read(path)?, kind, path).errors);
    }
    match found.is_empty() {
        true => Ok(()),
        false => Err(Failure::in_documents(found)),
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
    fn begin<S>(
        kind: &'static str,
        cases: Vec<Case>,
        how: &'a How,
        names: &[String],
        subjects: &[(Subject, S)],
    ) -> Result<Self, Failure> {
        let stop = Stop::on_signals().map_err(Failure::signals)?;
        for id in &how.cases {
            if !cases.iter().any(|case| case.id == id) {
                return Err(Failure::new(
                    Exit::Nothing,
                    format!("find a case `{id}`"),
                    Some(instead_of(id, &cases)),
                ));
            }
        }
        let columns: Vec<&str> = subjects.iter().map(|(subject, _)| &*subject.name).collect();
        how.reports.check(kind, &columns)?;
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
            .map(|name| format!(" --{kind} {}", quote(name)))
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
        subjects: Vec<(Subject, S)>,
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
        for (subject, found) in subjects {
            // One after the other: what was built for one is gone before the next is.
            let suite = match self.stop.is_asked() {
                true => None,
                false => Some(probe(found, self).map_err(setup)?),
            };
            // One that was interrupted while it was looked for is not missing.
            let Some(suite) = suite.filter(|_| !self.stop.is_asked()) else {
                all.never_came_to(subject, self.cases.clone(), &options);
                continue;
            };
            let run = crate::conformance::run(&[suite], &options, &mut terminal).map_err(setup)?;
            all.subjects.extend(run.subjects);
        }
        terminal
            .finish(&all)
            .map_err(|error| Failure::output(&error))?;
        self.how
            .reports
            .write(self.kind, &self.line, &self.cases, &all)?;
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
}

fn setup(error: SandboxError) -> Failure {
    Failure::new(Exit::Setup, error, None)
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
