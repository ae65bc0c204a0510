//! What a file is meant to be.

use clap::ValueEnum;
use codecommit_mock::document::{Source, nearest};
use toml::de::DeTable;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A scenario.
    Scenario,
    /// A world.
    World,
    /// A client set-up that scenarios share.
    Client,
    /// A group of steps that scenarios share.
    Steps,
    /// Texts with several wordings, that scenarios share.
    Texts,
    /// Faults, for `serve` and `exec`.
    Faults,
    /// How a Git client is called, for `conformance client`.
    ConformanceClient,
    /// How a credential helper is called, for `conformance helper`.
    ConformanceHelper,
}

/// Keys of which each file of a kind has some, and files of another kind have fewer.
const OWN_KEYS: [(Kind, &[&str]); 8] = [
    (Kind::Faults, &["fault"]),
    (
        Kind::Scenario,
        &[
            "id",
            "title",
            "source",
            "evidence",
            "platforms",
            "requires",
            "explanation",
            "world",
            "fidelity",
            "fault",
            "client",
            "setup",
            "symptom",
            "cause",
            "fix",
        ],
    ),
    (
        Kind::World,
        &["account", "sso", "instance", "container", "vpc_endpoint"],
    ),
    (Kind::Client, &["gitconfig", "aws", "env"]),
    (Kind::Steps, &["parameters", "step"]),
    (Kind::Texts, &["text"]),
    (
        Kind::ConformanceClient,
        &[
            "name",
            "title",
            "homepage",
            "install",
            "needs",
            "pass",
            "version",
            "build",
            "setup",
            "credentials",
            "network",
            "commands",
            "known",
        ],
    ),
    (
        Kind::ConformanceHelper,
        &[
            "name", "title", "homepage", "install", "needs", "pass", "version", "command", "known",
        ],
    ),
];

impl Kind {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Scenario,
        Self::World,
        Self::Client,
        Self::Steps,
        Self::Texts,
        Self::Faults,
        Self::ConformanceClient,
        Self::ConformanceHelper,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::World => "world",
            Self::Client => "client",
            Self::Steps => "steps",
            Self::Texts => "texts",
            Self::Faults => "faults",
            Self::ConformanceClient => "conformance-client",
            Self::ConformanceHelper => "conformance-helper",
        }
    }

    /// What a file of this kind is, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Scenario => "a scenario",
            Self::World => "a world",
            Self::Client => "a client set-up",
            Self::Steps => "a group of steps",
            Self::Texts => "a list of texts",
            Self::Faults => "a list of faults",
            Self::ConformanceClient => "a client file",
            Self::ConformanceHelper => "a helper file",
        }
    }

    /// The kind that most of the document's keys belong to, misspelt or not: of several, the first. A document with `extends`
    /// alone is a world, and one that tells nothing a scenario.
    pub fn of(source: &Source) -> Self {
        let (table, _) = DeTable::parse_recoverable(source.text());
        let keys = || table.get_ref().keys().map(|key| &**key.get_ref());
        // A key that is misspelt tells less than one that is not.
        let belong = |known: &[&'static str]| -> usize {
            keys()
                // Files of several kinds have it.
                .filter(|key| *key != "extends")
                .map(|key| match nearest(key, known.iter().copied()) {
                    Some(near) if near == key => 2,
                    Some(_) => 1,
                    None => 0,
                })
                .sum()
        };
        let mut found = match keys().any(|key| key == "extends") {
            true => (Self::World, 0),
            false => (Self::Scenario, 0),
        };
        for (kind, known) in OWN_KEYS {
            let likeness = belong(known);
            if likeness > found.1 {
                found = (kind, likeness);
            }
        }
        found.0
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
            (
                "extends = \"credential-helper\"\naws.config = \"\"\n",
                Kind::Client,
            ),
            ("[[step]]\nrun = \"true\"\n", Kind::Steps),
            ("[[text.name]]\ntext = \"x\"\n", Kind::Texts),
            ("[[fault]]\nstatus = 503\n", Kind::Faults),
            ("id = \"x\"\n[[fault]]\nstatus = 503\n", Kind::Scenario),
            ("[world]\nextends = \"demo\"\n[[step]]\n", Kind::Scenario),
            (
                "name = \"x\"\ntitle = \"x\"\n[comands]\nclone = \"x\"\n",
                Kind::ConformanceClient,
            ),
            (
                "name = \"x\"\ntitle = \"x\"\ncommand = \"x\"\n",
                Kind::ConformanceHelper,
            ),
            ("id = \"x\"\ntitle = \"x\"\n", Kind::Scenario),
        ] {
            assert_eq!(Kind::of(&Source::new("x", text)), kind, "{text}");
        }
    }
}
