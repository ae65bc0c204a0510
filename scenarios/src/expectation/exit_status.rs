//! The exit status that a command has to have.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A number from 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus(pub(super) i32);

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for ExitStatus {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ExitStatus".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": 255 })
    }
}

impl<'de> Deserialize<'de> for ExitStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        const EXPECTED: &str = "an exit status: a number from 0 to 255";

        impl Visitor<'_> for Number {
            type Value = ExitStatus;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<ExitStatus, E> {
                match u8::try_from(number) {
                    Ok(status) => Ok(ExitStatus(status.into())),
                    Err(_) => Err(E::custom(format!("`{number}` is not {EXPECTED}"))),
                }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<ExitStatus, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }

        deserializer.deserialize_any(Number)
    }
}
