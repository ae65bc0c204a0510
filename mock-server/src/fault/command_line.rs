//! Faults as one text, for the command line: `status=429,path=/v1/repos/*,times=2`.

use std::str::FromStr;

use super::file::{FaultEntry, put_right};
use super::{Fault, FaultPlan};
use crate::document::{self, DocumentError, Source};

impl FromStr for Fault {
    type Err = DocumentError;

    /// The keys of a `[[fault]]` table with commas between them.
    fn from_str(text: &str) -> Result<Self, DocumentError> {
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
    ) -> Result<Self, DocumentError> {
        let table: String = object
            .iter()
            // Texts and numbers are written in TOML as they are in JSON, and a fault has nothing else.
            .map(|(key, value)| format!("{key:?} = {value}\n"))
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

fn read_table(table: &str) -> Result<Fault, DocumentError> {
    let source = Source::new("fault", table);
    let entry: Result<FaultEntry, _> = document::parse(&source);
    entry
        .and_then(|entry| entry.resolve(&source, 0..table.len()))
        .map_err(|error| with_key(error, table))
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
            (
                "refuse",
                "fault:1:1: `refuse` says nothing",
                "write `KEY=VALUE`",
            ),
            (
                "status=503,body=a,b",
                "fault:1:19: `b` says nothing",
                "write `KEY=VALUE` behind each comma; a value that has a comma in it goes into a file",
            ),
            (
                "reset=99999999999999999999",
                "fault:1:9: `reset`: this number is out of range; expected a whole number from 0 to",
                "",
            ),
            (
                "STATUS=503",
                "fault:1:1: unknown key `STATUS`",
                "did you mean `status`?",
            ),
            (
                "stauts=3",
                "fault:1:1: unknown key `stauts`",
                "did you mean `status`?",
            ),
            (
                "refuse=rest",
                "fault:1:10: `refuse`: unknown value `rest`",
                "did you mean `reset`?",
            ),
            ("", "fault:1:1: `` says nothing", "write `KEY=VALUE`"),
            (
                "status=x",
                "fault:1:10: `status`: this is a text; expected a whole number",
                "write digits alone",
            ),
            (
                "status=503,retry_after=-1",
                "fault:2:15: `retry_after`: this number is out of range",
                "write digits alone",
            ),
            (
                "latency=200",
                "fault:1:11: `latency`: this is a number; expected a text",
                "write how long, more than nothing and with its unit: `200ms`",
            ),
            (
                "latency=1s,jitter=-5ms",
                "fault:2:10: `jitter`: `-5ms` is not a span of time",
                "write how long, more than nothing",
            ),
            (
                "status=503,probability=nan",
                "fault:2:15: `probability`: this is a text; expected a number",
                "write a number from 0 to 1",
            ),
            (
                "status=503,status=504",
                "fault:2:1: `status`: duplicate key",
                "a fault has each key once",
            ),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            let told = error.to_string();
            assert!(told.starts_with(message), "{told}");
            assert!(error.help.unwrap_or_default().starts_with(help), "{text}");
        }
    }
}
