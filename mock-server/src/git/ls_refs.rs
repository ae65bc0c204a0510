//! `ls-refs` of protocol version 2 (gitprotocol-v2, "ls-refs"), answered in process.

use super::pkt_line::{self, FLUSH};
use super::references::{Reference, Snapshot};

/// From so many prefixes on git ignores them all (ls-refs.c, `TOO_MANY_PREFIXES`).
const TOO_MANY_PREFIXES: usize = 65_536;

/// The first packet of such a request, with and without a line's end.
const COMMANDS: [&[u8]; 2] = [b"0013command=ls-refs", b"0014command=ls-refs\n"];

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    peel: bool,
    symrefs: bool,
    unborn: bool,
    prefixes: Vec<String>,
}

impl Question {
    /// Reads a whole request; none if there is anything in it that git has to judge.
    pub(super) fn parse(request: &[u8]) -> Option<Self> {
        let command = COMMANDS
            .iter()
            .find(|command| request.starts_with(command))?;
        let mut rest = &request[command.len()..];
        while let Some((capability, behind)) = pkt_line::split_first(rest) {
            let capability = text(capability)?;
            if capability != "object-format=sha1" && !capability.starts_with("agent=") {
                return None;
            }
            rest = behind;
        }
        let mut question = Self::default();
        if rest == FLUSH {
            return Some(question);
        }
        rest = rest.strip_prefix(pkt_line::DELIMITER)?;
        while let Some((argument, behind)) = pkt_line::split_first(rest) {
            match text(argument)? {
                "peel" => question.peel = true,
                "symrefs" => question.symrefs = true,
                "unborn" => question.unborn = true,
                argument => question
                    .prefixes
                    .push(argument.strip_prefix("ref-prefix ")?.to_owned()),
            }
            rest = behind;
        }
        (rest == FLUSH && question.prefixes.len() < TOO_MANY_PREFIXES).then_some(question)
    }

    /// The answer: HEAD first, then the others in the order of their names.
    pub(super) fn answer(&self, snapshot: &Snapshot) -> Vec<u8> {
        let mut answer = Vec::new();
        if self.matches("HEAD") {
            let target = snapshot.head.target.as_deref();
            match (&snapshot.head.id, target) {
                (Some(id), target) => answer.extend(self.line(snapshot, id, "HEAD", target)),
                (None, Some(target)) if self.unborn && self.symrefs => {
                    let line = format!("unborn HEAD symref-target:{target}\n");
                    answer.extend(pkt_line::encode(line.as_bytes()));
                }
                (None, _) => {}
            }
        }
        for Reference { name, id } in &snapshot.references {
            if self.matches(name) {
                answer.extend(self.line(snapshot, id, name, None));
            }
        }
        answer.extend_from_slice(FLUSH);
        answer
    }

    fn matches(&self, name: &str) -> bool {
        self.prefixes.is_empty()
            || self
                .prefixes
                .iter()
                .any(|prefix| name.starts_with(&**prefix))
    }

    fn line(&self, snapshot: &Snapshot, id: &str, name: &str, target: Option<&str>) -> Vec<u8> {
        let mut line = format!("{id} {name}");
        if let Some(target) = target
            && self.symrefs
        {
            line.push_str(&format!(" symref-target:{target}"));
        }
        if let Some(peeled) = snapshot.peeled(id)
            && self.peel
        {
            line.push_str(&format!(" peeled:{peeled}"));
        }
        line.push('\n');
        pkt_line::encode(line.as_bytes())
    }
}

fn text(packet: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(packet).ok()?;
    Some(text.strip_suffix('\n').unwrap_or(text))
}
