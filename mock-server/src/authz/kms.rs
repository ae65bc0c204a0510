//! What CodeCommit asks of KMS on the principal's behalf.
//!
//! Repositories are encrypted with the key `aws/codecommit`. A principal "does not need explicit permissions for these
//! actions, but the user must not have any attached policies that deny these actions" (user guide, "AWS Key Management
//! Service and encryption").

use super::{Decision, PolicySet, Request};

/// The actions that must not be denied. The guide's `kms:ReEncrypt` is two actions to KMS, of which either may be denied.
pub const ACTIONS: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
];

/// The ARN of a Region's `aws/codecommit` key in an account. The real key's id is random; this one is made of the Region
/// and the account, so that it is the same in every run.
pub fn key_arn(partition: &str, region: &str, account: &str) -> String {
    // FNV-1a: any function does that tells the Regions apart.
    let hash = region.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("arn:{partition}:kms:{region}:{account}:key/{hash:08x}-c0de-4c0d-8c17-{account}")
}

/// What CodeCommit asks of KMS when the principal of `request` does something to a repository: one question an action,
/// with the context of `request` and the keys that KMS adds.
pub fn requests(request: &Request) -> Vec<Request> {
    let mut parts = request.resource.split(':').skip(1);
    let partition = parts.next().unwrap_or("aws");
    let region = parts.nth(1).unwrap_or_default();
    let account = parts.next().unwrap_or_default();
    let key = key_arn(partition, region, account);
    ACTIONS
        .iter()
        .map(|action| {
            let asked = Request {
                action: (*action).to_owned(),
                resource: key.clone(),
                ..request.clone()
            };
            asked
                .with(
                    "kms:ViaService",
                    format!("codecommit.{region}.amazonaws.com"),
                )
                .with("kms:CallerAccount", account)
                .with_all("kms:ResourceAliases", ["alias/aws/codecommit"])
        })
        .collect()
}

/// The decision that denies one of the actions, if a policy does.
pub fn denial(policies: &PolicySet, request: &Request) -> Option<Decision> {
    if !policies.have_deny() {
        return None;
    }
    requests(request)
        .iter()
        .find_map(|request| policies.explicit_deny(request))
}
