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
        /// The heading.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        section: Option<String>,
        /// Where there is none, the place in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
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
                section,
                place,
            } => {
                write!(f, "AWS CodeCommit user guide, {page}")?;
                match (section, place) {
                    (Some(section), _) => write!(f, ", \"{section}\""),
                    (None, Some(place)) => write!(f, ", {place}"),
                    (None, None) => Ok(()),
                }
            }
            Self::Issue { issue } => write!(f, "public report {issue}"),
        }
    }
}
