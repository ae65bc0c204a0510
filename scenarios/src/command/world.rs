//! The `--world` and `--fidelity` options.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use codecommit_mock::Profile;
use codecommit_mock::document::{self, Source};
use codecommit_mock::world::{World, WorldFile};

use super::Failure;

/// What is served, and how.
#[derive(Debug, Args)]
pub(super) struct Served {
    /// Who and what exists: a world file, or `demo`
    #[arg(long, value_name = "FILE|demo", default_value = "demo")]
    world: PathBuf,
    /// How much is shown: what CodeCommit shows, or all that the local git can do
    #[arg(long, value_enum, default_value = "codecommit")]
    fidelity: FidelityName,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FidelityName {
    Codecommit,
    Git,
}

impl Served {
    /// Reads the world.
    pub(super) fn world(&self) -> Result<World, Failure> {
        if self.world.as_os_str() == "demo" {
            return Ok(World::demo());
        }
        let source = Source::read(&self.world)?;
        let file: WorldFile = document::parse(&source)?;
        Ok(file.resolve(&source)?)
    }

    pub(super) fn fidelity(&self) -> Profile {
        match self.fidelity {
            FidelityName::Codecommit => Profile::CodeCommit,
            FidelityName::Git => Profile::Git,
        }
    }
}
