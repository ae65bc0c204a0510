use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use codecommit_helper::endpoint::Partition;

use super::{Identity, IdentityProvider, Repository, Role, Session, User};

/// An AWS account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its twelve digits.
    pub id: AccountId,
    /// Its IAM users.
    pub users: Vec<User>,
    /// Its IAM roles.
    pub roles: Vec<Role>,
    /// Temporary credentials that are there from the start. What STS issues later stands in the world.
    pub sessions: Vec<Arc<Session>>,
    /// The identity providers that it knows.
    pub identity_providers: Vec<IdentityProvider>,
    /// Its repositories, in all Regions.
    pub repositories: Vec<Repository>,
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
    /// An account with nobody and nothing in it.
    pub fn new(id: AccountId) -> Self {
        Self {
            id,
            users: Vec::new(),
            roles: Vec::new(),
            sessions: Vec::new(),
            identity_providers: Vec::new(),
            repositories: Vec::new(),
        }
    }

    /// The repository of this name in a Region. Names are case-sensitive.
    pub fn repository(&self, region: &str, name: &str) -> Option<&Repository> {
        self.repositories
            .iter()
            .find(|repository| repository.region == region && repository.name.as_str() == name)
    }

    /// The user of this name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// `arn:aws:iam::111122223333:user/alice` or `arn:aws:sts::111122223333:assumed-role/Deployer/session`.
    pub fn arn(&self, identity: &Identity<'_>) -> String {
        let (partition, id) = (self.partition(), &self.id);
        match identity {
            Identity::User(user) => format!("arn:{partition}:iam::{id}:user/{}", user.name),
            Identity::RoleSession { role, session_name } => {
                self.role_session_arn(role, session_name)
            }
        }
    }

    /// `arn:aws:sts::111122223333:assumed-role/Deployer/session`.
    pub fn role_session_arn(&self, role: &Role, session_name: &str) -> String {
        format!(
            "arn:{}:sts::{}:assumed-role/{}/{session_name}",
            self.partition(),
            self.id,
            role.name
        )
    }

    /// `arn:aws:iam::111122223333:role/Deployer`.
    pub fn role_arn(&self, role: &Role) -> String {
        format!(
            "arn:{}:iam::{}:role/{}",
            self.partition(),
            self.id,
            role.name
        )
    }

    /// `arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo`.
    pub fn repository_arn(&self, repository: &Repository) -> String {
        self.arn_of(&repository.region, repository.name.as_str())
    }

    /// The same for a name that no repository has.
    pub fn arn_of(&self, region: &str, name: &str) -> String {
        let partition = Partition::of_region(region);
        format!("arn:{partition}:codecommit:{region}:{}:{name}", self.id)
    }

    /// An account lives in one partition: that of its repositories.
    pub fn partition(&self) -> Partition {
        self.repositories
            .first()
            .map_or(Partition::Aws, |first| Partition::of_region(&first.region))
    }
}
