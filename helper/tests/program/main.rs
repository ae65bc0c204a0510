//! The program as git runs it: arguments, environment and files in; bytes, messages and an exit code out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at its first surprise, also in a function it calls"
)]

mod aws_cli;
mod aws_cli_cases;
mod fake;
#[cfg(unix)]
mod gits;
mod messages;
mod profiles;
mod remote;
mod sandbox;
mod secrets;
#[cfg(unix)]
mod setup;
#[cfg(unix)]
mod skip;
mod sources;
#[cfg(unix)]
mod stored;
mod vectors;
