//! Replays documented and reported failures of AWS CodeCommit over HTTPS: symptom, cause, fix, each checked, with real git
//! and a strict local endpoint.
//!
//! A scenario walks through it like this: [`selection`] finds the document, [`scenario`] reads it, [`runner`] plays its
//! steps in a [`sandbox`] (whose variables come from [`environment`] and whose tools from [`toolbox`]), [`expectation`]
//! says what differs, and the [`event`]s go to every [`report`].

pub mod catalog;
pub mod check;
pub mod command;
pub mod conformance;
pub mod diagnostic;
mod ending;
pub mod environment;
pub mod event;
pub mod exit;
pub mod expectation;
pub mod journal;
pub mod kept;
pub mod links;
pub mod machine;
mod play;
pub mod process;
pub mod record;
pub mod redaction;
pub mod report;
pub mod runner;
pub mod sandbox;
pub mod scenario;
pub mod schema;
pub mod selection;
mod stand_in;
pub mod stop;
pub mod subject;
pub mod toolbox;
mod workers;

pub use codecommit_mock::duration;
