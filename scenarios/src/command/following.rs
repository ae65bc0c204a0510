//! The journal of a running server, followed in a thread of its own: into a file, and to whoever wants to know.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::thread::{self, JoinHandle};

use codecommit_mock::fault::FaultStatus;
use codecommit_mock::{Exchange, Journal, MockServer};

use super::Failure;
use crate::exit::Exit;
use crate::journal::{Entry, in_one_line, unheard_push};

/// Ends when the server is dropped.
pub(super) struct Following(JoinHandle<io::Result<()>>);

impl Following {
    /// Follows from the first exchange on. `tell` hears of each one that has ended.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub(super) fn start(
        journal: &Journal,
        file: Option<File>,
        mut tell: impl FnMut(&Exchange) + Send + 'static,
    ) -> Result<Self, Failure> {
        let watch = journal.watch();
        let follow = move || {
            let mut file = file.map(BufWriter::new);
            let mut written = Ok(());
            for exchange in watch {
                tell(&exchange);
                if let (Some(file), Ok(())) = (&mut file, &written) {
                    written = write(file, &exchange);
                }
            }
            written
        };
        let thread = thread::Builder::new().name("journal".to_owned());
        thread
            .spawn(follow)
            .map(Self)
            .map_err(|error| Failure::new(Exit::Setup, format!("start a thread: {error}"), None))
    }

    /// Waits for the end: drop the server first.
    pub(super) fn end(self) -> io::Result<()> {
        self.0
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the journal's thread panicked")))
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
fn write(file: &mut BufWriter<File>, exchange: &Exchange) -> io::Result<()> {
    let line = serde_json::to_string(exchange)? + "\n";
    file.write_all(line.as_bytes())?;
    file.flush()
}
