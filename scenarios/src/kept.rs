//! A sandbox that a run has left behind, so that its steps can be repeated by hand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::links;
use crate::scenario::{Action, Phase, Scenario, Step};
use crate::selection::{self, SelectionError};
use crate::subject::Subject;

/// What has to be known of it: `sandbox.json` in its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The scenario: its name, or the path of its file.
    pub scenario: String,
    /// The git, which the server uses as well.
    pub git: PathBuf,
    /// The version of HTTP that git is told to speak.
    pub transport: Option<String>,
}

const FILE: &str = "sandbox.json";

/// A sandbox cannot be opened again.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// Its folder has not what a kept sandbox has.
    #[error("open the sandbox {}: {cause}", folder.display())]
    NoSandbox {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Its scenario cannot be read.
    #[error(transparent)]
    Scenario(#[from] SelectionError),
    /// There is no such step.
    #[error("find step {step}: the scenario has {count}")]
    Step {
        /// The step, counted from one.
        step: usize,
        /// How many there are.
        count: usize,
    },
}

impl Kept {
    /// Of a sandbox of this scenario and this subject.
    pub fn new(scenario: &Scenario, subject: &Subject) -> Self {
        let built_in = catalog::scenario(&scenario.area, &scenario.id)
            .and_then(Result::ok)
            .is_some_and(|found| found.document == scenario.document);
        let file = Path::new(scenario.document.name());
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        Self {
            scenario: match built_in {
                true => scenario.name(),
                false => file.display().to_string(),
            },
            git: subject.git.clone(),
            transport: subject
                .transport
                .map(|transport| transport.word().to_owned()),
        }
    }

    /// The command that plays its scenario with this subject, and does more as `option` says.
    pub fn command(&self, option: &str, subject: &Subject) -> String {
        let scenario = links::quoted(&self.scenario);
        let subject = subject.options();
        format!("codecommit-lab run {scenario} {option} {subject}")
    }

    /// Writes it into the sandbox of this subject, with a script a command: `steps/02-symptom-1`. `played` tells how many steps
    /// were.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(
        &self,
        folder: &Path,
        scenario: &Scenario,
        subject: &Subject,
        played: usize,
        lab: &Path,
    ) -> io::Result<()> {
        fs::write(
            folder.join(FILE),
            serde_json::to_string_pretty(self)? + "\n",
        )?;
        let scripts = folder.join("steps");
        fs::create_dir_all(&scripts)?;
        let steps = steps(scenario);
        let last = played.checked_sub(1).and_then(|last| steps.get(last));
        for (at, (phase, number, step)) in steps.iter().enumerate() {
            let Action::Run(run) = &step.action else {
                continue;
            };
            let at = at + 1;
            let mut text = format!(
                "# Repeats {} {number} of {}: starts a server with the repositories as they are now and the time of this step,\n\
                 # and ends it when the command has ended.\n",
                phase.as_str(),
                scenario.name(),
            );
            if let Some((last_phase, last_number, _)) = last.filter(|_| at <= played) {
                // What comes of it otherwise looks as if nothing had been wrong, or as if something else were.
                let left = match at < played {
                    true => format!(
                        "the run went on after this step, up to {} {last_number}: files and repositories are as that left them",
                        last_phase.as_str()
                    ),
                    false => {
                        "the run has played this step: files and repositories are as it left them"
                            .to_owned()
                    }
                };
                let before = self.command(&format!("--step {at}"), subject);
                let told = format!("codecommit-lab: {left}; to be here before it: {before}");
                text.push_str(&format!("printf '%s\\n' {} >&2\n", links::quoted(&told)));
            }
            text.push_str(&format!(
                "cd \"$(dirname \"$0\")/..\" || exit\n\
                 exec {} reopen --step {at} . -- sh -c {}\n",
                links::quoted_path(lab),
                links::quoted(run.command.trim_end())
            ));
            let name = format!("{at:02}-{}-{number}", phase.as_str());
            links::script(&scripts, &name, &text)?;
        }
        Ok(())
    }

    /// Reads it from a folder, and its scenario.
    ///
    /// # Errors
    /// There is none, or its scenario is gone.
    pub fn read(folder: &Path) -> Result<(Self, Arc<Scenario>), KeptError> {
        let no_sandbox = |cause| KeptError::NoSandbox {
            folder: folder.to_owned(),
            cause,
        };
        let text = fs::read_to_string(folder.join(FILE)).map_err(no_sandbox)?;
        let kept: Self = serde_json::from_str(&text)
            .map_err(|error| no_sandbox(io::Error::other(format!("{FILE}: {error}"))))?;
        let mut scenarios = selection::select(std::slice::from_ref(&kept.scenario))?;
        match scenarios.pop() {
            Some(scenario) => Ok((kept, scenario)),
            None => Err(KeptError::Scenario(SelectionError::NothingFitsAll)),
        }
    }
}

/// All steps, with their part and their number in it.
pub fn steps(scenario: &Scenario) -> Vec<(Phase, usize, &Step)> {
    scenario
        .phases()
        .into_iter()
        .flat_map(|(phase, steps)| {
            let numbered = steps.iter().enumerate();
            numbered.map(move |(at, step)| (phase, at + 1, step))
        })
        .collect()
}

/// What happens before a step, counted from one; before the end, if it is none.
///
/// # Errors
/// There is no such step.
pub fn before(scenario: &Scenario, step: Option<usize>) -> Result<Vec<&Action>, KeptError> {
    let steps = steps(scenario);
    let count = steps.len();
    let before = match step {
        None => count,
        Some(step) if (1..=count).contains(&step) => step - 1,
        Some(step) => return Err(KeptError::Step { step, count }),
    };
    Ok(steps[..before]
        .iter()
        .map(|(_, _, step)| &step.action)
        .collect())
}
