//! Where a scenario comes from.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The page of AWS's guide, or the public report, that a scenario replays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Origin {
    /// A page of the user guide, without `.md`.
    Page {
        /// Its name.
        page: String,
        /// The heading, if the page is long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        section: Option<String>,
    },
    /// A public report: `owner/repository#number`, or an address.
    Issue {
        /// The report.
        issue: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page {
                page,
                section: Some(section),
            } => write!(f, "AWS CodeCommit user guide, {page}, \"{section}\""),
            Self::Page {
                page,
                section: None,
            } => write!(f, "AWS CodeCommit user guide, {page}"),
            Self::Issue { issue } => write!(f, "public report {issue}"),
        }
    }
}
