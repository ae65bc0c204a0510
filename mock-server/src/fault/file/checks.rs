//! What a fault cannot be for, and what means nothing beside what it does.

use super::FaultEntry;
use crate::document::{self, DocumentError, Source, Spanned};
use crate::fault::Effect;

/// Those that a request may have.
const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE",
];

impl FaultEntry {
    /// Refuses what no request could ever have.
    pub(super) fn can_match(&self, source: &Source) -> Result<(), DocumentError> {
        let blank = |text: &str| text.contains(|c: char| c.is_whitespace() || c.is_control());
        if let Some(host) = &self.host
            && (host.get_ref().is_empty() || blank(host.get_ref()) || host.get_ref().contains('/'))
        {
            let help = match host.get_ref().is_empty() {
                true => "leave it out to meet every host",
                false => "write the name alone: `git-codecommit.us-east-2.amazonaws.com`",
            };
            let message = "a host that no request has";
            return Err(source.error_at(host.span(), message, Some(help.to_owned())));
        }
        if let Some(path) = &self.path
            && (!path.get_ref().starts_with(['/', '*']) || blank(path.get_ref()))
        {
            let after_the_host = |url: &str| {
                let (_, rest) = url.split_once("://")?;
                rest.find('/').map(|at| rest[at..].to_owned())
            };
            let help = match &**path.get_ref() {
                "" => "leave it out to meet every path".to_owned(),
                path if blank(path) => "it has no spaces and line ends".to_owned(),
                path => {
                    let path = after_the_host(path).unwrap_or_else(|| format!("/{path}"));
                    format!("write `{path}`, or `*` where it may begin with anything")
                }
            };
            let message = "a path that no request has";
            return Err(source.error_at(path.span(), message, Some(help)));
        }
        if let Some(method) = &self.method
            && !METHODS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(method.get_ref()))
        {
            let written = method.get_ref();
            let help = document::suggestion(&written.to_ascii_uppercase(), METHODS.iter().copied());
            let message = format!("unknown method `{written}`");
            return Err(source.error_at(method.span(), message, help));
        }
        Ok(())
    }

    /// Refuses keys that mean nothing beside this effect.
    pub(super) fn fits(
        &self,
        source: &Source,
        key: &str,
        effect: &Effect,
    ) -> Result<(), DocumentError> {
        let before_requests = effect.precedes_requests();
        let span = |text: &Option<Spanned<String>>| text.as_ref().map(Spanned::span);
        let help = match effect {
            Effect::Latency { .. } => {
                "no request is known yet; `first_byte` delays the answer to one"
            }
            _ => "no request is known yet: leave it out, or choose an effect on requests",
        };
        for (name, misplaced, help) in [
            ("path", span(&self.path).filter(|_| before_requests), help),
            (
                "method",
                span(&self.method).filter(|_| before_requests),
                help,
            ),
            (
                "direction",
                self.direction
                    .as_ref()
                    .map(Spanned::span)
                    .filter(|_| !matches!(effect, Effect::Cut { .. })),
                "it belongs to `reset`, `close` and `stall`",
            ),
            (
                "seed",
                self.seed
                    .as_ref()
                    .map(Spanned::span)
                    .filter(|_| self.probability.is_none() && self.jitter.is_none()),
                "it belongs to `probability` and `jitter`",
            ),
            (
                "jitter",
                span(&self.jitter).filter(|_| !matches!(effect, Effect::Latency { .. })),
                "it belongs to `latency`",
            ),
            (
                "retry_after",
                self.retry_after
                    .as_ref()
                    .map(Spanned::span)
                    .filter(|_| !matches!(effect, Effect::Status { .. })),
                "it belongs to `status`",
            ),
            (
                "body",
                span(&self.body).filter(|_| !matches!(effect, Effect::Status { .. })),
                "it belongs to `status`",
            ),
        ] {
            if let Some(place) = misplaced {
                let message = format!("`{name}` means nothing with `{key}`");
                return Err(source.error_at(place, message, Some(help.to_owned())));
            }
        }
        Ok(())
    }
}
