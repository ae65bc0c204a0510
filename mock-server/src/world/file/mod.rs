mod checks;
mod federation;
mod machine;
mod policies;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use self::checks::{
    branch, checked, checked_if_there, iam_name, instant, mfa_code, mfa_serial, new_git_user_name,
    new_key_id, region, secret, seed, session_duration, trusted_principal,
};
use self::federation::{IdentityProviderEntry, LoginEntry, SsoEntry};
use self::machine::{ContainerEntry, InstanceEntry};
use self::policies::{InlinePolicyEntry, VpcEndpointEntry};
use super::{
    AccessKey, Account, AccountId, GitCredential, GitCredentialStatus, KeyStatus, ManagedPolicy,
    MfaDevice, Policies, Repository, RepositoryName, Role, Session, SessionHolder, User, World,
};
use crate::document::{self, DocumentError, Source};

/// A world as it stands in a file, or in the `[world]` table of a scenario; [`WorldFile::resolve`] makes a [`World`] of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// The world to start from: `demo` or `empty`. What follows is added to it.
    extends: Option<Base>,
    #[serde(default)]
    account: Vec<AccountEntry>,
    #[serde(default)]
    sso: Vec<SsoEntry>,
    instance: Option<InstanceEntry>,
    container: Option<ContainerEntry>,
    #[serde(default)]
    vpc_endpoint: Vec<VpcEndpointEntry>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Base {
    Demo,
    Empty,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountEntry {
    id: Spanned<String>,
    #[serde(default)]
    user: Vec<UserEntry>,
    #[serde(default)]
    role: Vec<RoleEntry>,
    #[serde(default)]
    identity_provider: Vec<IdentityProviderEntry>,
    #[serde(default)]
    repository: Vec<RepositoryEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    name: Spanned<String>,
    #[serde(default)]
    managed_policies: Vec<ManagedPolicy>,
    #[serde(default)]
    inline_policy: Vec<InlinePolicyEntry>,
    permissions_boundary: Option<Spanned<String>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    access_key: Vec<AccessKeyEntry>,
    #[serde(default)]
    temporary_credential: Vec<SessionEntry>,
    #[serde(default)]
    git_credential: Vec<GitCredentialEntry>,
    #[serde(default)]
    mfa_device: Vec<MfaDeviceEntry>,
    #[serde(default)]
    login: Vec<LoginEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    name: Spanned<String>,
    #[serde(default)]
    trusted: Vec<Spanned<String>>,
    external_id: Option<String>,
    require_mfa: Option<bool>,
    max_session_duration: Option<Spanned<i64>>,
    #[serde(default)]
    managed_policies: Vec<ManagedPolicy>,
    #[serde(default)]
    inline_policy: Vec<InlinePolicyEntry>,
    permissions_boundary: Option<Spanned<String>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    temporary_credential: Vec<RoleSessionEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessKeyEntry {
    id: Spanned<String>,
    secret: Spanned<String>,
    #[serde(default)]
    status: KeyStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionEntry {
    id: Spanned<String>,
    secret: Spanned<String>,
    session_token: Spanned<String>,
    expires: Option<Spanned<String>>,
    policy: Option<Spanned<String>>,
}

/// What a [`SessionEntry`] has, and the session's name; serde locates values in a flattened table no more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleSessionEntry {
    session_name: Spanned<String>,
    id: Spanned<String>,
    secret: Spanned<String>,
    session_token: Spanned<String>,
    expires: Option<Spanned<String>>,
    policy: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GitCredentialEntry {
    user_name: Spanned<String>,
    password: Spanned<String>,
    former_password: Option<Spanned<String>>,
    #[serde(default)]
    status: GitCredentialStatus,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MfaDeviceEntry {
    serial: Spanned<String>,
    token_code: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RepositoryEntry {
    name: Spanned<String>,
    region: Spanned<String>,
    #[serde(default = "main_branch")]
    default_branch: Spanned<String>,
    #[serde(default = "empty_seed")]
    seed: Spanned<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

fn main_branch() -> Spanned<String> {
    Spanned::new(0..0, "main".to_owned())
}

fn empty_seed() -> Spanned<String> {
    Spanned::new(0..0, "empty".to_owned())
}

/// The built-in demo world.
pub(super) fn demo() -> World {
    let source = Source::new("demo.toml", include_str!("../demo.toml"));
    // The file is part of the program; a test reads it.
    document::parse::<WorldFile>(&source)
        .and_then(|file| file.resolve(&source))
        .unwrap_or_default()
}

impl WorldFile {
    /// Checks what a type cannot say (identifiers, names, duplicates) and puts it on top of the world it extends.
    ///
    /// `source` is the document it was read from: errors are located in it, and relative paths start from its folder.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn resolve(&self, source: &Source) -> Result<World, DocumentError> {
        let mut world = match self.extends {
            Some(Base::Demo) => World::demo(),
            Some(Base::Empty) | None => World::empty(),
        };
        for entry in &self.account {
            let id = checked(source, &entry.id, |text| text.parse::<AccountId>())?;
            let accounts = &mut world.accounts;
            let account = position_or_push(
                accounts,
                |known| known.id == id,
                || Account::new(id.clone()),
            );
            let mut addition = Addition {
                source,
                world: &mut world,
                account,
            };
            for user in &entry.user {
                addition.user(user)?;
            }
            for role in &entry.role {
                addition.role(role)?;
            }
            for provider in &entry.identity_provider {
                let provider = provider.resolve(source)?;
                addition.account().identity_providers.push(provider);
            }
            for repository in &entry.repository {
                addition.repository(repository)?;
            }
        }
        // What names accounts and roles comes when all of them are there.
        for sso in &self.sso {
            let sso = sso.resolve(source, &world)?;
            world.sso.push(sso);
        }
        if let Some(instance) = &self.instance {
            world.instance = Some(instance.resolve(source, &world)?);
        }
        if let Some(container) = &self.container {
            world.container = Some(container.resolve(source, &world)?);
        }
        for endpoint in &self.vpc_endpoint {
            world.vpc_endpoints.push(endpoint.resolve(source)?);
        }
        Ok(world)
    }
}

/// What is being added to one account of a world.
struct Addition<'a> {
    source: &'a Source,
    world: &'a mut World,
    account: usize,
}

impl Addition<'_> {
    fn account(&mut self) -> &mut Account {
        &mut self.world.accounts[self.account]
    }

    /// Adds a user, or to the user of that name.
    fn user(&mut self, entry: &UserEntry) -> Result<(), DocumentError> {
        let source = self.source;
        let name = checked(source, &entry.name, iam_name)?;
        let user = position_or_push(
            &mut self.account().users,
            |known| known.name == name,
            || User {
                name: name.clone(),
                policies: Policies::default(),
                tags: BTreeMap::new(),
                access_keys: Vec::new(),
                git_credentials: Vec::new(),
                mfa_devices: Vec::new(),
                logins: Vec::new(),
            },
        );
        let known = &mut self.account().users[user];
        policies::add(
            source,
            &mut known.policies,
            &entry.managed_policies,
            &entry.inline_policy,
            entry.permissions_boundary.as_ref(),
        )?;
        known.tags.extend(entry.tags.clone());
        for key in &entry.access_key {
            let key = AccessKey {
                id: checked(source, &key.id, new_key_id(self.world))?,
                secret: checked(source, &key.secret, secret)?,
                status: key.status,
            };
            self.account().users[user].access_keys.push(key);
        }
        for session in &entry.temporary_credential {
            self.session(session, SessionHolder::User(name.clone()))?;
        }
        for credential in &entry.git_credential {
            self.git_credential(credential, user)?;
        }
        for login in &entry.login {
            let login = login.resolve(source)?;
            self.account().users[user].logins.push(login);
        }
        for device in &entry.mfa_device {
            let device = MfaDevice {
                serial: checked(source, &device.serial, mfa_serial)?,
                token_code: checked(source, &device.token_code, mfa_code)?,
            };
            self.account().users[user].mfa_devices.push(device);
        }
        Ok(())
    }

    /// Adds a role, or to the role of that name.
    fn role(&mut self, entry: &RoleEntry) -> Result<(), DocumentError> {
        let source = self.source;
        let name = checked(source, &entry.name, iam_name)?;
        let role = position_or_push(
            &mut self.account().roles,
            |known| known.name == name,
            || Role {
                name: name.clone(),
                trusted: Vec::new(),
                external_id: None,
                require_mfa: false,
                max_session: time::Duration::HOUR,
                policies: Policies::default(),
                tags: BTreeMap::new(),
            },
        );
        for principal in &entry.trusted {
            let principal = checked(source, principal, trusted_principal)?;
            self.account().roles[role].trusted.push(principal);
        }
        let known = &mut self.account().roles[role];
        policies::add(
            source,
            &mut known.policies,
            &entry.managed_policies,
            &entry.inline_policy,
            entry.permissions_boundary.as_ref(),
        )?;
        known.tags.extend(entry.tags.clone());
        known.require_mfa = entry.require_mfa.unwrap_or(known.require_mfa);
        if let Some(duration) = &entry.max_session_duration {
            known.max_session = session_duration(source, duration)?;
        }
        if entry.external_id.is_some() {
            known.external_id.clone_from(&entry.external_id);
        }
        for session in &entry.temporary_credential {
            let holder = SessionHolder::Role {
                role: name.clone(),
                session_name: checked(source, &session.session_name, iam_name)?,
            };
            let session = SessionEntry {
                id: session.id.clone(),
                secret: session.secret.clone(),
                session_token: session.session_token.clone(),
                expires: session.expires.clone(),
                policy: session.policy.clone(),
            };
            self.session(&session, holder)?;
        }
        Ok(())
    }

    fn session(
        &mut self,
        entry: &SessionEntry,
        holder: SessionHolder,
    ) -> Result<(), DocumentError> {
        let source = self.source;
        let session = Session {
            id: checked(source, &entry.id, new_key_id(self.world))?,
            secret: checked(source, &entry.secret, secret)?,
            token: checked(source, &entry.session_token, secret)?,
            expires: checked_if_there(source, entry.expires.as_ref(), instant)?,
            holder,
            mfa_authenticated: false,
            policy: policies::session(source, entry.policy.as_ref())?,
        };
        self.account().sessions.push(Arc::new(session));
        Ok(())
    }

    fn git_credential(
        &mut self,
        entry: &GitCredentialEntry,
        user: usize,
    ) -> Result<(), DocumentError> {
        let source = self.source;
        let id = self.account().id.clone();
        let credential = GitCredential {
            user_name: checked(source, &entry.user_name, new_git_user_name(self.world, &id))?,
            password: checked(source, &entry.password, secret)?,
            former_password: checked_if_there(source, entry.former_password.as_ref(), secret)?,
            status: entry.status,
        };
        let user = &mut self.account().users[user];
        // IAM user guide, "IAM and AWS STS quotas": two sets of service-specific credentials a user and service.
        if user.git_credentials.len() == 2 {
            return Err(source.error_at(
                entry.user_name.span(),
                format!(
                    "user {} has two Git credentials already, and IAM allows no more",
                    user.name
                ),
                None,
            ));
        }
        user.git_credentials.push(credential);
        Ok(())
    }

    fn repository(&mut self, entry: &RepositoryEntry) -> Result<(), DocumentError> {
        let source = self.source;
        let account = self.account();
        let name = checked(source, &entry.name, |text| text.parse::<RepositoryName>())?;
        let region = checked(source, &entry.region, region)?;
        if account.repository(&region, name.as_str()).is_some() {
            return Err(source.error_at(
                entry.name.span(),
                format!(
                    "account {} has a repository `{name}` in {region} already",
                    account.id
                ),
                None,
            ));
        }
        account.repositories.push(Repository {
            name,
            region,
            default_branch: checked(source, &entry.default_branch, branch)?,
            seed: checked(source, &entry.seed, seed(source))?,
            tags: entry.tags.clone(),
        });
        Ok(())
    }
}

/// The account and the role of it that two values name; `is_it` is asked about a role's name and the one that is named.
fn role(
    source: &Source,
    world: &World,
    account: &Spanned<String>,
    role: &Spanned<String>,
    is_it: impl Fn(&str, &str) -> bool,
) -> Result<(AccountId, String), DocumentError> {
    let id = checked(source, account, |text| text.parse::<AccountId>())?;
    let missing = |value: &Spanned<String>, what: String| source.error_at(value.span(), what, None);
    let known = world
        .account(&id)
        .ok_or_else(|| missing(account, format!("there is no account {id}")))?;
    let name = role.get_ref();
    let found = known.roles.iter().find(|known| is_it(&known.name, name));
    match found {
        Some(found) => Ok((id, found.name.clone())),
        None => {
            let names = known.roles.iter().map(|known| &*known.name);
            Err(source.error_at(
                role.span(),
                format!("account {id} has no role `{name}`"),
                document::nearest(name, names).map(|near| format!("did you mean `{near}`?")),
            ))
        }
    }
}

/// Where the element is; it is added if it is not there.
fn position_or_push<T>(
    list: &mut Vec<T>,
    is_it: impl Fn(&T) -> bool,
    make: impl FnOnce() -> T,
) -> usize {
    list.iter().position(is_it).unwrap_or_else(|| {
        list.push(make());
        list.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<World, DocumentError> {
        let source = Source::new("world.toml", text);
        document::parse::<WorldFile>(&source)?.resolve(&source)
    }

    #[test]
    fn the_demo_world_is_the_one_in_the_documentation() {
        let world = World::demo();
        let holder = world.key("AKIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!(
            holder.account.arn(&holder.identity),
            "arn:aws:iam::111122223333:user/alice"
        );
        assert!(
            holder
                .account
                .repository("us-east-2", "MyDemoRepo")
                .is_some()
        );
        assert!(
            holder
                .account
                .repository("us-east-2", "mydemorepo")
                .is_none()
        );
        assert!(
            holder
                .account
                .repository("us-east-1", "MyDemoRepo")
                .is_none()
        );
    }

    #[test]
    fn a_world_adds_to_the_one_it_extends() {
        let world = resolve(
            r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.user]]
name = "alice"
[[account.user.access_key]]
id = "AKIAI44QH8DHBEXAMPLE"
secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
status = "inactive"
[[account.repository]]
name = "Other"
region = "eu-west-1"
[[account]]
id = "444455556666"
"#,
        )
        .unwrap();
        assert_eq!(world.accounts.len(), 2);
        assert_eq!(world.accounts[0].users.len(), 1);
        assert_eq!(world.accounts[0].users[0].access_keys.len(), 2);
        assert_eq!(world.accounts[0].repositories.len(), 2);
        assert_eq!(world.accounts[0].repositories[1].default_branch, "main");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let account = "[[account]]\nid = \"111122223333\"\n";
        for (text, expected) in [
            ("[[acount]]\n", "world.toml:1:3: unknown key `acount`"),
            (
                "extends = \"dmeo\"",
                "world.toml:1:11: unknown value `dmeo`",
            ),
            (
                "[[account]]\nid = 12\n",
                "world.toml:2:6: this is a number; expected a text",
            ),
            (
                "[[account]]\nid = \"12\"\n",
                "world.toml:2:6: an account id has twelve digits",
            ),
            (
                &format!(
                    "{account}[[account.repository]]\nname = \"a.git\"\nregion = \"us-east-2\"\n"
                ),
                "world.toml:4:8: a repository name cannot end in `.git`",
            ),
            (
                &format!("{account}[[account.repository]]\nname = \"a\"\nregion = \"Ohio\"\n"),
                "world.toml:5:10: a Region's name looks like `us-east-2`",
            ),
            (
                &format!(
                    "{account}[[account.repository]]\nname = \"a\"\nregion = \"us-east-2\"\nseed = \"nowhere\"\n"
                ),
                "world.toml:6:8: no repository or bundle at nowhere; a seed is `empty`, `sample` or a path",
            ),
            (
                "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"MyDemoRepo\"\nregion = \"us-east-2\"\n",
                "world.toml:5:8: account 111122223333 has a repository `MyDemoRepo` in us-east-2 already",
            ),
            (
                "extends = \"demo\"\n[[account]]\nid = \"444455556666\"\n[[account.user]]\nname = \"bob\"\n[[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"\nsecret = \"x\"\n",
                "world.toml:7:6: this access key id is taken: ids are unique in all of AWS",
            ),
            (
                &format!(
                    "{account}[[account.user]]\nname = \"bob\"\nmanaged_policies = [\"AWSCodeCommitReadonly\"]\n"
                ),
                "world.toml:5:21: unknown value `AWSCodeCommitReadonly`",
            ),
        ] {
            assert_eq!(resolve(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_misspelt_policy_gets_a_suggestion() {
        let error = resolve("[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"bob\"\nmanaged_policies = [\"AWSCodeCommitReadonly\"]\n").unwrap_err();
        assert_eq!(
            error.help.as_deref(),
            Some("did you mean `AWSCodeCommitReadOnly`?")
        );
    }

    #[test]
    fn git_credentials_follow_iams_rules() {
        let alice = "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.user]]\nname = \"alice\"\n";
        let credential = |name: &str| {
            format!("[[account.user.git_credential]]\nuser_name = \"{name}\"\npassword = \"x\"\n")
        };
        let add = |names: &[&str]| {
            let entries: String = names.iter().map(|name| credential(name)).collect();
            resolve(&format!("{alice}{entries}"))
        };
        assert!(add(&["alice+1-at-111122223333"]).is_ok());
        for (names, expected) in [
            (
                &["alice"][..],
                "world.toml:7:13: the user name of a Git credential of this account ends in `-at-111122223333`",
            ),
            (
                &["alice-at-111122223333"],
                "world.toml:7:13: this user name is taken",
            ),
            (
                &["alice+1-at-111122223333", "alice+2-at-111122223333"],
                "world.toml:10:13: user alice has two Git credentials already, and IAM allows no more",
            ),
        ] {
            assert_eq!(add(names).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn roles_and_their_sessions_are_known_by_their_keys() {
        let world = resolve(
            r#"
extends = "demo"
[[account]]
id = "111122223333"
[[account.role]]
name = "Deployer"
trusted = ["arn:aws:iam::111122223333:user/alice", "ec2.amazonaws.com"]
managed_policies = ["AWSCodeCommitReadOnly"]
[[account.role.temporary_credential]]
session_name = "build-7"
id = "ASIAIOSFODNN7EXAMPLE"
secret = "x"
session_token = "y"
"#,
        )
        .unwrap();
        let holder = world.key("ASIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!(
            holder.account.arn(&holder.identity),
            "arn:aws:sts::111122223333:assumed-role/Deployer/build-7"
        );
    }
}
