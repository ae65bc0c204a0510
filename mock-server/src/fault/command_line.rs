//! Faults as one text, for the command line: `status=429,path=/v1/repos/*,times=2`.

use std::str::FromStr;

use super::file::FaultEntry;
use super::{Fault, FaultPlan};
use crate::document::{self, DocumentError, Source};

impl FromStr for Fault {
    type Err = DocumentError;

    /// The keys of a `[[fault]]` table with commas between them.
    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let pairs = text.split(',').map(|pair| pair.split_once('=').ok_or(pair));
        let mut table = String::new();
        for pair in pairs {
            let (key, value) = pair.map_err(|pair| {
                let start = text.find(pair).unwrap_or_default();
                Source::new("fault", text).error_at(
                    start..start + pair.len(),
                    format!("`{pair}` says nothing"),
                    Some("write `KEY=VALUE`, with commas between: `status=429,path=/v1/repos/*,times=2`".to_owned()),
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
    let entry: FaultEntry = document::parse(&source)?;
    entry.resolve(&source, 0..table.len())
}

/// A number as it is, everything else as a text.
fn literal(value: &str) -> String {
    let digits = value.starts_with(|start: char| start.is_ascii_digit());
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
                "stauts=3",
                "fault:1:1: unknown key `stauts`",
                "did you mean `status`?",
            ),
            (
                "refuse=rest",
                "fault:1:10: unknown value `rest`",
                "did you mean `reset`?",
            ),
            ("", "fault:1:1: `` says nothing", "write `KEY=VALUE`"),
            (
                "status=x",
                "fault:1:10: this is a text; expected a whole number",
                "",
            ),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.help.unwrap_or_default().starts_with(help), "{text}");
        }
    }
}
