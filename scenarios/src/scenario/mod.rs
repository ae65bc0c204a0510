//! One failure mode, told so that it can be replayed: who has what, what they type, what goes wrong, why, what mends it.
//!
//! [`Scenario::read`] makes one of a TOML document; its keys stand in `file`, and what they mean together in `read`.

mod administration;
mod cause;
mod file;
mod fragments;
mod origin;
mod read;
mod shared;
mod step;
mod text;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use codecommit_mock::Fidelity;
use codecommit_mock::document::{DocumentError, Source};
use codecommit_mock::fault::FaultPlan;
use codecommit_mock::world::World;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cause::{Cause, OtherCause, Teller, Told, Why};
pub(crate) use file::{ClientFile, ScenarioFile, StepsFile};
#[cfg(test)]
pub(crate) use fragments::FragmentsFile;
pub use origin::Origin;
pub use read::world as read_world;
pub(crate) use read::{shared as check_shared, texts as check_texts};
pub use shared::{Kind, Shared, built_in, names};
pub(crate) use step::signed_seconds;
pub use step::{Action, Administration, Edit, Place, Run, Step};
pub(crate) use text::TextsFile;
#[cfg(test)]
pub(crate) use text::{Texts, TextsTable};

use crate::redaction::Redactor;
use crate::toolbox::{Peer, Requirement};

/// A scenario that has been read and checked.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The document it was read from, with its secrets masked.
    pub document: Source,
    /// Knows the secrets of its world.
    pub redactor: Redactor,
    /// The folder it lies in.
    pub area: String,
    /// Its name: that of its file.
    pub id: String,
    /// What happens, in one line.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// How well it is known that the real service does this.
    pub evidence: Evidence,
    /// Where it can happen.
    pub platforms: Vec<Platform>,
    /// What has to be there for it.
    pub requires: Vec<Requirement>,
    /// Why it happens, in prose.
    pub explanation: Option<String>,
    /// What exists on the server.
    pub world: World,
    /// How the server answers.
    pub fidelity: Fidelity,
    /// What is broken from the start.
    pub faults: FaultPlan,
    /// What the user's machine has.
    pub client: Client,
    /// The shared files that it takes something from.
    pub shared: Vec<Shared>,
    /// What happened before.
    pub setup: Vec<Step>,
    /// What happens.
    pub plot: Plot,
}

/// What a scenario shows.
#[derive(Clone, Debug)]
pub enum Plot {
    /// Steps that succeed, as a page of the guide describes them.
    Walkthrough(Vec<Step>),
    /// Something goes wrong, and is mended.
    Failure {
        /// What the user does, and sees.
        symptom: Vec<Step>,
        /// Why.
        cause: Box<Cause>,
        /// What mends it. The command that failed succeeds in it, and so does the last one.
        fix: Vec<Step>,
    },
}

/// What the user's machine has before the first step.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The system-wide git configuration; none, if absent.
    pub gitconfig_system: Option<String>,
    /// `~/.gitconfig`.
    pub gitconfig_global: Option<String>,
    /// `~/.aws/config`; if absent, as `aws configure` writes it.
    pub aws_config: Option<String>,
    /// `~/.aws/credentials`; if absent, as `aws configure` writes it.
    pub aws_credentials: Option<String>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

/// How well something is known of the real service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// AWS's guide says so.
    Documented,
    /// Users reported it, or it was measured.
    Observed,
    /// It follows from what is documented or observed.
    Inferred,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Windows.
    Windows,
    /// Linux.
    Linux,
    /// macOS.
    Macos,
}

/// A part of a scenario.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// What happened before.
    Setup,
    /// A step of a walkthrough.
    Step,
    /// What goes wrong.
    Symptom,
    /// What mends it.
    Fix,
}

impl Plot {
    fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        let (steps, more) = match self {
            Self::Walkthrough(steps) => (steps, None),
            Self::Failure { symptom, fix, .. } => (symptom, Some(fix)),
        };
        steps.iter_mut().chain(more.into_iter().flatten())
    }
}

impl Scenario {
    /// Reads and checks a scenario. `area` is the folder and `stem` the file name without `.toml`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in the document.
    pub fn read(document: Source, area: &str, stem: &str) -> Result<Self, DocumentError> {
        read::scenario(document, area, stem)
    }

    /// Reads and checks a file: its area is the name of the folder that it lies in.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in the document.
    pub fn in_file(document: Source, path: &Path) -> Result<Self, DocumentError> {
        let text = |name: Option<&OsStr>| {
            name.map_or(String::new(), |name| name.to_string_lossy().into_owned())
        };
        // The folder of `x.toml` is nameless until the path is made absolute.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let area = text(path.parent().and_then(Path::file_name));
        Self::read(document, &area, &text(path.file_stem()))
    }

    /// `credential-helper/profile-name-with-spaces`: unique in the catalog.
    pub fn name(&self) -> String {
        format!("{}/{}", self.area, self.id)
    }

    /// Its parts, in the order in which they are played.
    pub fn phases(&self) -> Vec<(Phase, &[Step])> {
        let mut phases = vec![(Phase::Setup, &self.setup[..])];
        match &self.plot {
            Plot::Walkthrough(steps) => phases.push((Phase::Step, steps)),
            Plot::Failure { symptom, fix, .. } => {
                phases.extend([(Phase::Symptom, &symptom[..]), (Phase::Fix, &fix[..])]);
            }
        }
        phases.retain(|(_, steps)| !steps.is_empty());
        phases
    }

    /// Why its symptom happens, if it has one.
    pub fn cause(&self) -> Option<&Cause> {
        match &self.plot {
            Plot::Walkthrough(_) => None,
            Plot::Failure { cause, .. } => Some(cause),
        }
    }

    /// The tools that it needs.
    pub fn peers(&self) -> Vec<Peer> {
        let requires = self.requires.iter();
        requires
            .filter_map(|requirement| match requirement {
                Requirement::Peer(peer) => Some(*peer),
                Requirement::Git(_) | Requirement::HelperAlone => None,
            })
            .collect()
    }

    /// What has to be there for it, in words: tools, versions of git, and a platform if it is not for all of them.
    pub fn needs(&self) -> Vec<String> {
        let mut needs: Vec<String> = self.requires.iter().map(ToString::to_string).collect();
        let all = [Platform::Windows, Platform::Linux, Platform::Macos];
        if !all.iter().all(|known| self.platforms.contains(known)) {
            let platforms = self.platforms.iter().map(|known| known.as_str());
            needs.push(platforms.collect::<Vec<_>>().join(" or "));
        }
        needs
    }

    /// Whether a step moves the time.
    pub fn moves_the_clock(&self) -> bool {
        self.phases()
            .iter()
            .flat_map(|(_, steps)| *steps)
            .any(|step| matches!(step.action, Action::Clock(_)))
    }
}

impl Platform {
    /// The one this program runs on, if it is one of them.
    pub fn here() -> Option<Self> {
        match std::env::consts::OS {
            "windows" => Some(Self::Windows),
            "linux" => Some(Self::Linux),
            "macos" => Some(Self::Macos),
            _ => None,
        }
    }

    /// Its word in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Macos => "macos",
        }
    }
}

impl Phase {
    /// What stands above it where a scenario is told.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Setup => "Before",
            Self::Step => "What happens",
            Self::Symptom => "What goes wrong",
            Self::Fix => "What mends it",
        }
    }

    /// Its key in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Step => "step",
            Self::Symptom => "symptom",
            Self::Fix => "fix",
        }
    }
}

impl Evidence {
    /// What its word means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Documented => "AWS's guide says so",
            Self::Observed => "users have reported it, or it was measured",
            Self::Inferred => "it follows from what is documented or observed",
        }
    }

    /// Its word in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
        }
    }
}
