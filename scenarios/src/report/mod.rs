//! What is made of the events of a run: text for people, files for machines.

pub mod exchange;
mod gathered;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod merge;
pub mod tap;
pub mod terminal;

use std::io;

use crate::event::Event;

/// Listens to a run.
pub trait Reporter {
    /// Takes note of an event.
    ///
    /// # Errors
    /// The report cannot be written.
    fn note(&mut self, event: &Event) -> io::Result<()>;
}
