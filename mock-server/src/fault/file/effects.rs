//! What a table says that is to be done.

use std::time::Duration;

use super::{FaultEntry, SPAN_HELP};
use crate::document::{DocumentError, Source, Spanned};
use crate::duration;
use crate::fault::{Effect, Ending};

impl FaultEntry {
    /// Each that the table names, with its key.
    pub(super) fn effects(
        &self,
        source: &Source,
    ) -> Result<Vec<(&'static str, Effect)>, DocumentError> {
        let mut effects = Vec::new();
        if let Some(ending) = &self.refuse {
            effects.push(("refuse", Effect::Refuse(*ending.get_ref())));
        }
        let direction = self
            .direction
            .as_ref()
            .map(|direction| *direction.get_ref());
        for (key, after, ending) in [
            ("reset", &self.reset, Ending::Reset),
            ("close", &self.close, Ending::Close),
            ("stall", &self.stall, Ending::Stall),
        ] {
            if let Some(after) = after {
                let cut = Effect::Cut {
                    ending,
                    after: *after.get_ref(),
                    direction: direction.unwrap_or_default(),
                };
                effects.push((key, cut));
            }
        }
        if let Some(latency) = &self.latency {
            let jitter = self.jitter.as_ref();
            let latency = Effect::Latency {
                latency: span(source, latency)?,
                jitter: jitter.map_or(Ok(Duration::ZERO), |jitter| span(source, jitter))?,
            };
            effects.push(("latency", latency));
        }
        if let Some(bytes) = &self.bandwidth {
            if *bytes.get_ref() == 0 {
                let help = "`stall = 0` lets nothing through".to_owned();
                let message = "a bandwidth of nothing";
                return Err(source.error_at(bytes.span(), message, Some(help)));
            }
            effects.push(("bandwidth", Effect::Bandwidth(*bytes.get_ref())));
        }
        if let Some(fault) = &self.tls {
            effects.push(("tls", Effect::Tls(*fault.get_ref())));
        }
        if let Some(status) = &self.status {
            if !(200..=599).contains(status.get_ref()) {
                let message = "a status that ends no exchange";
                let help = "it is between 200 and 599".to_owned();
                return Err(source.error_at(status.span(), message, Some(help)));
            }
            if let Some(body) = &self.body
                && Effect::is_bodiless(*status.get_ref())
            {
                let message = format!("an answer with status {} has no body", status.get_ref());
                let help = "leave `body` out".to_owned();
                return Err(source.error_at(body.span(), message, Some(help)));
            }
            let answer = Effect::Status {
                status: *status.get_ref(),
                retry_after: self.retry_after.as_ref().map(|seconds| *seconds.get_ref()),
                body: self.body.as_ref().map(|body| body.get_ref().clone()),
            };
            effects.push(("status", answer));
        }
        if let Some(delay) = &self.first_byte {
            effects.push(("first_byte", Effect::FirstByte(span(source, delay)?)));
        }
        if let Some(bytes) = &self.truncate {
            effects.push(("truncate", Effect::Truncate(*bytes.get_ref())));
        }
        if let Some(corruption) = &self.corrupt {
            effects.push(("corrupt", Effect::Corrupt(*corruption.get_ref())));
        }
        Ok(effects)
    }
}

fn span(source: &Source, text: &Spanned<String>) -> Result<Duration, DocumentError> {
    duration::parse_positive(text.get_ref()).map_err(|error| {
        source.error_at(text.span(), error.to_string(), Some(SPAN_HELP.to_owned()))
    })
}
