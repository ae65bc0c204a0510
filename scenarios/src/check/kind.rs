//! What a file is meant to be.

use codecommit_mock::document::{Source, nearest};
use toml::de::DeTable;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scenario.
    Scenario,
    /// A world.
    World,
}

const SCENARIO_KEYS: &[&str] = &[
    "id",
    "title",
    "source",
    "evidence",
    "platforms",
    "requires",
    "explanation",
    "world",
    "fidelity",
    "client",
    "setup",
    "step",
    "symptom",
    "cause",
    "fix",
];
const WORLD_KEYS: &[&str] = &[
    "extends",
    "account",
    "sso",
    "instance",
    "container",
    "vpc_endpoint",
];

impl Kind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::World => "world",
        }
    }

    /// The kind that most of the document's keys belong to, misspelt or not. One that tells nothing is a scenario.
    pub fn of(source: &Source) -> Self {
        let (table, _) = DeTable::parse_recoverable(source.text());
        let belong = |known: &[&'static str]| {
            let keys = table.get_ref().keys();
            keys.filter(|key| nearest(key.get_ref(), known.iter().copied()).is_some())
                .count()
        };
        match belong(WORLD_KEYS) > belong(SCENARIO_KEYS) {
            true => Self::World,
            false => Self::Scenario,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_keys_even_if_they_are_misspelt() {
        for (text, kind) in [
            ("extends = \"demo\"\n", Kind::World),
            ("[[acount]]\nid = \"111122223333\"\n", Kind::World),
            ("id = \"x\"\n[[stpe]]\n", Kind::Scenario),
            ("", Kind::Scenario),
            ("[world]\nextends = \"demo\"\n[[step]]\n", Kind::Scenario),
        ] {
            assert_eq!(Kind::of(&Source::new("x", text)), kind, "{text}");
        }
    }
}
