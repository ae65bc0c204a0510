use std::collections::BTreeMap;

use serde::Serialize;

use crate::world::{Account, Identity};

/// The condition keys that CodeCommit and this laboratory know. Every other key works as well.
pub mod key {
    /// The full names of the references that are pushed to. Only the second check of a push has it (user guide, "Limit
    /// pushes and merges to branches").
    pub const REFERENCES: &str = "codecommit:References";
    /// The client's address; absent behind a VPC endpoint.
    pub const SOURCE_IP: &str = "aws:SourceIp";
    /// The VPC endpoint that the request came through.
    pub const SOURCE_VPCE: &str = "aws:SourceVpce";
    /// The Region that is spoken to.
    pub const REQUESTED_REGION: &str = "aws:RequestedRegion";
    /// Whether the request came over TLS.
    pub const SECURE_TRANSPORT: &str = "aws:SecureTransport";
    /// The client's `User-Agent`.
    pub const USER_AGENT: &str = "aws:UserAgent";
    /// `2025-01-15T08:30:00Z`.
    pub const CURRENT_TIME: &str = "aws:CurrentTime";
    /// Seconds since 1970.
    pub const EPOCH_TIME: &str = "aws:EpochTime";
    /// When the temporary credentials were issued; absent for long-term ones.
    pub const TOKEN_ISSUE_TIME: &str = "aws:TokenIssueTime";
    /// Whether the temporary credentials were got with MFA; absent for long-term ones.
    pub const MFA_PRESENT: &str = "aws:MultiFactorAuthPresent";
    /// How many seconds ago that was.
    pub const MFA_AGE: &str = "aws:MultiFactorAuthAge";
    /// The user's name; absent for roles.
    pub const USER_NAME: &str = "aws:username";
    /// `AIDA...`, or `AROA...:session`.
    pub const USER_ID: &str = "aws:userid";
    /// The user's ARN; for a session the ARN of its role.
    pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
    /// The principal's account.
    pub const PRINCIPAL_ACCOUNT: &str = "aws:PrincipalAccount";
    /// `User` or `AssumedRole`.
    pub const PRINCIPAL_TYPE: &str = "aws:PrincipalType";

    /// The key for a tag of the repository.
    pub fn resource_tag(tag: &str) -> String {
        format!("aws:ResourceTag/{tag}")
    }

    /// The key for a tag of the user or role.
    pub fn principal_tag(tag: &str) -> String {
        format!("aws:PrincipalTag/{tag}")
    }
}

/// A question: may this principal do this to that?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `arn:aws:iam::111122223333:user/alice` or `arn:aws:sts::111122223333:assumed-role/Deployer/session`.
    pub principal_arn: String,
    /// `codecommit:GitPush`.
    pub action: String,
    /// The ARN of what it is done to; `*` for actions that are about no single resource, such as
    /// `codecommit:ListRepositories`.
    pub resource: String,
    /// What else is known of the request.
    pub context: Context,
}

/// What is known of a request, by condition key. Keys are case-insensitive; a key may have several values, and with none
/// it is the same as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Context {
    /// Keys in lower case.
    values: BTreeMap<String, Vec<String>>,
}

impl Request {
    /// A question of which nothing more is known.
    pub fn new(
        principal_arn: impl Into<String>,
        action: impl Into<String>,
        resource: impl Into<String>,
    ) -> Self {
        Self {
            principal_arn: principal_arn.into(),
            action: action.into(),
            resource: resource.into(),
            context: Context::default(),
        }
    }

    /// A question of somebody, with what is known of them.
    pub fn by(
        account: &Account,
        identity: &Identity<'_>,
        action: impl Into<String>,
        resource: impl Into<String>,
    ) -> Self {
        let arn = account.arn(identity);
        let mut request =
            Self::new(&arn, action, resource).with(key::PRINCIPAL_ACCOUNT, &account.id);
        request = match identity {
            Identity::User(user) => request
                .with(key::PRINCIPAL_ARN, arn)
                .with(key::PRINCIPAL_TYPE, "User")
                .with(key::USER_NAME, &user.name),
            Identity::RoleSession { role, .. } => request
                .with(key::PRINCIPAL_ARN, account.role_arn(role))
                .with(key::PRINCIPAL_TYPE, "AssumedRole"),
        };
        for (tag, value) in identity.tags() {
            request = request.with(key::principal_tag(tag), value);
        }
        request
    }

    /// The same with one value for a key.
    #[must_use]
    pub fn with(mut self, key: impl AsRef<str>, value: impl ToString) -> Self {
        self.context.set(key, [value.to_string()]);
        self
    }

    /// The same with several values for a key.
    #[must_use]
    pub fn with_all<V: Into<String>>(
        mut self,
        key: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.context.set(key, values);
        self
    }

    /// One question for each value of a key, in order; the question itself if the key has none.
    pub fn each(&self, key: impl AsRef<str>) -> Vec<Self> {
        let values = self.context.get(key.as_ref());
        if values.is_empty() {
            return vec![self.clone()];
        }
        // The other values are left out before anything is copied: a push may name thousands of references.
        let mut bare = self.clone();
        bare.context.values.remove(&key.as_ref().to_lowercase());
        let one = |value: &String| bare.clone().with(key.as_ref(), value);
        values.iter().map(one).collect()
    }
}

impl Context {
    /// Says what the values of a key are, in place of what was said before.
    pub fn set<V: Into<String>>(
        &mut self,
        key: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
    ) {
        let values = values.into_iter().map(Into::into).collect();
        self.values.insert(key.as_ref().to_lowercase(), values);
    }

    /// The values of a key; none if it is absent.
    pub fn get(&self, key: &str) -> &[String] {
        match self.values.get(&key.to_lowercase()) {
            Some(values) => values,
            None => &[],
        }
    }

    /// The value of a key that has exactly one, which is what a policy variable needs.
    pub fn single(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            [value] => Some(value),
            _ => None,
        }
    }
}
