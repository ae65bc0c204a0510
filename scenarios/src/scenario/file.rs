//! The keys of a scenario document, as serde reads them. What they mean together is checked in `read`.
//!
//! Every table refuses unknown keys. Values that are checked later are `Spanned`; such values do not work inside
//! flattened, untagged or internally tagged types, so the keys that say what has to come of a command stand in two tables.

use codecommit_mock::document::Spanned;
use std::collections::BTreeMap;

use codecommit_mock::fault::FaultEntry;
use codecommit_mock::fidelity::FidelityFile;
use codecommit_mock::world::WorldFile;
use schemars::JsonSchema;
use serde::Deserialize;

use super::administration::AdministratorFile;
use super::fragments::{FragmentsFile, TextFile};
use super::text::{TextsTable, WordingFile};
use super::{Evidence, Platform, Teller};
use crate::expectation::{ExchangePattern, ExitStatus, verdict};
use crate::toolbox::Requirement;

/// A scenario: what somebody typed and saw, why, and what mends it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioFile {
    /// Its name: that of the file, without `.toml`.
    pub(super) id: Spanned<String>,
    /// What happens, in one line.
    pub(super) title: Spanned<String>,
    /// Where it comes from: a page of AWS's guide, or a public report.
    pub(super) source: Spanned<OriginFile>,
    /// How well it is known that the real service does this.
    pub(super) evidence: Evidence,
    /// Where it can happen.
    pub(super) platforms: Spanned<Vec<Platform>>,
    /// What has to be there for it: tools, and versions of git (`git >= 2.46`). It is skipped where that is missing.
    #[serde(default)]
    pub(super) requires: Vec<Requirement>,
    /// Who, why, and what is easily misunderstood, for somebody who has never heard of it.
    pub(super) explanation: Option<String>,
    /// What exists on the server. The demo world, if absent.
    pub(super) world: Option<WorldFile>,
    /// How the server answers where nobody knows what the real one does: docs/fidelity.md.
    #[serde(default)]
    pub(super) fidelity: FidelityFile,
    /// What goes wrong on the way, from the beginning: docs/faults.md.
    #[serde(default)]
    pub(super) fault: Vec<Spanned<FaultEntry>>,
    /// Texts that are worded differently by different gits or shells: `stderr = { text = "NAME" }`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<WordingFile>>")]
    pub(super) text: TextsTable,
    /// What the user's machine has.
    #[serde(default)]
    pub(super) client: ClientFile,
    /// What happened before.
    #[serde(default)]
    pub(super) setup: Vec<Spanned<StepFile>>,
    /// What happens, if nothing goes wrong.
    #[serde(default)]
    pub(super) step: Vec<Spanned<StepFile>>,
    /// What goes wrong: at least one command fails.
    #[serde(default)]
    pub(super) symptom: Vec<Spanned<StepFile>>,
    /// Why it goes wrong.
    pub(super) cause: Option<Spanned<CauseFile>>,
    /// What mends it: what failed runs again, and succeeds.
    #[serde(default)]
    pub(super) fix: Vec<Spanned<StepFile>>,
}

/// Either a page or an issue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OriginFile {
    /// A page of AWS's guide, by the name of its file: `setting-up-https-windows`.
    pub(super) page: Option<String>,
    /// Its section.
    pub(super) section: Option<Spanned<String>>,
    /// Where it has no section, the place in words: `the one table of the page`.
    pub(super) place: Option<Spanned<String>>,
    /// A public report: `owner/repository#1`, or its URL.
    pub(super) issue: Option<String>,
}

/// What the user's machine has; also the whole of a file in `shared/clients`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientFile {
    /// Another one, a name or a path, whose keys hold where this one has none.
    pub(super) extends: Option<Spanned<String>>,
    /// Git's configuration.
    #[serde(default)]
    pub(super) gitconfig: GitConfigFile,
    /// Files in ~/.aws. If absent, as `aws configure` writes them.
    #[serde(default)]
    pub(super) aws: AwsFile,
    /// Environment variables.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
}

/// Git's configuration.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GitConfigFile {
    /// The machine's.
    pub(super) system: Option<String>,
    /// ~/.gitconfig.
    pub(super) global: Option<String>,
}

/// Files in ~/.aws.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AwsFile {
    /// ~/.aws/config.
    pub(super) config: Option<String>,
    /// ~/.aws/credentials.
    pub(super) credentials: Option<String>,
}

/// Why it goes wrong.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CauseFile {
    /// The verdict that a failing command of the symptom ends with.
    #[serde(default)]
    #[schemars(schema_with = "verdict")]
    pub(super) verdict: Option<Spanned<String>>,
    /// In its place, where the server refuses no request: what a failing command is told, and by whom.
    pub(super) told: Option<Spanned<ToldFile>>,
    /// What is different with a certain helper.
    pub(super) helper: Option<CauseByHelperFile>,
    /// What is different with another remote helper than ours.
    pub(super) remote_helper: Option<CauseByRemoteHelperFile>,
}

/// Why the server refuses, with another remote helper than ours.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CauseByRemoteHelperFile {
    /// With the program in Python.
    pub(super) aws: OtherCauseFile,
}

/// What is different with a certain helper.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CauseByHelperFile {
    /// With our helper.
    pub(super) ours: Option<OtherCauseFile>,
    /// With the AWS CLI's.
    #[serde(rename = "aws-cli")]
    pub(super) aws_cli: Option<OtherCauseFile>,
}

/// What is different with one helper.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherCauseFile {
    /// Why it is different.
    pub(super) reason: Spanned<String>,
    /// The verdict with it; `accepted`, if nothing goes wrong.
    #[serde(default)]
    #[schemars(schema_with = "verdict")]
    pub(super) verdict: Option<Spanned<String>>,
    /// In its place: what is told with it, and by whom.
    pub(super) told: Option<Spanned<ToldFile>>,
}

/// What a failing command is told, and by whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToldFile {
    /// Who says it.
    pub(super) by: Teller,
    /// A part of a line that they write to standard error; of the server, of what it sends in the report of a push.
    pub(super) what: Spanned<TextFile>,
}

/// A file in `shared/steps`: a group of steps.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepsFile {
    /// What stands for `{{name}}` in its texts, unless `with` says something else.
    #[serde(default)]
    pub(super) parameters: BTreeMap<Spanned<String>, String>,
    /// The steps.
    #[serde(default)]
    pub(super) step: Vec<Spanned<StepFile>>,
}

/// A step: one of `run`, `clock`, `edit`, `faults`, `administrator` and `include`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    /// What the step is about, for the reader.
    pub(super) note: Option<String>,

    /// A group of steps, by name or by path, that stands here.
    pub(super) include: Option<Spanned<String>>,
    /// The values of its parameters.
    pub(super) with: Option<Spanned<BTreeMap<Spanned<String>, String>>>,

    /// A line for `sh`.
    pub(super) run: Option<Spanned<String>>,
    /// How long it may take: `10s`, `2m`.
    pub(super) timeout: Option<Spanned<String>>,
    /// Its exit status. 0, if absent.
    pub(super) status: Option<Spanned<ExitStatus>>,
    /// What its output has.
    pub(super) stdout: Option<Spanned<FragmentsFile>>,
    /// What its output has not.
    pub(super) stdout_lacks: Option<Spanned<FragmentsFile>>,
    /// What its errors have.
    pub(super) stderr: Option<Spanned<FragmentsFile>>,
    /// What its errors have not.
    pub(super) stderr_lacks: Option<Spanned<FragmentsFile>>,
    /// What the server sees, in this order, as much of it as matters.
    pub(super) journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
    /// What is different with a certain helper.
    pub(super) helper: Option<Spanned<ByHelperFile>>,
    /// What is different with another remote helper than ours.
    pub(super) remote_helper: Option<Spanned<ByRemoteHelperFile>>,
    /// In a fix: the failed command of the symptom that this one stands for, where it cannot be the same.
    pub(super) stands_for: Option<Spanned<String>>,

    /// Time passes, for the server and for the helper: `+16m`.
    pub(super) clock: Option<Spanned<String>>,

    /// What goes wrong on the way from here on: docs/faults.md.
    pub(super) faults: Option<Spanned<Vec<Spanned<FaultEntry>>>>,

    /// What an administrator does at AWS from here on: `{ update-access-key = { id = "AKIA...", status = "inactive" } }`.
    pub(super) administrator: Option<Spanned<AdministratorFile>>,

    /// A file that is changed with an editor.
    pub(super) edit: Option<Spanned<String>>,
    /// A text that occurs in it once.
    pub(super) find: Option<Spanned<String>>,
    /// What takes its place.
    pub(super) replace: Option<Spanned<String>>,
}

/// What is different with a certain helper.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ByHelperFile {
    /// With our helper. The reason has to be there.
    pub(super) ours: Option<Spanned<DifferenceFile>>,
    /// With the AWS CLI's.
    #[serde(rename = "aws-cli")]
    pub(super) aws_cli: Option<Spanned<DifferenceFile>>,
}

/// What is different with another remote helper than ours.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ByRemoteHelperFile {
    /// With the program in Python. The reason has to be there.
    pub(super) aws: Spanned<DifferenceFile>,
}

/// What is different with one helper.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DifferenceFile {
    /// Why it is different.
    pub(super) reason: Option<String>,
    /// The exit status.
    pub(super) status: Option<Spanned<ExitStatus>>,
    /// What its output has.
    pub(super) stdout: Option<Spanned<FragmentsFile>>,
    /// What its output has not.
    pub(super) stdout_lacks: Option<Spanned<FragmentsFile>>,
    /// What its errors have.
    pub(super) stderr: Option<Spanned<FragmentsFile>>,
    /// What its errors have not.
    pub(super) stderr_lacks: Option<Spanned<FragmentsFile>>,
    /// What the server sees.
    pub(super) journal: Option<Spanned<Vec<Spanned<ExchangePattern>>>>,
}
