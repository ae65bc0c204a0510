//! Texts that an output is searched for.

use std::fmt;
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
    /// The text; where nothing that is known beforehand decides, the texts of which one is found.
    pub texts: Vec<Text>,
}

/// A text, and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Whose text it is: `git with GnuTLS`. Said only where there are several.
    pub from: Option<String>,
    /// The text.
    pub text: String,
}

/// Texts of which one is found.
pub(crate) struct OneOf<'a>(pub(crate) &'a [Text]);

impl Fragments {
    /// Whether they are found in any output.
    pub(crate) fn is_vacuous(&self) -> bool {
        let mut texts = self.0.iter().flat_map(Fragment::texts);
        self.0.is_empty() || texts.any(|one| one.text.is_empty())
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
                texts: vec![Text { from: None, text }],
                ..Wording::default()
            }],
            span,
        }
    }

    /// Its wording on this machine: texts of which one is found.
    pub fn on(&self, machine: &Machine) -> &[Text] {
        let mut wordings = self.wordings.iter();
        let found = wordings.find(|wording| wording.is_used_on(machine));
        found.map_or(&[], |wording| &wording.texts)
    }

    /// All its texts, wherever they are used.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.wordings.iter().flat_map(|wording| &wording.texts)
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

impl OneOf<'_> {
    /// Whether one of them is in the output.
    pub(crate) fn is_in(&self, output: &str) -> bool {
        self.0.iter().any(|one| output.contains(&one.text))
    }
}

/// `"a"`; `one of: "a" (git with GnuTLS), "b" (git with OpenSSL)`.
impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [one] = self.0 {
            return write!(f, "{:?}", one.text);
        }
        for (index, one) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "one of: " } else { ", " })?;
            write!(f, "{:?}", one.text)?;
            if let Some(from) = &one.from {
                write!(f, " ({from})")?;
            }
        }
        Ok(())
    }
}
