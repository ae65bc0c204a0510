//! What exists: accounts, users, roles, keys, policies and repositories. A value handed to the server, never a global.

mod account;
mod credential;
mod file;
mod identity;
mod issued;
mod lookup;
mod policy;
mod region;
mod repository;
mod storage;

use std::sync::Arc;

use codecommit_helper::secret::Secret;

pub use account::{Account, AccountId, NotAnAccountId};
pub use credential::{
    AccessKey, GitCredential, GitCredentialStatus, KeyStatus, Session, SessionHolder,
};
pub use file::WorldFile;
pub use identity::{Identity, Role, User};
pub use lookup::MissingRepository;
pub use policy::ManagedPolicy;
pub use region::REGIONS;
pub use repository::{NotARepositoryName, Repository, RepositoryName, Seed};
pub use storage::{Storage, StorageError};

use issued::Issued;

/// Everything the server knows of.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The AWS accounts.
    pub accounts: Vec<Account>,
    issued: Issued,
}

/// A key that signs, with whom it belongs to.
#[derive(Clone, Debug)]
pub struct KeyHolder<'a> {
    /// The account.
    pub account: &'a Account,
    /// Who acts with it.
    pub identity: Identity<'a>,
    /// The key itself.
    pub key: Key<'a>,
}

/// Either kind of key that signs.
#[derive(Clone, Debug)]
pub enum Key<'a> {
    /// `AKIA...`, without a session token.
    LongTerm(&'a AccessKey),
    /// `ASIA...`, with a session token and an expiry.
    Temporary(Arc<Session>),
}

impl Key<'_> {
    /// The access key id.
    pub fn id(&self) -> &str {
        match self {
            Self::LongTerm(key) => &key.id,
            Self::Temporary(session) => &session.id,
        }
    }

    /// The secret access key.
    pub fn secret(&self) -> &str {
        match self {
            Self::LongTerm(key) => key.secret.expose(),
            Self::Temporary(session) => session.secret.expose(),
        }
    }
}

impl World {
    /// Nobody and nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Account 111122223333 with user `alice`, who may do everything, and `MyDemoRepo` in us-east-2.
    pub fn demo() -> Self {
        file::demo()
    }

    /// Every key that signs: the accounts' own in the order of the world file, then what was issued since.
    pub fn keys(&self) -> Vec<KeyHolder<'_>> {
        let mut keys = Vec::new();
        for account in &self.accounts {
            for user in &account.users {
                keys.extend(user.access_keys.iter().map(|key| KeyHolder {
                    account,
                    identity: Identity::User(user),
                    key: Key::LongTerm(key),
                }));
            }
            let sessions = account.sessions.iter();
            keys.extend(sessions.filter_map(|session| session_key(account, session)));
        }
        for (id, session) in self.issued.all() {
            keys.extend(
                self.account(&id)
                    .and_then(|account| session_key(account, &session)),
            );
        }
        keys
    }

    /// The key with this id.
    pub fn key(&self, id: &str) -> Option<KeyHolder<'_>> {
        self.keys().into_iter().find(|holder| holder.key.id() == id)
    }

    /// Every secret there is, so that they can be kept out of reports.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for holder in self.keys() {
            secrets.push(Secret::new(holder.key.secret()));
            if let Key::Temporary(session) = &holder.key {
                secrets.push(session.token.clone());
            }
        }
        let users = self.accounts.iter().flat_map(|account| &account.users);
        for credential in users.flat_map(|user| &user.git_credentials) {
            secrets.push(credential.password.clone());
            secrets.extend(credential.former_password.clone());
        }
        secrets
    }

    /// The HTTPS Git credential with this user name, and whose it is.
    pub fn git_credential(&self, user_name: &str) -> Option<(&Account, &User, &GitCredential)> {
        self.accounts.iter().find_map(|account| {
            account.users.iter().find_map(|user| {
                let mut credentials = user.git_credentials.iter();
                let credential = credentials.find(|known| known.user_name == user_name)?;
                Some((account, user, credential))
            })
        })
    }

    /// Makes temporary credentials known that were issued while the server runs.
    pub fn issue(&self, account: AccountId, session: Session) {
        self.issued.add(account, Arc::new(session));
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// The Regions that exist: CodeCommit's own, and those in which this world has repositories.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        let own = self
            .accounts
            .iter()
            .flat_map(|account| &account.repositories)
            .map(|repository| repository.region.as_str())
            .filter(|region| !REGIONS.contains(region));
        REGIONS.iter().copied().chain(own)
    }
}

/// A session whose user or role is gone stands for nobody.
fn session_key<'a>(account: &'a Account, session: &Arc<Session>) -> Option<KeyHolder<'a>> {
    let identity = match &session.holder {
        SessionHolder::User(name) => Identity::User(account.user(name)?),
        SessionHolder::Role { role, session_name } => Identity::RoleSession {
            role: account.role(role)?,
            session_name: session_name.clone(),
        },
    };
    Some(KeyHolder {
        account,
        identity,
        key: Key::Temporary(Arc::clone(session)),
    })
}
