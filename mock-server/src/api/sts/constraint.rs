//! What parameters must look like: the constraints of the API model, reported as STS reports them.

use time::Duration;

use super::Call;
use super::Fault;

/// A parameter's name in an error: its first letter is small there.
fn named(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_lowercase(), letters.as_str()),
        None => String::new(),
    }
}

fn violation(what: &str) -> Fault {
    Fault::validation(format!("1 validation error detected: {what}"))
}

fn violated(name: &str, value: &str, constraint: &str) -> Fault {
    violation(&format!(
        "Value '{value}' at '{}' failed to satisfy constraint: {constraint}",
        named(name)
    ))
}

impl Call<'_> {
    /// A parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Fault> {
        self.parameter(name).ok_or_else(|| {
            violation(&format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                named(name)
            ))
        })
    }

    /// `RoleSessionName`: 2 to 64 of `[\w+=,.@-]`.
    pub(super) fn session_name(&self) -> Result<&str, Fault> {
        const NAME: &str = "RoleSessionName";
        let value = self.required(NAME)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        let problem = if !value.chars().all(allowed) {
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        } else if value.len() < 2 {
            "Member must have length greater than or equal to 2"
        } else if value.len() > 64 {
            "Member must have length less than or equal to 64"
        } else {
            return Ok(value);
        };
        Err(violated(NAME, value, problem))
    }

    /// `RoleArn`: only its length is a constraint of the API.
    pub(super) fn role_arn(&self) -> Result<&str, Fault> {
        const NAME: &str = "RoleArn";
        let value = self.required(NAME)?;
        if value.len() < 20 {
            return Err(violated(
                NAME,
                value,
                "Member must have length greater than or equal to 20",
            ));
        }
        Ok(value)
    }

    /// `DurationSeconds`, 900 to `most`; `None` if it is not there.
    pub(super) fn duration(&self, most: i64) -> Result<Option<Duration>, Fault> {
        const NAME: &str = "DurationSeconds";
        let Some(value) = self.parameter(NAME) else {
            return Ok(None);
        };
        let seconds: i64 = value
            .parse()
            .map_err(|_| Fault::validation(format!("{NAME} is not a number")))?;
        if seconds < 900 {
            let constraint = "Member must have value greater than or equal to 900";
            Err(violated(NAME, value, constraint))
        } else if seconds > most {
            let constraint = format!("Member must have value less than or equal to {most}");
            Err(violated(NAME, value, &constraint))
        } else {
            Ok(Some(Duration::seconds(seconds)))
        }
    }
}
