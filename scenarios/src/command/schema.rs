//! `codecommit-lab schema`.

use std::io::Write as _;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::exit::Exit;
use crate::{check, schema};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The kind of file that it describes
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A scenario
    Scenario,
    /// A world
    World,
    /// A client set-up that scenarios share
    Client,
    /// A group of steps that scenarios share
    Steps,
    /// Texts with several wordings that scenarios share
    Texts,
    /// Faults, for `serve` and `exec`
    Faults,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let kind = match arguments.kind {
        Kind::Scenario => check::Kind::Scenario,
        Kind::World => check::Kind::World,
        Kind::Client => check::Kind::Client,
        Kind::Steps => check::Kind::Steps,
        Kind::Texts => check::Kind::Texts,
        Kind::Faults => check::Kind::Faults,
    };
    anstream::stdout()
        .write_all(schema::text(kind).as_bytes())
        .map_err(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}
