//! A push, as CodeCommit takes it: the commands are read and judged before git sees them, the pack is looked at while it
//! passes, and the report is ours.

use std::collections::BTreeSet;

use hyper::body::Bytes;
use tokio::io::AsyncWriteExt as _;

use super::child::{GitChild, Pipes};
use super::pack_scan::PackScan;
use super::pkt_line::{self, FLUSH};
use super::request_body::RequestBody;
use super::side_band;
use crate::authn::verdict::{Reason, Refusal};
use crate::journal::Recording;

/// How many references one push may create, update and delete together (user guide, "Quotas in AWS CodeCommit").
const REFERENCES_PER_PUSH: usize = 4_000;

/// As much as is read of commands: well more than the allowed number of the longest names.
const COMMANDS_LIMIT: usize = 8 * 1024 * 1024;

/// What a denied user reads; seen in a public lab note. That it comes as the report on each reference is inferred from
/// CloudTrail, which logs the second check with the data.
const DENIED: &str = "You don't have permission to push changes to this branch.";

/// The commands at the head of a push.
pub(super) struct Commands {
    /// The boundaries that a shallow client names, `shallow ID`.
    shallow: Vec<String>,
    updates: Vec<Update>,
    capabilities: BTreeSet<String>,
    /// What came behind them: the beginning of the pack.
    rest: Bytes,
}

/// One reference to create, change or delete.
struct Update {
    old: String,
    new: String,
    reference: String,
}

/// How a push came out.
pub(super) enum Outcome {
    /// This is the answer.
    Answered(Vec<u8>),
    /// Git has to be asked: these commands, then the pack.
    Open(Commands),
}

/// Reads the commands and judges them. `may_push` is asked about the references, once the commands are in order.
pub(super) async fn judge(
    request: &mut RequestBody,
    recording: &Recording,
    may_push: impl Fn(&[&str]) -> Result<(), Refusal>,
) -> Result<Outcome, Refusal> {
    let commands = Commands::read(request).await?;
    if commands.updates.is_empty() {
        // The probe that git sends before a large push: four bytes, `0000`.
        request.drain().await?;
        return Ok(Outcome::Answered(Vec::new()));
    }
    let report = if commands.updates.len() > REFERENCES_PER_PUSH {
        Some(commands.report_unpack_error("Too many reference update commands"))
    } else if commands
        .updates
        .iter()
        .any(|update| update.bad_name().is_some())
    {
        Some(commands.report(|update| match update.bad_name() {
            Some(problem) => problem.to_owned(),
            None => "another reference of this push was refused".to_owned(),
        }))
    } else {
        let references: Vec<&str> = commands
            .updates
            .iter()
            .map(|update| &*update.reference)
            .collect();
        match may_push(&references) {
            Ok(()) => None,
            Err(refusal) => {
                recording.note(|exchange| exchange.verdict = Some(refusal.into()));
                Some(commands.report(|_| DENIED.to_owned()))
            }
        }
    };
    match report {
        None => Ok(Outcome::Open(commands)),
        Some(report) => {
            // Answered only when the client has sent its pack: it does not listen before.
            request.drain().await?;
            Ok(Outcome::Answered(report))
        }
    }
}

/// Passes a judged push to git, and gives the answer.
pub(super) async fn run(
    child: GitChild,
    pipes: Pipes,
    commands: Commands,
    request: &mut RequestBody,
    recording: &Recording,
) -> Result<Vec<u8>, Refusal> {
    let Pipes { mut stdin, stderr } = pipes;
    let head = commands.encode();
    let mut rest = commands.rest.clone();
    let pump = async {
        let mut scan = PackScan::new();
        let mut child_listens = stdin.write_all(&head).await.is_ok();
        loop {
            if let Err(unacceptable) = scan.feed(&rest) {
                return Ok(Some(unacceptable));
            }
            // A git that has failed closes its end; the rest of the request is read and dropped.
            child_listens = child_listens && stdin.write_all(&rest).await.is_ok();
            match request.next().await? {
                Some(piece) => rest = piece,
                None => break,
            }
        }
        // The end of the request.
        drop(stdin);
        Ok(None)
    };
    let (unacceptable, output) = tokio::join!(pump, child.output(stderr));
    if let Some(unacceptable) = unacceptable? {
        request.drain().await?;
        return Ok(commands.report_unpack_error(&unacceptable.to_string()));
    }
    let output = output?;
    recording.note(|exchange| exchange.child = Some(output.status.to_string()));
    if output.standard_output.is_empty() && !output.status.success() {
        return Err(Refusal::new(
            Reason::GitFailed,
            format!("git said: {}", output.standard_error),
        ));
    }
    let mut answer = Vec::new();
    if commands.has_side_band() && output.standard_output.starts_with(b"000eunpack ok\n") {
        // As in many public transcripts, right before git's own `To https://...`.
        answer = side_band::encode(side_band::PROGRESS, b"Validating objects: 100%\n");
    }
    answer.extend(commands.wrap(&output.standard_output));
    Ok(answer)
}

impl Commands {
    async fn read(request: &mut RequestBody) -> Result<Self, Refusal> {
        let malformed = |detail: &str| Refusal::new(Reason::RequestMalformed, detail);
        let mut bytes = Vec::new();
        let mut commands = Self {
            shallow: Vec::new(),
            updates: Vec::new(),
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
            if bytes.len() > COMMANDS_LIMIT {
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
    fn encode(&self) -> Vec<u8> {
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

    fn report(&self, refuse: impl Fn(&Update) -> String) -> Vec<u8> {
        let mut report = pkt_line::encode(b"unpack ok\n");
        for update in &self.updates {
            let line = format!("ng {} {}\n", update.reference, refuse(update));
            report.extend(pkt_line::encode(line.as_bytes()));
        }
        report.extend_from_slice(FLUSH);
        self.wrap(&report)
    }

    fn report_unpack_error(&self, problem: &str) -> Vec<u8> {
        let mut report = pkt_line::encode(format!("unpack {problem}\n").as_bytes());
        for update in &self.updates {
            let line = format!("ng {} unpacker error\n", update.reference);
            report.extend(pkt_line::encode(line.as_bytes()));
        }
        report.extend_from_slice(FLUSH);
        self.wrap(&report)
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
    fn bad_name(&self) -> Option<&'static str> {
        let is_deletion = self.new.bytes().all(|byte| byte == b'0');
        let branch = self.reference.strip_prefix("refs/heads/")?;
        if is_deletion {
            None
        } else if branch.chars().count() > 256 {
            Some("a branch name has 256 characters at most")
        } else if branch.len() == 40 && object_id(branch).is_some() {
            Some("a branch name cannot look like a commit id")
        } else {
            None
        }
    }
}

fn object_id(text: &str) -> Option<String> {
    let is_id = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}
