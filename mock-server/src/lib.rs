//! A local endpoint that behaves like AWS CodeCommit's Git endpoint and verifies every SigV4 Git password.
//!
//! ```no_run
//! use std::process::Command;
//!
//! let server = codecommit_mock::MockServer::builder().start()?;
//! let status = Command::new("git")
//!     .args(["ls-remote", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo"])
//!     .envs(server.env())
//!     .status()?;
//! for exchange in server.journal().exchanges() {
//!     println!("{} {} -> {:?}", exchange.method, exchange.path, exchange.status);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A request walks through the modules in this order: the listener (TLS, `CONNECT`), [`route`](self), [`authn`] (who is
//! it? a [`Verdict`](authn::verdict::Verdict)), [`authz`] (may they? a [`Decision`](authz::Decision)), the Git service, and
//! the [`Journal`]. The APIs that give credentials (STS, IAM Identity Center, AWS Sign-In) and the metadata services of
//! instances and containers are served on the same port; what they issue is good for Git passwords. The [`World`](world::World) and the [`Clock`] are values handed in.

mod api;
pub mod authn;
pub mod authz;
mod clock;
mod control;
pub mod document;
pub mod duration;
pub mod fault;
pub mod fidelity;
mod git;
mod git_program;
mod http_date;
mod injection;
mod journal;
mod limits;
mod listener;
mod metadata;
mod mint;
mod permission;
mod pipeline;
mod redaction;
mod route;
mod scene;
mod server;
mod throttle;
mod tls;
pub mod world;

pub use clock::{Clock, ClockMove, ClockReading, NotAClockMove};
pub use control::ControlAccess;
pub use fidelity::{Fidelity, Profile};
pub use git_program::{GitProgram, GitProgramError};
pub use journal::{Exchange, Journal, Watch};
pub use limits::Limits;
pub use server::{MockServer, MockServerBuilder, StartError};
pub use tls::TlsError;
