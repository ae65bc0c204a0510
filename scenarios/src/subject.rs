//! The credential helper under test.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which helper answers to `aws codecommit credential-helper` in the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Helper {
    /// The one of this project.
    #[default]
    Ours,
    /// That of the AWS CLI found on PATH.
    AwsCli,
}

impl Helper {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Ours, Self::AwsCli];

    /// Its word on the command line and in scenarios.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::AwsCli => "aws-cli",
        }
    }
}
