//! The journal of a running server, followed in a thread of its own: into a file, and to whoever wants to know.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use codecommit_mock::fault::FaultStatus;
use codecommit_mock::{Exchange, Journal, MockServer};

use super::Failure;
use crate::exit::Exit;
use crate::journal::{Entry, in_one_line, unheard_push};

/// Ends when the server is dropped.
pub(super) struct Following(JoinHandle<bool>);

/// Where the journal is written.
pub(super) struct JournalFile {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Following {
    /// Follows from the first exchange on. `tell` hears of each one that has ended. That the file cannot be written to any more
    /// is said on standard error, when it happens.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub(super) fn start(
        journal: &Journal,
        mut file: Option<JournalFile>,
        mut tell: impl FnMut(&Exchange) + Send + 'static,
    ) -> Result<Self, Failure> {
        let watch = journal.watch();
        let follow = move || {
            let mut is_whole = true;
            for exchange in watch {
                tell(&exchange);
                if let Some(JournalFile { path, file: open }) = &mut file
                    && let Err(error) = write(open, &exchange)
                {
                    // Nobody is told if nobody can be.
                    let _ = write!(anstream::stderr(), "{}", Failure::unwritable(path, &error));
                    is_whole = false;
                    // A gap in the middle would be taken for silence.
                    file = None;
                }
            }
            is_whole
        };
        let thread = thread::Builder::new().name("journal".to_owned());
        thread
            .spawn(follow)
            .map(Self)
            .map_err(|error| Failure::new(Exit::Setup, format!("start a thread: {error}"), None))
    }

    /// Waits for the end: drop the server first. Whether the file has every exchange.
    pub(super) fn end(self) -> bool {
        self.0.join().unwrap_or(false)
    }
}

/// Says on standard error that an exchange was refused, and why; or that a push was carried out and nobody was told.
pub(super) fn tell_refusal(exchange: &Exchange) {
    let entry = Entry::from(exchange);
    if entry.says_no() || unheard_push(&entry).is_some() {
        let line = format!("codecommit-lab: {}\n", in_one_line(&entry));
        // At once, since others write there, too. Nobody is told if nobody can be.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// Faults that have done nothing: a client that met none looks like one that got over it. No refusal, so not for `--quiet`.
pub(super) fn tell_idle_faults(server: &MockServer) {
    let faults = server.faults().list();
    for why in faults.iter().filter_map(FaultStatus::came_to_nothing) {
        // Nobody is told if nobody can be.
        let _ = writeln!(io::stderr(), "codecommit-lab: {why}");
    }
}

/// A whole line at once: somebody may be reading.
fn write(file: &mut File, exchange: &Exchange) -> io::Result<()> {
    let line = serde_json::to_string(exchange)? + "\n";
    file.write_all(line.as_bytes())
}
