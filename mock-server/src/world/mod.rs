//! What exists: accounts, users, keys, policies and repositories. A value handed to the server, never a global.

mod account;
mod file;
mod lookup;
mod policy;
mod region;
mod repository;
mod storage;

pub use account::{
    AccessKey, Account, AccountId, KeyStatus, NotAnAccountId, TemporaryCredential, User,
};
pub use file::WorldFile;
pub use lookup::MissingRepository;
pub use policy::ManagedPolicy;
pub use region::REGIONS;
pub use repository::{NotARepositoryName, Repository, RepositoryName, Seed};
pub use storage::{Storage, StorageError};

/// Everything the server knows of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The AWS accounts.
    pub accounts: Vec<Account>,
}

/// A user's long-term or temporary key, with whom it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct KeyHolder<'a> {
    /// The account.
    pub account: &'a Account,
    /// The user.
    pub user: &'a User,
    /// The key itself.
    pub key: Key<'a>,
}

/// Either kind of key that signs.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// `AKIA...`, without a session token.
    LongTerm(&'a AccessKey),
    /// `ASIA...`, with a session token and an expiry.
    Temporary(&'a TemporaryCredential),
}

impl Key<'_> {
    /// The access key id.
    pub fn id(&self) -> &str {
        match self {
            Self::LongTerm(key) => &key.id,
            Self::Temporary(key) => &key.id,
        }
    }

    /// The secret access key.
    pub fn secret(&self) -> &str {
        match self {
            Self::LongTerm(key) => key.secret.expose(),
            Self::Temporary(key) => key.secret.expose(),
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

    /// Every key that signs, in the order of the world file.
    pub fn keys(&self) -> impl Iterator<Item = KeyHolder<'_>> {
        self.accounts.iter().flat_map(|account| {
            account.users.iter().flat_map(move |user| {
                let long_term = user.access_keys.iter().map(Key::LongTerm);
                let temporary = user.temporary_credentials.iter().map(Key::Temporary);
                long_term
                    .chain(temporary)
                    .map(move |key| KeyHolder { account, user, key })
            })
        })
    }

    /// The key with this id.
    pub fn key(&self, id: &str) -> Option<KeyHolder<'_>> {
        self.keys().find(|holder| holder.key.id() == id)
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
