//! Faults as they stand in a document.

mod checks;
mod effects;

use std::ops::Range;

use serde::Deserialize;

use super::{Corruption, Direction, Ending, Fault, FaultPlan, TlsFault};
use crate::document::{self, DocumentError, Source, Spanned};

/// A file of `[[fault]]` tables.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultPlanFile {
    #[serde(default)]
    fault: Vec<Spanned<FaultEntry>>,
}

/// One `[[fault]]` table; [`FaultEntry::plan`] makes a plan of some.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultEntry {
    host: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    method: Option<Spanned<String>>,
    nth: Option<Spanned<u64>>,
    times: Option<Spanned<u64>>,
    probability: Option<Spanned<f64>>,
    seed: Option<Spanned<u64>>,

    refuse: Option<Spanned<Ending>>,
    reset: Option<Spanned<u64>>,
    close: Option<Spanned<u64>>,
    stall: Option<Spanned<u64>>,
    direction: Option<Spanned<Direction>>,
    latency: Option<Spanned<String>>,
    jitter: Option<Spanned<String>>,
    bandwidth: Option<Spanned<u64>>,
    tls: Option<Spanned<TlsFault>>,
    status: Option<Spanned<u16>>,
    retry_after: Option<Spanned<u64>>,
    body: Option<Spanned<String>>,
    first_byte: Option<Spanned<String>>,
    truncate: Option<Spanned<u64>>,
    corrupt: Option<Spanned<Corruption>>,
}

/// How a delay is written.
pub(super) const SPAN_HELP: &str =
    "write how long, more than nothing and with its unit: `200ms`, `3s`, `1m30s`";

/// The keys of which each fault has one.
const EFFECTS: &str = "`refuse`, `reset`, `close`, `stall`, `latency`, `bandwidth`, `tls`, `status`, `first_byte`, `truncate` or `corrupt`";

impl FaultPlan {
    /// Reads a document of `[[fault]]` tables.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(source: &Source) -> Result<Self, DocumentError> {
        let file: FaultPlanFile = document::parse(source).map_err(in_file)?;
        FaultEntry::plan(&file.fault, source)
    }
}

/// What a value of the wrong type should be is known by the key on its line.
fn in_file(mut error: DocumentError) -> DocumentError {
    let text = error.source_text.text().to_owned();
    let line = text.lines().nth(error.line() - 1);
    if let Some((key, value)) = line.and_then(|line| line.split_once('=')) {
        put_right(&mut error, key.trim(), value.trim());
    }
    error
}

/// Says what to write for a key.
pub(super) fn put_right(error: &mut DocumentError, key: &str, value: &str) {
    let is_number = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
    if is_number && error.message.ends_with("expected a whole number") {
        let most = u64::MAX;
        error.message =
            format!("this number is out of range; expected a whole number from 0 to {most}");
        return;
    }
    if error.help.is_some() || !error.message.starts_with("this ") {
        return;
    }
    error.help = match key {
        "latency" | "jitter" | "first_byte" => Some(SPAN_HELP.to_owned()),
        "probability" => Some("write a number from 0 to 1: `0.1`".to_owned()),
        _ if error.message.contains("a whole number") => {
            Some("write digits alone, without a unit and without quotes".to_owned())
        }
        _ => None,
    };
}

impl FaultEntry {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in `source`.
    pub fn plan(entries: &[Spanned<Self>], source: &Source) -> Result<FaultPlan, DocumentError> {
        let faults = entries.iter().map(|entry| {
            let whole = entry.span();
            entry.get_ref().resolve(source, whole)
        });
        Ok(FaultPlan(faults.collect::<Result<_, _>>()?))
    }

    /// `whole` is where the table stands.
    pub(super) fn resolve(
        &self,
        source: &Source,
        whole: Range<usize>,
    ) -> Result<Fault, DocumentError> {
        let effects = self.effects(source)?;
        let [(key, effect)] = <[_; 1]>::try_from(effects).map_err(|effects| {
            let message = match effects.len() {
                0 => "a fault that does nothing",
                _ => "a fault that does two things",
            };
            let help = format!("it has exactly one of {EFFECTS}");
            source.error_at(whole, message, Some(help))
        })?;
        self.fits(source, key, &effect)?;
        self.can_match(source)?;
        let some = |number: &Option<Spanned<u64>>, name: &str| match number {
            Some(number) if *number.get_ref() == 0 => {
                Err(source.error_at(number.span(), format!("`{name}` is counted from one"), None))
            }
            number => Ok(number.as_ref().map(|number| *number.get_ref())),
        };
        if let Some(probability) = &self.probability
            && !(0.0..=1.0).contains(probability.get_ref())
        {
            let message = "a probability lies between 0 and 1";
            return Err(source.error_at(probability.span(), message, None));
        }
        let text =
            |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
        Ok(Fault {
            effect,
            host: text(&self.host),
            path: text(&self.path),
            method: text(&self.method),
            nth: some(&self.nth, "nth")?,
            times: some(&self.times, "times")?,
            probability: self.probability.as_ref().map(|number| *number.get_ref()),
            seed: self.seed.as_ref().map(|number| *number.get_ref()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, String) {
        let error = FaultPlan::parse(&Source::new("f.toml", text)).unwrap_err();
        (error.to_string(), error.help.unwrap_or_default())
    }

    #[test]
    fn a_plan_of_every_effect() {
        let text = "refuse = 'close'\n reset = 0\n close = 10\n stall = 1\n latency = '200ms'\n bandwidth = 9\n tls = 'unknown-ca'
             status = 429\n first_byte = '3s'\n truncate = 64\n corrupt = 'side-band'";
        let tables: String = text
            .lines()
            .map(|line| format!("[[fault]]\n{}\n", line.trim()))
            .collect();
        let plan = FaultPlan::parse(&Source::new("f.toml", &tables)).unwrap();
        assert_eq!(plan.0.len(), text.lines().count());
    }

    #[test]
    fn what_is_wrong_is_located_and_the_way_out_named() {
        for (text, message, help) in [
            (
                "[[fault]]\nstauts = 1",
                "f.toml:2:1: unknown key `stauts`",
                "did you mean `status`?",
            ),
            (
                "[[fault]]\npath = '/x'",
                "f.toml:1:1: a fault that does nothing",
                "it has exactly one of",
            ),
            (
                "[[fault]]\nreset = 1\nstatus = 500",
                "f.toml:1:1: a fault that does two things",
                "it has exactly one of",
            ),
            (
                "[[fault]]\ntls = 'expird'",
                "f.toml:2:7: unknown value `expird`",
                "did you mean `expired`?",
            ),
            (
                "[[fault]]\ntls = 'expired'\npath = '/x'",
                "f.toml:3:8: `path` means nothing with `tls`",
                "no request is known yet",
            ),
            (
                "[[fault]]\nlatency = '1s'\npath = '/x'",
                "f.toml:3:8: `path` means nothing with `latency`",
                "no request is known yet; `first_byte` delays",
            ),
            (
                "[[fault]]\nstatus = 42",
                "f.toml:2:10: a status that ends no exchange",
                "it is between",
            ),
            (
                "[[fault]]\nstatus = 500\nnth = 0",
                "f.toml:3:7: `nth` is counted from one",
                "",
            ),
            (
                "[[fault]]\nstatus = 500\nprobability = 2.0",
                "f.toml:3:15: a probability lies",
                "",
            ),
            (
                "[[fault]]\nstatus = 204\nbody = 'x'",
                "f.toml:3:8: an answer with status 204 has no body",
                "leave `body` out",
            ),
            (
                "[[fault]]\nstatus = 503\npath = 'v1/repos/*'",
                "f.toml:3:8: a path that no request has",
                "write `/v1/repos/*`",
            ),
            (
                "[[fault]]\nstatus = 503\npath = ''",
                "f.toml:3:8: a path that no request has",
                "leave it out to meet every path",
            ),
            (
                "[[fault]]\nstatus = 503\nmethod = 'PSOT'",
                "f.toml:3:10: unknown method `PSOT`",
                "did you mean `POST`?",
            ),
            (
                "[[fault]]\nstatus = 503\npath = 'https://git-codecommit.us-east-2.amazonaws.com/v1/repos/*'",
                "f.toml:3:8: a path that no request has",
                "write `/v1/repos/*`",
            ),
            (
                "[[fault]]\nstatus = 503\npath = \"/x\\n\"",
                "f.toml:3:8: a path that no request has",
                "it has no spaces",
            ),
            (
                "[[fault]]\nstatus = 503\nhost = ''",
                "f.toml:3:8: a host that no request has",
                "leave it out to meet every host",
            ),
            (
                "[[fault]]\nstatus = 503\nhost = 'https://git-codecommit.us-east-2.amazonaws.com/'",
                "f.toml:3:8: a host that no request has",
                "write the name alone",
            ),
            (
                "[[fault]]\nstatus = 503\nseed = 7",
                "f.toml:3:8: `seed` means nothing with `status`",
                "it belongs to `probability`",
            ),
            (
                "[[fault]]\nlatency = 'soon'",
                "f.toml:2:11: `soon` is not a span of time",
                "write how long",
            ),
            (
                "[[fault]]\nlatency = 5",
                "f.toml:2:11: this is a number; expected a text",
                "write how long",
            ),
            (
                "[[fault]]\nreset = '5'",
                "f.toml:2:9: this is a text; expected a whole number",
                "write digits alone, without a unit and without quotes",
            ),
            (
                "[[fault]]\nnth = 2026-01-01",
                "f.toml:2:7: this is a date; expected a whole number",
                "write digits alone",
            ),
            (
                "[[fault]]\nreset = 1\nbody = 'x'",
                "f.toml:3:8: `body` means nothing with `reset`",
                "it belongs to `status`",
            ),
        ] {
            let (found, advice) = refused(text);
            assert!(found.starts_with(message), "{found}");
            assert!(advice.starts_with(help), "{advice}");
        }
    }
}
