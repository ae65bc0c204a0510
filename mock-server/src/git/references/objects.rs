//! What an id names. That never changes, so it is looked up once.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use flate2::read::ZlibDecoder;

use super::Snapshot;
use super::files::Content;
use crate::git_program::GitProgram;

/// What matters of an object to an advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::git) enum Object {
    /// An annotated tag, and what it points to in the end.
    Tag { peeled: String },
    /// Anything else.
    Other,
}

/// How much of a loose tag is read: its header, and the two lines that name its object.
const HEAD_OF_TAG: u64 = 256;

/// Describes every object that a reference or `HEAD` names. None if one is missing. Of what is neither known already nor a
/// loose object, git is asked, once for all.
pub(super) fn describe(
    program: &GitProgram,
    repository: &Path,
    content: &Content,
    known: Option<&Snapshot>,
) -> Option<HashMap<String, Object>> {
    let ids = content.references.iter().map(|reference| &reference.id);
    let mut objects = HashMap::new();
    let mut unknown = Vec::new();
    let mut seen = HashSet::new();
    for id in ids.chain(&content.head.id) {
        if !seen.insert(id) {
            continue;
        }
        let found = known.and_then(|known| known.objects.get(id).cloned());
        match found.or_else(|| loose(repository, id, 8)) {
            Some(object) => {
                objects.insert(id.clone(), object);
            }
            None => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        ask(program, repository, &unknown, &mut objects)?;
    }
    Some(objects)
}

/// A loose object. Tags of tags are followed to `depth`.
fn loose(repository: &Path, id: &str, depth: u8) -> Option<Object> {
    let (folder, name) = id.split_at_checked(2)?;
    let file = File::open(repository.join("objects").join(folder).join(name)).ok()?;
    let mut head = Vec::new();
    ZlibDecoder::new(file)
        .take(HEAD_OF_TAG)
        .read_to_end(&mut head)
        .ok()?;
    if [&b"commit "[..], b"tree ", b"blob "]
        .iter()
        .any(|kind| head.starts_with(kind))
    {
        return Some(Object::Other);
    }
    let end = head.iter().position(|byte| *byte == 0)?;
    let tag = std::str::from_utf8(head.get(end + 1..)?.get(..60)?).ok()?;
    let (target, rest) = tag.strip_prefix("object ")?.split_once('\n')?;
    if !rest.starts_with("type tag\n") {
        return Some(Object::Tag {
            peeled: target.to_owned(),
        });
    }
    match loose(repository, target, depth.checked_sub(1)?)? {
        Object::Other => None,
        further => Some(further),
    }
}

/// Asks git for each id, and for what it is if tags are followed.
fn ask(
    program: &GitProgram,
    repository: &Path,
    unknown: &[&String],
    objects: &mut HashMap<String, Object>,
) -> Option<()> {
    let input: String = unknown
        .iter()
        .map(|id| format!("{id}\n{id}^{{}}\n"))
        .collect();
    let arguments = [
        "--git-dir".as_ref(),
        repository.as_os_str(),
        "cat-file".as_ref(),
        "--batch-check=%(objectname) %(objecttype)".as_ref(),
    ];
    let output = program.run(&arguments, input.as_bytes()).ok()?;
    let output = String::from_utf8(output).ok()?;
    let mut lines = output.lines();
    for id in unknown {
        let (_, kind) = lines.next()?.split_once(' ')?;
        let (peeled, end) = lines.next()?.split_once(' ')?;
        let object = match kind {
            "tag" if end != "missing" => Object::Tag {
                peeled: peeled.to_owned(),
            },
            "commit" | "tree" | "blob" => Object::Other,
            _ => return None,
        };
        objects.insert((*id).clone(), object);
    }
    Some(())
}
