//! The keys of a scenario document, as serde reads them. What they mean together is checked in `read`.
//!
//! Every table refuses unknown keys. Values that are checked later are `Spanned`; such values do not work inside
//! flattened, untagged or internally tagged types, so the keys that say what has to come of a command stand in two tables.

use std::collections::BTreeMap;

use codecommit_mock::fault::FaultEntry;
use codecommit_mock::fidelity::FidelityFile;
use codecommit_mock::world::WorldFile;
use serde::Deserialize;
use toml::Spanned;

use super::{Evidence, Platform};
use crate::expectation::{ExchangePattern, ExitStatus, Fragments};
use crate::toolbox::Peer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) source: Spanned<OriginFile>,
    pub(super) evidence: Evidence,
    pub(super) platforms: Spanned<Vec<Platform>>,
    #[serde(default)]
    pub(super) requires: Vec<Peer>,
    pub(super) explanation: Option<String>,
    pub(super) world: Option<WorldFile>,
    #[serde(default)]
    pub(super) fidelity: FidelityFile,
    #[serde(default)]
    pub(super) fault: Vec<Spanned<FaultEntry>>,
    #[serde(default)]
    pub(super) client: ClientFile,
    #[serde(default)]
    pub(super) setup: Vec<Spanned<StepFile>>,
    #[serde(default)]
    pub(super) step: Vec<Spanned<StepFile>>,
    #[serde(default)]
    pub(super) symptom: Vec<Spanned<StepFile>>,
    pub(super) cause: Option<Spanned<CauseFile>>,
    #[serde(default)]
    pub(super) fix: Vec<Spanned<StepFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OriginFile {
    pub(super) page: Option<String>,
    pub(super) section: Option<Spanned<String>>,
    pub(super) issue: Option<String>,
}

/// What the user's machine has; also the whole of a file in `shared/clients`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientFile {
    /// Another one, a name or a path, whose keys hold where this one has none.
    pub(super) extends: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) gitconfig: GitConfigFile,
    #[serde(default)]
    pub(super) aws: AwsFile,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GitConfigFile {
    pub(super) system: Option<String>,
    pub(super) global: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AwsFile {
    pub(super) config: Option<String>,
    pub(super) credentials: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CauseFile {
    pub(super) verdict: Spanned<String>,
    pub(super) helper: Option<CauseByHelperFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CauseByHelperFile {
    pub(super) ours: Option<OtherCauseFile>,
    #[serde(rename = "aws-cli")]
    pub(super) aws_cli: Option<OtherCauseFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherCauseFile {
    pub(super) reason: Spanned<String>,
    pub(super) verdict: Spanned<String>,
}

/// A file in `shared/steps`: a group of steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepsFile {
    /// What stands for `{{name}}` in its texts, unless `with` says something else.
    #[serde(default)]
    pub(super) parameters: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    pub(super) step: Vec<Spanned<StepFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    pub(super) note: Option<String>,

    /// A group of steps, by name or by path, that stands here.
    pub(super) include: Option<Spanned<String>>,
    /// The values of its parameters.
    pub(super) with: Option<Spanned<BTreeMap<Spanned<String>, String>>>,

    pub(super) run: Option<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) status: Option<Spanned<ExitStatus>>,
    pub(super) stdout: Option<Spanned<Fragments>>,
    pub(super) stdout_lacks: Option<Spanned<Fragments>>,
    pub(super) stderr: Option<Spanned<Fragments>>,
    pub(super) stderr_lacks: Option<Spanned<Fragments>>,
    pub(super) journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
    pub(super) helper: Option<Spanned<ByHelperFile>>,
    pub(super) stands_for: Option<Spanned<String>>,

    pub(super) clock: Option<Spanned<String>>,

    pub(super) faults: Option<Spanned<Vec<Spanned<FaultEntry>>>>,

    pub(super) edit: Option<Spanned<String>>,
    pub(super) find: Option<Spanned<String>>,
    pub(super) replace: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByHelperFile {
    pub(super) ours: Option<Spanned<DifferenceFile>>,
    #[serde(rename = "aws-cli")]
    pub(super) aws_cli: Option<Spanned<DifferenceFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferenceFile {
    pub(super) reason: Option<String>,
    pub(super) status: Option<Spanned<ExitStatus>>,
    pub(super) stdout: Option<Spanned<Fragments>>,
    pub(super) stdout_lacks: Option<Spanned<Fragments>>,
    pub(super) stderr: Option<Spanned<Fragments>>,
    pub(super) stderr_lacks: Option<Spanned<Fragments>>,
    pub(super) journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
}
