//! What a scenario needs of a machine, to be played there.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Missing, Peer, Toolbox};
use crate::machine::{GitVersion, Versions};

/// A tool, or certain versions of git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A tool, by its name.
    Peer(Peer),
    /// The git under test is one of these: `git >= 2.46`.
    Git(Versions),
}

impl Requirement {
    /// Whether it is there.
    ///
    /// # Errors
    /// Why it is not.
    pub fn met(&self, toolbox: &Toolbox, git: Option<GitVersion>) -> Result<(), Missing> {
        match self {
            Self::Peer(peer) => toolbox.peer(*peer).map(drop).map_err(Clone::clone),
            Self::Git(versions) => match git {
                Some(git) if versions.hold(git) => Ok(()),
                Some(git) => Err(Missing(format!(
                    "git is {git}; this needs {}",
                    versions.in_words()
                ))),
                None => Err(Missing(format!(
                    "git does not say which version it is; this needs {}",
                    versions.in_words()
                ))),
            },
        }
    }
}

/// As it is written in a scenario.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(peer) => f.write_str(peer.as_str()),
            Self::Git(versions) => write!(f, "git {versions}"),
        }
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A visitor's errors are located where the text stands, also in a list.
        struct Word;

        impl Visitor<'_> for Word {
            type Value = Requirement;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a tool, or `git >= 2.46`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Requirement, E> {
                match text.strip_prefix("git ") {
                    Some(versions) => versions.parse().map(Requirement::Git).map_err(E::custom),
                    None => Peer::deserialize(StrDeserializer::new(text)).map(Requirement::Peer),
                }
            }
        }

        deserializer.deserialize_str(Word)
    }
}

impl JsonSchema for Requirement {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Requirement".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let peer = generator.subschema_for::<Peer>();
        let git = format!("^git {}$", Versions::PATTERN);
        json_schema!({ "anyOf": [peer, { "type": "string", "pattern": git }] })
    }
}
