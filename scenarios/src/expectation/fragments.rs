//! Texts that an output is searched for.

use std::ops::Range;

use crate::machine::{Machine, Shell, Versions};

/// One text or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragments(pub(crate) Vec<Fragment>);

/// A text, in as many wordings as there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The first whose condition is met counts. The last has none.
    pub wordings: Vec<Wording>,
    /// Where the document asks for it.
    pub span: Range<usize>,
}

/// A text, and where it is worded like this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// The gits that word it like this; any, if absent.
    pub git: Option<Versions>,
    /// The shell that words it like this; any, if absent.
    pub shell: Option<Shell>,
    /// The text.
    pub text: String,
}

impl Fragments {
    /// Whether they are found in any output.
    pub(crate) fn is_vacuous(&self) -> bool {
        let empty = |fragment: &Fragment| fragment.wordings.iter().any(|one| one.text.is_empty());
        self.0.is_empty() || self.0.iter().any(empty)
    }

    /// The texts, each with all its wordings.
    pub fn iter(&self) -> impl Iterator<Item = &Fragment> {
        self.0.iter()
    }
}

impl Fragment {
    /// A text that is the same everywhere.
    pub fn new(text: impl Into<String>, span: Range<usize>) -> Self {
        let text = text.into();
        Self {
            wordings: vec![Wording {
                text,
                ..Wording::default()
            }],
            span,
        }
    }

    /// Its wording on this machine.
    pub fn on(&self, machine: &Machine) -> &str {
        let mut wordings = self.wordings.iter();
        let found = wordings.find(|wording| wording.is_used_on(machine));
        found.map_or("", |wording| &wording.text)
    }
}

impl Wording {
    /// Whether something is worded like this there. A git or shell that is not known meets no condition.
    fn is_used_on(&self, machine: &Machine) -> bool {
        let git = self.git.as_ref();
        git.is_none_or(|git| machine.git.is_some_and(|here| git.hold(here)))
            && self.shell.is_none_or(|shell| machine.shell == Some(shell))
    }

    /// `git older than 2.46`, `git 2.46 or later, sh is bash`; none where it has no condition.
    pub fn condition(&self) -> Option<String> {
        let git = self
            .git
            .as_ref()
            .map(|git| format!("git {}", git.in_words()));
        let shell = self.shell.map(|shell| format!("sh is {}", shell.as_str()));
        let both: Vec<String> = git.into_iter().chain(shell).collect();
        (!both.is_empty()).then(|| both.join(", "))
    }
}
