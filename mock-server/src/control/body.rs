//! What the control interface is sent, and what is wrong with it.

use hyper::StatusCode;
use serde::Deserialize;
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
    faults: Vec<Map<String, Value>>,
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

/// Reads the one fault that a body is.
pub(super) fn fault(body: &[u8]) -> Result<Fault, Problem> {
    let object: Map<String, Value> = read(body)?;
    if object.contains_key("faults") {
        let message = "this adds one fault, and `faults` is a list";
        return Err(Problem::new(StatusCode::BAD_REQUEST, message).with_help(
            "send the keys of one fault: {\"status\": 503}; PUT takes a list, and puts it in the place of all",
        ));
    }
    of_object(object)
}

/// Reads the faults that a body lists.
pub(super) fn faults(body: &[u8]) -> Result<FaultPlan, Problem> {
    let request: FaultsRequest = read(body)?;
    let plan: Result<Vec<Fault>, Problem> = request.faults.into_iter().map(of_object).collect();
    plan.map(FaultPlan)
}

/// What GET tells of a fault beside its keys, so that its list can be put back.
const TOLD: &[&str] = &["id", "met", "fired"];

fn of_object(mut object: Map<String, Value>) -> Result<Fault, Problem> {
    object.retain(|key, _| !TOLD.contains(&&**key));
    Fault::from_json(&object).map_err(Problem::without_place)
}
