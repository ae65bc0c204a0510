//! What the control interface is sent, and what is wrong with it.

use std::fmt;

use hyper::StatusCode;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::answer::Problem;
use crate::document;
use crate::fault::{Fault, FaultPlan};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveRequest {
    pub(super) r#move: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsRequest {
    faults: Vec<Keys>,
}

/// An object that has each of its keys once.
struct Keys(Map<String, Value>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Map::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if keys.contains_key(&key) {
                        // As serde says it of its own.
                        return Err(A::Error::custom(format!("duplicate field `{key}`")));
                    }
                    keys.insert(key, value);
                }
                Ok(Keys(keys))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldRequest {
    pub(super) toml: String,
}

/// Reads a body.
pub(super) fn read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // A value may be a secret, and serde quotes values: where it is has to do.
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        if let Some((message, help)) = document::about_a_key(&text) {
            let problem = Problem::new(StatusCode::BAD_REQUEST, message);
            return match help {
                Some(help) => problem.with_help(help),
                None => problem.with_help("docs/control.md shows what each endpoint takes"),
            };
        }
        let what = match error.classify() {
            serde_json::error::Category::Data => "a value has the wrong type",
            _ => "this is not JSON",
        };
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("{what}, at line {line}, column {column} of the body"),
        )
        .with_help("docs/control.md shows what each endpoint takes")
    })
}

const ONE: &str = "send the keys of one fault: {\"status\": 503}; PUT takes a list, and puts it in the place of all";

fn is_list(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"[")
}

/// Reads the one fault that a body is.
pub(super) fn fault(body: &[u8]) -> Result<Fault, Problem> {
    if is_list(body) {
        let message = "this adds one fault, and the body is a list";
        return Err(Problem::new(StatusCode::BAD_REQUEST, message).with_help(ONE));
    }
    let Keys(object) = read(body)?;
    if object.contains_key("faults") {
        let message = "this adds one fault, and `faults` is a list";
        return Err(Problem::new(StatusCode::BAD_REQUEST, message).with_help(ONE));
    }
    of_object(object)
}

/// Reads the faults that a body lists.
pub(super) fn faults(body: &[u8]) -> Result<FaultPlan, Problem> {
    if is_list(body) {
        let message = "the body is a list, and the list belongs into an object";
        return Err(Problem::new(StatusCode::BAD_REQUEST, message)
            .with_help("send {\"faults\": [...]}, as GET answers"));
    }
    let FaultsRequest { faults } = read(body)?;
    let count = faults.len();
    let plan = faults.into_iter().enumerate().map(|(index, Keys(object))| {
        let which = format!("fault {} of {count}", index + 1);
        of_object(object).map_err(|problem| problem.about(&which))
    });
    Ok(FaultPlan(plan.collect::<Result<_, _>>()?))
}

/// What GET tells of a fault beside its keys, so that its list can be put back.
const TOLD: &[&str] = &["id", "met", "fired"];

fn of_object(mut object: Map<String, Value>) -> Result<Fault, Problem> {
    // Serializers write what is not there as null.
    object.retain(|key, value| !TOLD.contains(&&**key) && !value.is_null());
    Fault::from_json(&object).map_err(Problem::no_fault)
}
