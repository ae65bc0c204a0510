//! Git's own report on a push.

use super::pkt_line;
use crate::journal::Recording;
use crate::printable::printable_word;
use crate::reported::{ReportedReason, ReportedRefusal};

/// What it says.
#[derive(Debug)]
pub(super) struct Report {
    /// The references that are as the push wants them now.
    changed: Vec<String>,
    pub(super) refused: Vec<ReportedRefusal>,
}

impl Report {
    /// Reads a report on a push of these references.
    pub(super) fn read(mut report: &[u8], names: &[String]) -> Self {
        let (mut changed, mut refused) = (Vec::new(), Vec::new());
        while let Some((payload, rest)) = pkt_line::split_first(report) {
            report = rest;
            let line = String::from_utf8_lossy(payload);
            let line = line.trim_end_matches('\n');
            let reason = ReportedReason::GitRefused;
            if let Some(name) = line.strip_prefix("ok ") {
                changed.push(name.to_owned());
            } else if let Some(line) = line.strip_prefix("ng ") {
                // Where git refuses the name itself, there may be spaces in it.
                let known = names.iter().filter_map(|name| {
                    let words = line.strip_prefix(&**name)?;
                    Some((&**name, words.strip_prefix(' ')?))
                });
                let longest = known.max_by_key(|(name, _)| name.len());
                if let Some((name, words)) = longest.or_else(|| line.split_once(' ')) {
                    refused.push(ReportedRefusal::of(name, reason, words));
                }
            } else if let Some(problem) = line.strip_prefix("unpack ").filter(|it| *it != "ok") {
                refused.push(ReportedRefusal::of_all(reason, problem));
            }
        }
        Self { changed, refused }
    }

    /// Writes down which references are changed.
    pub(super) fn note_changed(self, recording: &Recording) {
        let changed = self.changed.into_iter().map(printable_word).collect();
        recording.note(|exchange| exchange.changed = changed);
    }

    /// Writes down all of it: nobody else will.
    pub(super) fn note(self, recording: &Recording) {
        let refused = self.refused.iter().map(ReportedRefusal::printable);
        let refused: Vec<_> = refused.collect();
        recording.note(|exchange| exchange.refusals.extend(refused));
        self.note_changed(recording);
    }
}
