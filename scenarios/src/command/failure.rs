//! Why a command gave up, as the user is told.

use std::fmt;
use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use codecommit_mock::StartError;
use codecommit_mock::document::{DocumentError, UnreadableFile};

use crate::check::Kind;
use crate::diagnostic;
use crate::environment::user_git::Detour;
use crate::exit::Exit;
use crate::selection::SelectionError;
use crate::toolbox::ToolboxError;

/// What went wrong, what to do, and the exit code it leads to.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    told: Told,
}

#[derive(Debug)]
enum Told {
    /// `error: failed to ...`, and help.
    Plain {
        message: String,
        help: Option<String>,
    },
    /// Each at its place in a document.
    InDocuments(Vec<DocumentError>),
    /// Not at all: who read has gone.
    Silent,
}

/// The signal that other programs end by when nobody reads on.
pub(super) const SIGPIPE: u8 = 13;

impl Failure {
    /// `message` fits after "failed to".
    pub(super) fn new(exit: Exit, message: impl fmt::Display, help: Option<String>) -> Self {
        let message = message.to_string();
        Self {
            exit,
            told: Told::Plain { message, help },
        }
    }

    /// Documents that were named on the command line are wrong.
    pub(super) fn in_documents(errors: Vec<DocumentError>) -> Self {
        Self {
            exit: Exit::Usage,
            told: Told::InDocuments(errors),
        }
    }

    /// A file that was named on the command line cannot be written.
    pub(super) fn unwritable(path: &Path, error: &io::Error) -> Self {
        let help = match error.kind() {
            io::ErrorKind::NotFound => Some("make its folder first, or name another file"),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("name a file in a folder that you may write to")
            }
            io::ErrorKind::IsADirectory => Some("name a file in this folder"),
            io::ErrorKind::StorageFull => Some("make room, or name a file on another disk"),
            _ => None,
        };
        Self::new(
            Exit::Usage,
            format!("write {}: {error}", path.display()),
            help.map(str::to_owned),
        )
    }

    /// Standard output is closed or full. A reader that has seen enough, like `head`, is no news.
    pub(super) fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                exit: Exit::Other(128 + SIGPIPE),
                told: Told::Silent,
            };
        }
        Self::new(
            Exit::Setup,
            format!("write to standard output: {error}"),
            None,
        )
    }

    /// The system does not let us handle signals.
    pub(super) fn signals(error: io::Error) -> Self {
        Self::new(Exit::Setup, format!("handle signals: {error}"), None)
    }

    /// The same behind a run that ended like this: with its code, unless all went well.
    pub(super) fn after_all(self, ended: Exit) -> Self {
        let exit = match (ended, &self.told) {
            (_, Told::Silent) => self.exit,
            (Exit::Success, _) => Exit::Setup,
            (ended, _) => ended,
        };
        Self { exit, ..self }
    }

    pub(super) fn exit(&self) -> Exit {
        self.exit
    }
}

/// What is near, or else what is `shown` where.
fn did_you_mean(nearest: &[String], shown: &str) -> String {
    match nearest {
        [] => shown.to_owned(),
        nearest => format!("did you mean {}?", nearest.join(", ")),
    }
}

/// Who takes a file that is no scenario.
fn taken_by(kind: Kind, file: &Path) -> String {
    let file = file.display();
    match kind {
        Kind::ConformanceClient => format!("codecommit-lab conformance client --client {file}"),
        Kind::ConformanceHelper => format!("codecommit-lab conformance helper --helper {file}"),
        Kind::World => {
            format!("`serve` and `exec` take it: codecommit-lab serve --world {file}")
        }
        Kind::Faults => {
            format!("`serve` and `exec` take it: codecommit-lab serve --faults {file}")
        }
        Kind::Client => "scenarios take it, with `client.extends`".to_owned(),
        Kind::Steps => "scenarios take it, with `include` in the place of a step".to_owned(),
        Kind::Texts => "scenarios take its texts, by name: `stderr = { text = ... }`".to_owned(),
        Kind::Scenario => "`run` and `show` take it".to_owned(),
    }
}

impl From<SelectionError> for Failure {
    fn from(error: SelectionError) -> Self {
        match error {
            SelectionError::Document(error) => (*error).into(),
            SelectionError::Unreadable(error) => error.into(),
            SelectionError::NothingFitsAll => {
                let help = "filters with the same key are alternatives; every key has to be met";
                Self::new(Exit::Nothing, error, Some(help.to_owned()))
            }
            SelectionError::EmptyPartition { selected, .. } => {
                let help = match selected {
                    1 => "run it whole".to_owned(),
                    _ => format!("divide the run into {selected} parts at most"),
                };
                Self::new(Exit::Nothing, error, Some(help))
            }
            SelectionError::EmptyFolder { others, .. } => {
                let help = match others {
                    0 => "a scenario is a file that ends in .toml; `codecommit-lab new` writes one".to_owned(),
                    _ => "by their keys its files are something else, such as worlds or client files: `codecommit-lab check` tells more".to_owned(),
                };
                Self::new(Exit::Nothing, error, Some(help))
            }
            SelectionError::Area { ref area } => {
                let help =
                    format!("it is an area: use `--filter area={area}`, or the glob '{area}/*'");
                Self::new(Exit::Nothing, error, Some(help))
            }
            SelectionError::Nothing { ref nearest, .. } => {
                let help = did_you_mean(nearest, "`codecommit-lab list` shows what there is");
                Self::new(Exit::Nothing, error, Some(help))
            }
            SelectionError::NothingFits {
                ref filter,
                ref nearest,
            } => {
                let shown = match filter.split_once('=') {
                    Some(("subject", _)) => {
                        "a run names its subjects in its first lines; a value is a glob: `subject=*ours*`"
                    }
                    Some(("source", _)) => {
                        "`codecommit-lab list --format json` has the pages that they come from; a value is a glob"
                    }
                    _ => "`codecommit-lab list` shows what there is",
                };
                let help = did_you_mean(nearest, shown);
                Self::new(Exit::Nothing, error, Some(help))
            }
            SelectionError::SameName { .. } => {
                let help = "rename one of them, or the folder it lies in";
                Self::new(Exit::Usage, error, Some(help.to_owned()))
            }
            SelectionError::Elsewhere { ref file, kind } => {
                let help = taken_by(kind, file);
                Self::new(Exit::Usage, error, Some(help))
            }
            SelectionError::UnreadableFolder { .. } | SelectionError::Pattern { .. } => {
                Self::new(Exit::Usage, error, None)
            }
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::in_documents(vec![error])
    }
}

impl From<UnreadableFile> for Failure {
    fn from(error: UnreadableFile) -> Self {
        let help = error.hint().map(str::to_owned);
        Self::new(Exit::Usage, error, help)
    }
}

impl From<Detour> for Failure {
    fn from(error: Detour) -> Self {
        let help = error.hint();
        Self::new(Exit::Usage, error, Some(help))
    }
}

impl From<ToolboxError> for Failure {
    fn from(error: ToolboxError) -> Self {
        let help = error.hint().to_owned();
        Self::new(Exit::Setup, error, Some(help))
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let help = error.hint().map(str::to_owned);
        Self::new(Exit::Setup, error, help)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ERROR: Style = AnsiColor::Red.on_default().bold();
        const HELP: Style = AnsiColor::Cyan.on_default().bold();
        match &self.told {
            Told::Silent => Ok(()),
            Told::InDocuments(errors) => {
                for (number, error) in errors.iter().enumerate() {
                    let between = if number == 0 { "" } else { "\n" };
                    writeln!(f, "{between}{}", diagnostic::document_error(error))?;
                }
                Ok(())
            }
            Told::Plain { message, help } => {
                writeln!(f, "{ERROR}error{ERROR:#}: failed to {message}")?;
                match help {
                    Some(help) => writeln!(f, "  {HELP}= help{HELP:#}: {help}"),
                    None => Ok(()),
                }
            }
        }
    }
}
