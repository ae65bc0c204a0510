//! `codecommit-lab schema`.

use std::io::Write as _;

use clap::Args;

use super::Failure;
use crate::check::Kind;
use crate::exit::Exit;
use crate::schema;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The kind of file that it describes
    #[arg(value_enum)]
    kind: Kind,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    anstream::stdout()
        .write_all(schema::text(arguments.kind).as_bytes())
        .map_err(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}
