use std::fmt;
use std::str::FromStr;

use codecommit_helper::endpoint::Partition;
use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use serde::Deserialize;

use super::{ManagedPolicy, Repository};

/// An AWS account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its twelve digits.
    pub id: AccountId,
    /// Its IAM users.
    pub users: Vec<User>,
    /// Its repositories, in all Regions.
    pub repositories: Vec<Repository>,
}

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user name, unique in the account.
    pub name: String,
    /// AWS's policies attached to it.
    pub managed_policies: Vec<ManagedPolicy>,
    /// Its long-term keys.
    pub access_keys: Vec<AccessKey>,
    /// What STS issued to it.
    pub temporary_credentials: Vec<TemporaryCredential>,
}

/// A long-term access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The access key id, `AKIA...`.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// Whether IAM lets it sign.
    pub status: KeyStatus,
}

/// Whether a key may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyStatus {
    /// It may.
    #[default]
    Active,
    /// It is kept, but refused.
    Inactive,
}

/// Temporary security credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporaryCredential {
    /// The access key id, `ASIA...`.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// The session token that has to come with it.
    pub session_token: Secret,
    /// When STS stops honouring it; never, if the world file does not say.
    pub expires: Option<Timestamp>,
}

/// The twelve digits of an AWS account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// The text is not an account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account id has twelve digits")]
pub struct NotAnAccountId;

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnAccountId)
        }
    }
}

impl AccountId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Account {
    /// The repository of this name in a Region. Names are case-sensitive.
    pub fn repository(&self, region: &str, name: &str) -> Option<&Repository> {
        self.repositories
            .iter()
            .find(|repository| repository.region == region && repository.name.as_str() == name)
    }

    /// `arn:aws:iam::111122223333:user/alice`.
    pub fn user_arn(&self, user: &User) -> String {
        format!(
            "arn:{}:iam::{}:user/{}",
            self.partition(),
            self.id,
            user.name
        )
    }

    /// An account lives in one partition: that of its repositories.
    fn partition(&self) -> Partition {
        self.repositories
            .first()
            .map_or(Partition::Aws, |repository| {
                Partition::of_region(&repository.region)
            })
    }
}
