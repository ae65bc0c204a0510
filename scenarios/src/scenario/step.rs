//! What happens in a scenario, one thing at a time.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use codecommit_mock::ClockMove;
use codecommit_mock::document::{Source, Spanned};
use codecommit_mock::fault::FaultPlan;
use codecommit_mock::world::World;

use crate::expectation::{ByHelper, Difference, Expectation};
use crate::subject::Helper;

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// For the reader: what this step is about.
    pub note: Option<String>,
    /// What happens.
    pub action: Action,
    /// The document that it stands in: the scenario's own, or that of a group of steps.
    pub document: Source,
    /// Where that document says so.
    pub span: Range<usize>,
    /// Where the scenario includes the group that it belongs to.
    pub included_at: Option<Range<usize>>,
}

/// What happens in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// The user types a command.
    Run(Box<Run>),
    /// The clock moves, for the server and for the helper.
    Clock(ClockMove),
    /// Something is broken on purpose, in the place of what was broken before; or nothing any more.
    Faults(FaultPlan),
    /// The user changes a file with an editor.
    Edit(Edit),
    /// An administrator changes what exists on the server.
    Administrator(Box<Administration>),
}

/// A command, and what has to come of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// A line for `sh -c`.
    pub command: String,
    /// How long it may take.
    pub timeout: Duration,
    /// What has to come of it, whatever the helper.
    pub expectation: Expectation,
    /// What is different with a certain helper.
    pub by_helper: ByHelper,
    /// What is different with the remote helper in Python.
    pub with_aws_remote_helper: Option<Difference>,
    /// In a fix: the failed command of the symptom that this one stands for, where it cannot be the same.
    pub stands_for: Option<Spanned<String>>,
    /// Whether this shows that the failure is mended: then the server has to accept the last request of it. Where it had no
    /// part in the failure, the same command may do without it again.
    pub mends: bool,
}

/// What an administrator does.
#[derive(Clone, Debug)]
pub struct Administration {
    /// How a sentence goes on after "the administrator".
    pub told: String,
    /// The policy that comes with it.
    pub document: Option<String>,
    /// What exists from then on.
    pub world: World,
}

/// A change to a file.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The file.
    pub file: Place,
    /// Text that occurs in it exactly once.
    pub find: String,
    /// Where the document says so.
    pub find_span: Range<usize>,
    /// What to put in its place.
    pub replace: String,
}

/// A file of the sandbox, as a user would write it: `~/.gitconfig`, or relative to the work folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    text: String,
    in_home: bool,
    relative: PathBuf,
}

/// The path leads out of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` leads out of the sandbox")]
pub struct OutOfTheSandbox(String);

impl Step {
    /// Where the scenario itself says so.
    pub fn place(&self) -> Range<usize> {
        self.included_at.clone().unwrap_or(self.span.clone())
    }

    /// One line that says what happens.
    pub fn summary(&self) -> String {
        match &self.action {
            Action::Run(run) => run.command.clone(),
            Action::Clock(how) => format!("clock {how}"),
            Action::Faults(plan) => plan.summary(),
            Action::Edit(edit) => format!("edit {}", edit.file),
            Action::Administrator(done) => format!("the administrator {}", done.told),
        }
    }
}

impl Run {
    /// What has to come of it with this helper.
    pub fn expectation(&self, helper: Helper) -> Expectation {
        match self.by_helper.get(helper) {
            Some(different) => self.expectation.overridden_by(&different.expectation),
            None => self.expectation.clone(),
        }
    }

    /// The exit status that is asked for with this helper.
    pub fn status(&self, helper: Helper) -> i32 {
        let different = self.by_helper.get(helper).map(|it| &it.expectation);
        different
            .filter(|different| different.status.is_some())
            .unwrap_or(&self.expectation)
            .status()
    }

    /// Whether it fails, with any helper.
    pub(crate) fn fails(&self) -> bool {
        Helper::ALL
            .into_iter()
            .any(|helper| self.status(helper) != 0)
    }
}

impl Place {
    /// Reads a path.
    ///
    /// # Errors
    /// It is absolute, or climbs up.
    pub fn new(text: &str) -> Result<Self, OutOfTheSandbox> {
        let (in_home, relative) = match text.strip_prefix("~/") {
            Some(rest) => (true, Path::new(rest)),
            None => (false, Path::new(text)),
        };
        let stays_inside = relative
            .components()
            .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        if text.is_empty() || !stays_inside {
            return Err(OutOfTheSandbox(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            in_home,
            relative: relative.to_owned(),
        })
    }

    /// The file itself.
    pub fn resolve(&self, home: &Path, work: &Path) -> PathBuf {
        if self.in_home { home } else { work }.join(&self.relative)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// `+960s`: the form in which the helper and faketime take an offset.
pub(crate) fn signed_seconds(offset: time::Duration) -> String {
    format!("{:+}s", offset.whole_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_the_home_or_in_the_work_folder() {
        let (home, work) = (Path::new("/s/home"), Path::new("/s/work"));
        let resolve = |text: &str| Place::new(text).map(|place| place.resolve(home, work));
        assert_eq!(resolve("~/.gitconfig"), Ok("/s/home/.gitconfig".into()));
        assert_eq!(resolve("Demo/a.txt"), Ok("/s/work/Demo/a.txt".into()));
    }

    #[test]
    fn no_place_is_outside() {
        for text in ["", "/etc/passwd", "../x", "~/../x", "a/../../x"] {
            assert!(Place::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn offsets_have_a_sign() {
        assert_eq!(signed_seconds(time::Duration::minutes(16)), "+960s");
        assert_eq!(signed_seconds(time::Duration::seconds(-5)), "-5s");
        assert_eq!(signed_seconds(time::Duration::ZERO), "+0s");
    }
}
