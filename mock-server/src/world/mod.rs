//! What exists: accounts, users, roles, keys, policies and repositories. A value handed to the server, never a global.

mod account;
mod credential;
mod file;
mod identity;
mod identity_provider;
mod issued;
mod login;
mod lookup;
mod machine;
pub mod policy;
mod region;
mod repository;
mod sso;
mod storage;

use std::sync::Arc;

use codecommit_helper::secret::Secret;

use crate::document::{self, DocumentError, Source};

pub use account::{Account, AccountId, NotAnAccountId};
pub use credential::{
    AccessKey, GitCredential, GitCredentialStatus, KeyStatus, MfaDevice, Session, SessionHolder,
};
pub use file::{WorldFile, endpoint_policy, identity_policy, permissions_boundary};
pub use identity::{Identity, InlinePolicy, Policies, Role, User};
pub use identity_provider::{IdentityProvider, IdentityToken};
pub use login::Login;
pub use lookup::MissingRepository;
pub use machine::{Container, Instance};
pub use policy::ManagedPolicy;
pub use region::REGIONS;
pub use repository::{NotARepositoryName, Repository, RepositoryName, Seed};
pub use sso::{Sso, SsoAssignment, SsoClient, SsoToken};
pub use storage::{Storage, StorageError};

use issued::{Issued, SsoPlace};

/// Everything the server knows of.
#[derive(Debug, Default)]
pub struct World {
    /// The AWS accounts.
    pub accounts: Vec<Account>,
    /// Where users of IAM Identity Center sign in.
    pub sso: Vec<Sso>,
    /// The instance that clients run on, if they run on one.
    pub instance: Option<Instance>,
    /// The container that clients run in, if they run in one.
    pub container: Option<Container>,
    /// Interface VPC endpoints with policies of their own. One that is not here lets everybody through.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// Shared with the world that takes this one's place: what a request in flight issues is good there, too.
    issued: Arc<Issued>,
}

/// An interface VPC endpoint for Git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// `vpce-0b47ea360adebf88a`; in host names the suffix, and perhaps a zone, come behind it.
    pub id: String,
    /// Who may do what through it.
    pub policy: Option<policy::PolicyDocument>,
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

impl Clone for World {
    fn clone(&self) -> Self {
        Self {
            accounts: self.accounts.clone(),
            sso: self.sso.clone(),
            instance: self.instance.clone(),
            container: self.container.clone(),
            vpc_endpoints: self.vpc_endpoints.clone(),
            // What was issued belongs to the server that issued it.
            issued: Arc::default(),
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

    /// Reads a world file. `extends` in it names a built-in world; [`WorldFile::resolve_with`] knows others.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(source: &Source) -> Result<Self, DocumentError> {
        document::parse::<WorldFile>(source)?.resolve(source)
    }

    /// The names of the built-in worlds.
    pub const NAMES: [&'static str; 2] = ["demo", "empty"];

    /// The built-in world of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "demo" => Some(Self::demo()),
            "empty" => Some(Self::empty()),
            _ => None,
        }
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
        for (id, session) in self.issued.sessions() {
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
        let providers = self
            .accounts
            .iter()
            .flat_map(|account| &account.identity_providers);
        for token in providers.flat_map(|provider| &provider.tokens) {
            secrets.push(token.token.clone());
        }
        let users = self.accounts.iter().flat_map(|account| &account.users);
        for login in users.flat_map(|user| &user.logins) {
            secrets.push(login.refresh_token.clone());
        }
        for (_, token) in self.sso_tokens() {
            secrets.push(token.access_token.clone());
            secrets.extend(token.refresh_token.clone());
            secrets.extend(token.client.as_ref().map(|client| client.secret.clone()));
        }
        let container = self.container.iter();
        secrets.extend(container.map(|container| container.authorization_token.clone()));
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
        self.issued.add_session(account, Arc::new(session));
    }

    /// Every sign-in session there is, with where it was opened.
    pub fn sso_tokens(&self) -> Vec<(&Sso, Arc<SsoToken>)> {
        let own = self.sso.iter().flat_map(|sso| {
            sso.tokens
                .iter()
                .map(move |token| (sso, Arc::new(token.clone())))
        });
        let issued = self.issued.sso_tokens();
        own.chain(
            issued
                .into_iter()
                .filter_map(|(at, token)| Some((self.sso_at(&at)?, token))),
        )
        .collect()
    }

    /// Makes a sign-in session known that was opened while the server runs. Nothing happens if `sso` is not of this world.
    pub fn issue_sso_token(&self, sso: &Sso, token: SsoToken) {
        let at = SsoPlace::from(sso);
        if self.sso_at(&at).is_some() {
            self.issued.add_sso_token(at, Arc::new(token));
        }
    }

    /// Takes over what `former`'s server has issued: sessions and sign-ins stay good for whoever is still there.
    pub(crate) fn succeed(&mut self, former: &Self) {
        self.issued = Arc::clone(&former.issued);
    }

    fn sso_at(&self, at: &SsoPlace) -> Option<&Sso> {
        self.sso.iter().find(|sso| SsoPlace::from(*sso) == *at)
    }

    /// The VPC endpoint that a host's first label belongs to.
    pub fn vpc_endpoint(&self, label: &str) -> Option<&VpcEndpoint> {
        self.vpc_endpoints.iter().find(|endpoint| {
            let rest = label.strip_prefix(&*endpoint.id);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
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
