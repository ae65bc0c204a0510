//! A request to stop, shared by all who should heed it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Not asked for until a signal asks. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Asked for by SIGINT, SIGQUIT, SIGTERM and SIGHUP from now on: all that a person or a supervisor ends a program with,
    /// but for the one that cannot be handled.
    ///
    /// # Errors
    /// The system does not let us handle signals.
    #[cfg(unix)]
    pub fn on_signals() -> std::io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

        let stop = Self::default();
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] {
            let number = usize::try_from(signal).unwrap_or_default();
            signal_hook::flag::register_usize(signal, Arc::clone(&stop.0), number)?;
        }
        Ok(stop)
    }

    /// Never asked for: here, signals end the process.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn on_signals() -> std::io::Result<Self> {
        Ok(Self::default())
    }

    /// The signal that asked for it.
    pub fn signal(&self) -> Option<u8> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            signal => u8::try_from(signal).ok(),
        }
    }

    /// Whether somebody asked for it.
    pub fn is_asked(&self) -> bool {
        self.signal().is_some()
    }

    /// Asks for it, as this signal would.
    pub(crate) fn ask(&self, signal: u8) {
        self.0.store(usize::from(signal), Ordering::Relaxed);
    }
}
