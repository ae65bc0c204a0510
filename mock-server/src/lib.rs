//! A local endpoint that behaves like AWS CodeCommit's Git endpoint.

pub mod authn;
pub mod authz;
mod clock;
pub mod document;
mod fidelity;
mod journal;
pub mod world;

pub use clock::Clock;
pub use fidelity::Fidelity;
pub use journal::{Exchange, Journal};
