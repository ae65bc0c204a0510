//! The commands at the head of a push, and the report on them.

use std::collections::BTreeSet;

use hyper::body::Bytes;

use super::pkt_line::{self, FLUSH};
use super::report::Report;
use super::request_body::RequestBody;
use super::side_band;
use crate::authn::verdict::{Reason, Refusal};
use crate::reported::{ReportedReason, ReportedRefusal};

/// As much as is read of commands: well more than the allowed number of the longest names.
const LIMIT: usize = 8 * 1024 * 1024;

/// The commands at the head of a push.
pub(super) struct Commands {
    /// The boundaries that a shallow client names, `shallow ID`.
    shallow: Vec<String>,
    pub(super) updates: Vec<Update>,
    /// What the report refuses.
    refusals: Vec<ReportedRefusal>,
    /// What the user is told beside the report.
    said: String,
    capabilities: BTreeSet<String>,
    /// What came behind them: the beginning of the pack.
    pub(super) rest: Bytes,
}

/// One reference to create, change or delete.
pub(super) struct Update {
    old: String,
    new: String,
    pub(super) reference: String,
}

impl Commands {
    /// Reads up to the flush packet behind them.
    pub(super) async fn read(request: &mut RequestBody) -> Result<Self, Refusal> {
        let malformed = |detail: &str| Refusal::new(Reason::RequestMalformed, detail);
        let mut bytes = Vec::new();
        let mut commands = Self {
            shallow: Vec::new(),
            updates: Vec::new(),
            refusals: Vec::new(),
            said: String::new(),
            capabilities: BTreeSet::new(),
            rest: Bytes::new(),
        };
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            if rest.starts_with(FLUSH) {
                commands.rest = Bytes::copy_from_slice(&rest[FLUSH.len()..]);
                return Ok(commands);
            }
            if let Some(digits) = rest.get(..4)
                && pkt_line::length(digits).is_none_or(|length| length <= 4)
            {
                return Err(malformed("the push does not begin with commands"));
            }
            if let Some((payload, _)) = pkt_line::split_first(rest) {
                at += payload.len() + 4;
                commands
                    .add(payload)
                    .ok_or_else(|| malformed("the push has a command that cannot be read"))?;
                continue;
            }
            match request.next().await? {
                Some(piece) => bytes.extend_from_slice(&piece),
                None => return Err(malformed("the push ends within its commands")),
            }
            if bytes.len() > LIMIT {
                return Err(malformed("the push has more than 8 MiB of commands"));
            }
        }
    }

    /// `OLD NEW REFERENCE`, and behind a NUL in the first one the capabilities.
    fn add(&mut self, payload: &[u8]) -> Option<()> {
        let text = std::str::from_utf8(payload).ok()?;
        let (command, capabilities) = text.split_once('\0').unwrap_or((text, ""));
        let command = command.trim_end_matches('\n');
        if let Some(boundary) = command.strip_prefix("shallow ") {
            self.shallow.push(object_id(boundary)?);
            return Some(());
        }
        let mut parts = command.splitn(3, ' ');
        let update = Update {
            old: object_id(parts.next()?)?,
            new: object_id(parts.next()?)?,
            reference: parts.next()?.to_owned(),
        };
        self.updates.push(update);
        let words = capabilities.split_whitespace().map(str::to_owned);
        self.capabilities.extend(words);
        Some(())
    }

    /// The commands for the local git: without the side-band, so that its report comes alone and whole.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut packets = Vec::new();
        for boundary in &self.shallow {
            packets.extend(pkt_line::encode(format!("shallow {boundary}").as_bytes()));
        }
        for (index, update) in self.updates.iter().enumerate() {
            let mut line = format!("{} {} {}", update.old, update.new, update.reference);
            if index == 0 {
                line.push_str("\0report-status delete-refs");
            }
            packets.extend(pkt_line::encode(line.as_bytes()));
        }
        packets.extend_from_slice(FLUSH);
        packets
    }

    fn has_side_band(&self) -> bool {
        self.capabilities.contains("side-band-64k")
    }

    /// What the user reads beside the report; nothing for a client that has no place for it.
    pub(super) fn progress(&self, text: &str) -> Vec<u8> {
        if self.has_side_band() {
            side_band::encode(side_band::PROGRESS, text.as_bytes())
        } else {
            Vec::new()
        }
    }

    /// The report of a push of which nothing was taken.
    pub(super) fn report(
        &mut self,
        refuse: impl Fn(&Update) -> (ReportedReason, &'static str),
    ) -> Vec<u8> {
        self.refuse(|update| Some(refuse(update)));
        self.complete(&pkt_line::encode(b"unpack ok\n"))
    }

    /// The report of a push whose pack cannot be taken.
    pub(super) fn report_unpack_error(&mut self, reason: ReportedReason, problem: &str) -> Vec<u8> {
        self.refusals.push(ReportedRefusal::of_all(reason, problem));
        let mut report = pkt_line::encode(format!("unpack {problem}\n").as_bytes());
        for update in &self.updates {
            let line = format!("ng {} unpacker error\n", update.reference);
            report.extend(pkt_line::encode(line.as_bytes()));
        }
        report.extend_from_slice(FLUSH);
        self.wrap(&report)
    }

    /// Takes the updates out that `refuse` has words for.
    pub(super) fn refuse(
        &mut self,
        refuse: impl Fn(&Update) -> Option<(ReportedReason, &'static str)>,
    ) {
        let updates = std::mem::take(&mut self.updates);
        for update in updates {
            match refuse(&update) {
                Some((reason, words)) => {
                    let refusal = ReportedRefusal::of(update.reference, reason, words);
                    self.refusals.push(refusal);
                }
                None => self.updates.push(update),
            }
        }
    }

    /// What the report refuses, once it is made.
    pub(super) fn refusals(&self) -> &[ReportedRefusal] {
        &self.refusals
    }

    /// Tells the user something beside the report.
    pub(super) fn say(&mut self, text: String) {
        self.said = text;
    }

    /// What the user is told beside the report.
    pub(super) fn said(&self) -> &str {
        &self.said
    }

    /// Git's report, with the lines of those updates that it never saw.
    pub(super) fn complete(&mut self, report: &[u8]) -> Vec<u8> {
        let mut lines = report.strip_suffix(FLUSH).unwrap_or(report).to_vec();
        for refusal in &self.refusals {
            let (reference, words) = (refusal.reference.as_deref(), &refusal.words);
            let line = format!("ng {} {words}\n", reference.unwrap_or_default());
            lines.extend(pkt_line::encode(line.as_bytes()));
        }
        lines.extend_from_slice(FLUSH);
        self.refusals
            .extend(Report::read(report, &self.names()).refused);
        self.wrap(&lines)
    }

    /// The references that it names.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.updates.iter().map(|update| update.reference.clone());
        names.collect()
    }

    /// A report in the form that the client asked for; none if it asked for none.
    fn wrap(&self, report: &[u8]) -> Vec<u8> {
        let wants_report = self.capabilities.contains("report-status");
        let mut answer = Vec::new();
        if self.has_side_band() {
            if wants_report {
                answer.extend(side_band::encode(side_band::DATA, report));
            }
            answer.extend_from_slice(FLUSH);
        } else if wants_report {
            answer.extend_from_slice(report);
        }
        answer
    }
}

impl Update {
    /// What CodeCommit's rules say against the name (user guide, "Quotas in AWS CodeCommit", branch names); the words, and
    /// that they come on this line, are assumed. A reference may always be deleted.
    pub(super) fn bad_name(&self) -> Option<(ReportedReason, &'static str)> {
        let is_deletion = self.new.bytes().all(|byte| byte == b'0');
        let branch = self.reference.strip_prefix("refs/heads/")?;
        if is_deletion {
            None
        } else if branch.chars().count() > 256 {
            Some((
                ReportedReason::BranchNameTooLong,
                "a branch name has 256 characters at most",
            ))
        } else if branch.len() == 40 && object_id(branch).is_some() {
            Some((
                ReportedReason::BranchNameLikeACommit,
                "a branch name cannot look like a commit id",
            ))
        } else {
            None
        }
    }
}

fn object_id(text: &str) -> Option<String> {
    let is_id = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}
