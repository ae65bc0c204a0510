//! The words of policies that are known here: CodeCommit's actions, the global condition keys, and CodeCommit's own.
//!
//! IAM keeps a statement with a misspelt word and never applies it; a `Deny` then denies nothing.

/// Whether a policy can speak of an action, written `service:Action`, in which `*` and `?` are wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActionWord {
    /// There is such an action, or its service is not known here.
    Fine,
    /// The service has no such action.
    UnknownAction,
    /// The service is a misspelt `codecommit`.
    UnknownService,
}

/// Judges an action by its words.
pub(super) fn action(written: &str) -> ActionWord {
    let written = written.to_lowercase();
    match written.split_once(':') {
        Some(("codecommit", pattern)) => {
            let known = ACTIONS
                .iter()
                .any(|name| wild(pattern.as_bytes(), name.to_ascii_lowercase().as_bytes()));
            if known {
                ActionWord::Fine
            } else {
                ActionWord::UnknownAction
            }
        }
        // Of the others' actions only the names that are nearly one that CodeCommit needs are surely wrong.
        Some(("kms", name)) if misspelt_kms_action(name).is_some() => ActionWord::UnknownAction,
        Some((service, _)) if is_misspelt_codecommit(service) => ActionWord::UnknownService,
        _ => ActionWord::Fine,
    }
}

/// The action that was probably meant.
pub(super) fn meant_action(written: &str) -> Option<String> {
    let (service, name) = written.split_once(':')?;
    if service.eq_ignore_ascii_case("kms") {
        return misspelt_kms_action(name).map(|near| format!("kms:{near}"));
    }
    if service.eq_ignore_ascii_case("codecommit") {
        return meant_name(name).map(|near| format!("codecommit:{near}"));
    }
    let name = match action(&format!("codecommit:{name}")) {
        ActionWord::Fine => name.to_owned(),
        _ => meant_name(name)?,
    };
    Some(format!("codecommit:{name}"))
}

/// Whether a request can have a condition key, written `service:Key` or `service:Key/tag`. The keys of services other
/// than CodeCommit are not known here.
pub(super) fn is_key(written: &str) -> bool {
    let Some((service, key)) = written.split_once(':') else {
        return false;
    };
    if service.eq_ignore_ascii_case("codecommit") {
        return key.eq_ignore_ascii_case(REFERENCES);
    }
    if service.eq_ignore_ascii_case("aws") {
        return match key.split_once('/') {
            Some((name, tag)) => is_among(name, TAG_KEYS) && !tag.is_empty(),
            None => is_among(key, GLOBAL_KEYS),
        };
    }
    !is_misspelt_codecommit(service)
}

/// The condition key that was probably meant.
pub(super) fn meant_key(written: &str) -> Option<String> {
    let (service, key) = written.split_once(':')?;
    if !service.eq_ignore_ascii_case("aws") {
        // A global key with CodeCommit's prefix is more likely meant than CodeCommit's only key.
        let global = format!("aws:{key}");
        return Some(match is_key(&global) {
            true => global,
            false => format!("codecommit:{REFERENCES}"),
        });
    }
    if key.eq_ignore_ascii_case(REFERENCES) {
        return Some(format!("codecommit:{REFERENCES}"));
    }
    let (name, tag) = match key.split_once('/') {
        Some((name, tag)) => (name, Some(tag)),
        None => (key, None),
    };
    let near = closest(name, GLOBAL_KEYS.iter().chain(TAG_KEYS).copied())?;
    Some(match tag {
        _ if !TAG_KEYS.contains(&near) => format!("aws:{near}"),
        Some(tag) if !tag.is_empty() => format!("aws:{near}/{tag}"),
        _ => format!("aws:{near}/TAG"),
    })
}

/// `codecomit`, `code-commit`, `awscodecommit`. No service's prefix is two edits from CodeCommit's, or has it as a part.
fn is_misspelt_codecommit(service: &str) -> bool {
    let service = service.to_lowercase();
    service != "codecommit"
        && (service.contains("codecommit") || distance_within(&service, "codecommit", 2).is_some())
}

fn misspelt_kms_action(name: &str) -> Option<&'static str> {
    if name.contains(['*', '?']) || is_among(name, KMS_ACTIONS) {
        return None;
    }
    // There are two actions for it, and none of this name.
    if name.eq_ignore_ascii_case("ReEncrypt") {
        return Some("ReEncrypt*");
    }
    KMS_ACTIONS
        .iter()
        .copied()
        .filter_map(|known| Some((distance_within(name, known, 2)?, known)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The name of an action of CodeCommit that was probably meant; of a pattern, what stands before its first wildcard.
fn meant_name(written: &str) -> Option<String> {
    let Some(wildcard) = written.find(['*', '?']) else {
        return closest(written, ACTIONS.iter().copied()).map(str::to_owned);
    };
    let (head, tail) = written.split_at(wildcard);
    let length = head.chars().count();
    let heads = ACTIONS.iter().filter_map(|name| name.get(..length));
    heads
        .filter_map(|known| Some((distance_within(head, known, length / 3)?, known)))
        .map(|(distance, known)| (distance, format!("{known}{tail}")))
        .filter(|(_, pattern)| action(&format!("codecommit:{pattern}")) == ActionWord::Fine)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, pattern)| pattern)
}

/// The word with the fewest edits between, if they are few for its length. Case is no edit.
fn closest<'a>(written: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).clamp(3, 8);
    words
        .filter_map(|word| Some((distance_within(written, word, limit)?, word)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The number of edits between two words, if it is not above a limit. The lengths come first: the written word can be
/// of any length, and the count takes as long as the product of both.
fn distance_within(written: &str, word: &str, limit: usize) -> Option<usize> {
    if written.len().abs_diff(word.len()) > 4 * limit {
        return None;
    }
    let distance = strsim::osa_distance(&written.to_lowercase(), &word.to_lowercase());
    (distance <= limit).then_some(distance)
}

fn is_among(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a pattern with `*` and `?` matches all of a name. Only the last star is ever taken back, so the time is the
/// product of the lengths at most.
fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut reached) = (0, 0);
    let mut star = None;
    while reached < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, reached));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[reached] => {
                at += 1;
                reached += 1;
            }
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                at = place + 1;
                reached = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// CodeCommit's only key of its own ("Condition keys for AWS CodeCommit").
const REFERENCES: &str = "References";

/// Global condition keys that come with the key of a tag: `aws:ResourceTag/Team`.
const TAG_KEYS: &[&str] = &["PrincipalTag", "RequestTag", "ResourceTag"];

/// The others, without `aws:`. Source: IAM user guide, "AWS global condition context keys".
const GLOBAL_KEYS: &[&str] = &[
    "PrincipalArn",
    "PrincipalAccount",
    "PrincipalOrgPaths",
    "PrincipalOrgID",
    "PrincipalIsAWSService",
    "PrincipalServiceName",
    "PrincipalServiceNamesList",
    "PrincipalType",
    "userid",
    "username",
    "AssumedRoot",
    "FederatedProvider",
    "TokenIssueTime",
    "SignInSessionArn",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "ChatbotSourceArn",
    "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4",
    "SourceIdentity",
    "SourceIp",
    "SourceVpc",
    "SourceVpcArn",
    "SourceVpce",
    "VpceAccount",
    "VpceOrgID",
    "VpceOrgPaths",
    "VpcSourceIp",
    "ResourceAccount",
    "ResourceOrgID",
    "ResourceOrgPaths",
    "CalledVia",
    "CalledViaFirst",
    "CalledViaLast",
    "CalledViaAWSMCP",
    "ViaAWSService",
    "ViaAWSMCPService",
    "CurrentTime",
    "EpochTime",
    "referer",
    "RequestedRegion",
    "TagKeys",
    "SecureTransport",
    "SourceAccount",
    "SourceArn",
    "SourceOrgID",
    "SourceOrgPaths",
    "UserAgent",
    "IsMcpServiceAction",
];

/// What CodeCommit needs of KMS. Source: CodeCommit user guide, "AWS Key Management Service and encryption".
const KMS_ACTIONS: &[&str] = &[
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "DescribeKey",
];

/// Every action of CodeCommit, those too that only permit and cannot be called. Source: Service Authorization Reference,
/// "Actions, resources, and condition keys for AWS CodeCommit".
const ACTIONS: &[&str] = &[
    "AssociateApprovalRuleTemplateWithRepository",
    "BatchAssociateApprovalRuleTemplateWithRepositories",
    "BatchDescribeMergeConflicts",
    "BatchDisassociateApprovalRuleTemplateFromRepositories",
    "BatchGetCommits",
    "BatchGetPullRequests",
    "BatchGetRepositories",
    "CancelUploadArchive",
    "CreateApprovalRuleTemplate",
    "CreateBranch",
    "CreateCommit",
    "CreatePullRequest",
    "CreatePullRequestApprovalRule",
    "CreateRepository",
    "CreateUnreferencedMergeCommit",
    "DeleteApprovalRuleTemplate",
    "DeleteBranch",
    "DeleteCommentContent",
    "DeleteFile",
    "DeletePullRequestApprovalRule",
    "DeleteRepository",
    "DescribeMergeConflicts",
    "DescribePullRequestEvents",
    "DisassociateApprovalRuleTemplateFromRepository",
    "EvaluatePullRequestApprovalRules",
    "GetApprovalRuleTemplate",
    "GetBlob",
    "GetBranch",
    "GetComment",
    "GetCommentReactions",
    "GetCommentsForComparedCommit",
    "GetCommentsForPullRequest",
    "GetCommit",
    "GetCommitHistory",
    "GetCommitsFromMergeBase",
    "GetDifferences",
    "GetFile",
    "GetFolder",
    "GetMergeCommit",
    "GetMergeConflicts",
    "GetMergeOptions",
    "GetObjectIdentifier",
    "GetPullRequest",
    "GetPullRequestApprovalStates",
    "GetPullRequestOverrideState",
    "GetReferences",
    "GetRepository",
    "GetRepositoryTriggers",
    "GetTree",
    "GetUploadArchiveStatus",
    "GitPull",
    "GitPush",
    "ListApprovalRuleTemplates",
    "ListAssociatedApprovalRuleTemplatesForRepository",
    "ListBranches",
    "ListFileCommitHistory",
    "ListPullRequests",
    "ListRepositories",
    "ListRepositoriesForApprovalRuleTemplate",
    "ListTagsForResource",
    "MergeBranchesByFastForward",
    "MergeBranchesBySquash",
    "MergeBranchesByThreeWay",
    "MergePullRequestByFastForward",
    "MergePullRequestBySquash",
    "MergePullRequestByThreeWay",
    "OverridePullRequestApprovalRules",
    "PostCommentForComparedCommit",
    "PostCommentForPullRequest",
    "PostCommentReply",
    "PutCommentReaction",
    "PutFile",
    "PutRepositoryTriggers",
    "TagResource",
    "TestRepositoryTriggers",
    "UntagResource",
    "UpdateApprovalRuleTemplateContent",
    "UpdateApprovalRuleTemplateDescription",
    "UpdateApprovalRuleTemplateName",
    "UpdateComment",
    "UpdateDefaultBranch",
    "UpdatePullRequestApprovalRuleContent",
    "UpdatePullRequestApprovalState",
    "UpdatePullRequestDescription",
    "UpdatePullRequestStatus",
    "UpdatePullRequestTitle",
    "UpdateRepositoryDescription",
    "UpdateRepositoryEncryptionKey",
    "UpdateRepositoryName",
    "UploadArchive",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_known_in_any_case_and_by_wildcards() {
        for name in ACTIONS {
            for written in [
                format!("codecommit:{name}"),
                format!("CODECOMMIT:{}", name.to_uppercase()),
                format!("codecommit:*{}?", &name[1..name.len() - 1]),
            ] {
                assert_eq!(action(&written), ActionWord::Fine, "{written}");
            }
        }
        for written in [
            "codecommit:*",
            "codecommit:Git*",
            "codecommit:G?tPu??",
            "codecommit:*P*u*l*",
        ] {
            assert_eq!(action(written), ActionWord::Fine, "{written}");
        }
        for written in [
            "codecommit:Git?",
            "codecommit:?itPullRequest",
            "codecommit:*Gti*",
        ] {
            assert_eq!(action(written), ActionWord::UnknownAction, "{written}");
        }
    }

    #[test]
    fn the_words_of_other_services_are_not_judged() {
        for written in [
            "s3:GetObjekt",
            "kms:CreateGrant",
            "kms:Decr*",
            "codebuild:X",
            "codeconnections:X",
            "*",
        ] {
            assert_eq!(action(written), ActionWord::Fine, "{written}");
        }
        for written in [
            "kms:ViaService",
            "ec2:RoleDelivery",
            "codestar-notifications:X",
        ] {
            assert!(is_key(written), "{written}");
        }
    }

    #[test]
    fn every_word_is_its_own_nearest() {
        for name in ACTIONS {
            assert_eq!(meant_name(name).as_deref(), Some(*name));
        }
        for name in GLOBAL_KEYS {
            assert_eq!(
                meant_key(&format!("aws:{name}")),
                Some(format!("aws:{name}"))
            );
            assert!(is_key(&format!("AWS:{}", name.to_uppercase())), "{name}");
        }
    }
}
