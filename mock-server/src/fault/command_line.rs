//! Faults as one text, for the command line: `status=429,path=/v1/repos/*,times=2`.

use std::str::FromStr;

use super::file::{FaultEntry, put_right};
use super::{Fault, FaultPlan};
use crate::document::{self, DocumentError, Source};

/// The text does not say what goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", self.advice())]
pub struct NotAFault {
    /// What is wrong with it, in lower case.
    pub message: String,
    /// What to write instead, where that is known. It stands in the error's text, too.
    pub help: Option<String>,
}

impl NotAFault {
    fn advice(&self) -> String {
        let advice = self.help.as_ref().map(|help| format!("; {help}"));
        advice.unwrap_or_default()
    }
}

/// The place is one in a table that nobody has written.
impl From<DocumentError> for NotAFault {
    fn from(error: DocumentError) -> Self {
        let DocumentError { message, help, .. } = error;
        Self { message, help }
    }
}

impl FromStr for Fault {
    type Err = NotAFault;

    /// The keys of a `[[fault]]` table with commas between them.
    fn from_str(text: &str) -> Result<Self, NotAFault> {
        let mut table = String::new();
        let mut end = 0;
        for pair in text.split(',') {
            let start = end;
            end += pair.len() + 1;
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Source::new("fault", text).error_at(
                    start..start + pair.len(),
                    format!("`{pair}` says nothing"),
                    Some(match start {
                        0 => "write `KEY=VALUE`, with commas between: `status=429,path=/v1/repos/*,times=2`".to_owned(),
                        _ => "write `KEY=VALUE` behind each comma; a value that has a comma in it goes into a file: `--faults FILE`".to_owned(),
                    }),
                )
            })?;
            table.push_str(&format!("{} = {}\n", key.trim(), literal(value.trim())));
        }
        read_table(&table)
    }
}

impl Fault {
    /// Reads the object of a request to the control interface: the keys of a `[[fault]]` table.
    pub(crate) fn from_json(
        object: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, NotAFault> {
        let table: String = object
            .iter()
            .map(|(key, value)| format!("{key:?} = {}\n", in_toml(value)))
            .collect();
        read_table(&table)
    }
}

impl From<Fault> for FaultPlan {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl FromIterator<Fault> for FaultPlan {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

fn read_table(table: &str) -> Result<Fault, NotAFault> {
    let source = Source::new("fault", table);
    let entry: Result<FaultEntry, _> = document::parse(&source);
    entry
        .and_then(|entry| entry.resolve(&source, 0..table.len()))
        .map_err(|error| with_key(error, table).into())
}

/// Texts and numbers are written in TOML as they are in JSON, and a fault has nothing else.
fn in_toml(value: &serde_json::Value) -> String {
    /// Whole numbers beyond it may have become ones with an exponent, which TOML takes for fractions.
    const WHOLE: f64 = 1e18;
    match value.as_f64() {
        Some(number) if value.is_f64() && number.abs() > WHOLE => format!("{number:.0}"),
        _ => value.to_string(),
    }
}

/// Nobody has written the table: what is wrong is known by its key, which stands alone on its line.
fn with_key(mut error: DocumentError, table: &str) -> DocumentError {
    let lines = table
        .get(error.span.clone())
        .map_or(0, |at| at.lines().count());
    let line = table.lines().nth(error.line() - 1);
    let key = line.and_then(|line| line.split_once(" = "));
    let Some((key, value)) = key.filter(|_| lines <= 1) else {
        return error;
    };
    let key = key.trim_matches('"');
    if error.help.is_none() && error.message.contains("duplicate key") {
        let help = "a fault has each key once; another fault is another `--fault`";
        error.help = Some(help.to_owned());
    }
    put_right(&mut error, key, value);
    if !error.message.contains(&format!("`{key}`")) {
        error.message = format!("`{key}`: {}", error.message);
    }
    error
}

/// A number as it is, everything else as a text.
fn literal(value: &str) -> String {
    let digits = value.starts_with(|start: char| start.is_ascii_digit() || start == '-');
    if digits && value.parse::<f64>().is_ok() {
        return value.to_owned();
    }
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Effect, TlsFault};

    #[test]
    fn keys_and_values_with_commas_between() {
        let fault: Fault = "status=429, path=/v1/repos/*,times=2,retry_after=7"
            .parse()
            .unwrap();
        let answer = Effect::Status {
            status: 429,
            retry_after: Some(7),
            body: None,
        };
        assert_eq!(fault.effect, answer);
        assert_eq!(fault.path.as_deref(), Some("/v1/repos/*"));
        assert_eq!(fault.times, Some(2));
        let fault: Fault = "tls=wrong-host,probability=1".parse().unwrap();
        assert_eq!(fault.effect, Effect::Tls(TlsFault::WrongHost));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_way_out() {
        for (text, message, help) in [
            ("refuse", "`refuse` says nothing", "write `KEY=VALUE`"),
            (
                "status=503,body=a,b",
                "`b` says nothing",
                "write `KEY=VALUE` behind each comma; a value that has a comma in it goes into a file",
            ),
            (
                "reset=99999999999999999999",
                "`reset`: this number is out of range; expected a whole number from 0 to",
                "",
            ),
            (
                "STATUS=503",
                "unknown key `STATUS`",
                "did you mean `status`?",
            ),
            ("stauts=3", "unknown key `stauts`", "did you mean `status`?"),
            (
                "refuse=rest",
                "`refuse`: unknown value `rest`",
                "did you mean `reset`?",
            ),
            ("", "`` says nothing", "write `KEY=VALUE`"),
            (
                "status=x",
                "`status`: this is a text; expected a whole number",
                "write digits alone",
            ),
            (
                "status=503,retry_after=-1",
                "`retry_after`: this number is out of range",
                "write digits alone",
            ),
            (
                "latency=200",
                "`latency`: this is a number; expected a text",
                "write how long, more than nothing and with its unit: `200ms`",
            ),
            (
                "latency=1s,jitter=-5ms",
                "`jitter`: `-5ms` is not a span of time",
                "write how long, more than nothing",
            ),
            (
                "status=503,probability=nan",
                "`probability`: this is a text; expected a number",
                "write a number from 0 to 1",
            ),
            (
                "status=503,status=504",
                "`status`: duplicate key",
                "a fault has each key once",
            ),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            let told = error.to_string();
            assert!(told.starts_with(message), "{told}");
            // Whoever prints no more than the error reads the way out, too.
            assert!(told.contains(help), "{told}");
            assert!(error.help.unwrap_or_default().starts_with(help), "{text}");
        }
    }
}
