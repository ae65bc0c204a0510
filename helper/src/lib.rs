//! A Git credential helper for AWS CodeCommit, and the facts it shares with the test endpoint.
//!
//! A request walks through it like this: [`protocol`] reads git's lines, [`endpoint`] says whether the host is ours and
//! which Region it is in, [`credentials`] finds a key, [`password`] signs, and [`protocol`] writes the answer.
//! [`command`] is all of that as a command line. [`network`] is reached only by the sources of credentials that need it.

pub mod clock;
pub mod command;
pub mod credentials;
pub mod endpoint;
pub mod hint;
pub mod network;
pub mod password;
pub mod protocol;
pub mod quoting;
pub mod secret;
pub mod terminal;
pub mod timestamp;
pub mod variables;
