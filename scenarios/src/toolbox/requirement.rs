//! What a scenario needs of a machine and of what is under test, to be played there.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Missing, Peer, Toolbox};
use crate::machine::Versions;
use crate::subject::{CredentialHelper, Subject};

/// A tool, or certain versions of git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A tool, by its name.
    Peer(Peer),
    /// The git under test is one of these: `git >= 2.46`.
    Git(Versions),
    /// The helper under test starts without finding anything on PATH.
    HelperAlone,
}

/// The word for [`Requirement::HelperAlone`].
const HELPER_ALONE: &str = "helper-alone";

impl Requirement {
    /// Whether it is there.
    ///
    /// # Errors
    /// Why it is not.
    pub fn met(&self, toolbox: &Toolbox, subject: &Subject) -> Result<(), Missing> {
        match self {
            Self::Peer(peer) => toolbox.peer(*peer).map(drop).map_err(Clone::clone),
            Self::HelperAlone => match &subject.helper {
                CredentialHelper::AwsCli(aws) => toolbox.starts_alone(aws),
                // Ours is one program, and what stands for a command restores its PATH.
                CredentialHelper::Ours | CredentialHelper::Command(_) => Ok(()),
            },
            Self::Git(versions) => match subject.machine().git {
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
            Self::HelperAlone => f.write_str(HELPER_ALONE),
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
                if text == HELPER_ALONE {
                    return Ok(Requirement::HelperAlone);
                }
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
        let alone = json_schema!({
            "description": "The helper under test starts without finding anything on PATH: a shim of a version manager does not.",
            "const": HELPER_ALONE
        });
        let git = format!("^git {}$", Versions::PATTERN);
        json_schema!({ "anyOf": [peer, alone, { "type": "string", "pattern": git }] })
    }
}
