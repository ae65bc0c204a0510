//! What a push is refused in its report: the answer is a 200, the request was accepted, and the report says no.

use serde::{Serialize, Serializer};

use crate::printable::printable_word;
use crate::stable_ids::stable_ids;

/// A refusal that stands in the report of a push, as the client reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedRefusal {
    /// The stable reason.
    #[serde(rename = "id")]
    pub reason: ReportedReason,
    /// The reference that is not changed: `refs/heads/main`. None, if it is the whole push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What is sent. A client that asks for no report does not get it.
    pub words: String,
}

impl ReportedRefusal {
    /// Of one reference.
    pub fn of(
        reference: impl Into<String>,
        reason: ReportedReason,
        words: impl Into<String>,
    ) -> Self {
        Self {
            reason,
            reference: Some(reference.into()),
            words: words.into(),
        }
    }

    /// As it may stand in the journal: a client has chosen the name.
    pub(crate) fn printable(&self) -> Self {
        Self {
            reason: self.reason,
            reference: self.reference.clone().map(printable_word),
            words: printable_word(self.words.clone()),
        }
    }

    /// Of the whole push.
    pub fn of_all(reason: ReportedReason, words: impl Into<String>) -> Self {
        Self {
            reason,
            reference: None,
            words: words.into(),
        }
    }
}

stable_ids! {
    /// Why a report says no. The ids are public, as those of [`Reason`](crate::authn::verdict::Reason) are.
    ReportedReason;
    /// More references than one push may change.
    TooManyReferences = "too-many-references", "more references than one push may change";
    /// A branch name of more than 256 characters.
    BranchNameTooLong = "branch-name-too-long", "the branch's name is too long";
    /// A branch name of 40 hexadecimal digits.
    BranchNameLikeACommit = "branch-name-like-a-commit", "the branch's name looks like a commit id";
    /// A reference that goes with one that is refused.
    BesideARefused = "beside-a-refused-reference", "another reference of the push was refused";
    /// No policy allows to change this reference, or one denies it.
    ReferenceDenied = "reference-denied", "no permission to change this reference";
    /// A pack with deltas that name their base by its distance, which was not offered.
    OffsetDelta = "offset-delta", "the pack has offset deltas";
    /// An object of more than 2 GB.
    ObjectTooLarge = "object-too-large", "the pack has an object that is too large";
    /// The local git said so.
    GitRefused = "git-refused", "the local git refused it";
}

impl Serialize for ReportedReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kebab_case_and_that_of_one_reason() {
        let mut ids: Vec<&str> = ReportedReason::ALL.iter().map(|it| it.as_str()).collect();
        for id in &ids {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(id.bytes().all(allowed), "{id}");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ReportedReason::ALL.len());
    }

    #[test]
    fn it_is_told_with_its_reference_and_its_words() {
        let refusal = ReportedRefusal::of("refs/heads/main", ReportedReason::ReferenceDenied, "no");
        assert_eq!(
            serde_json::to_value(refusal).unwrap(),
            serde_json::json!({ "id": "reference-denied", "reference": "refs/heads/main", "words": "no" })
        );
    }
}
