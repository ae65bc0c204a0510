use std::path::{Path, PathBuf};

use codecommit_helper::secret::Secret;
use codecommit_helper::timestamp::Timestamp;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use toml::Spanned;

use super::{
    AccessKey, Account, AccountId, KeyStatus, ManagedPolicy, Repository, RepositoryName, Seed,
    TemporaryCredential, User, World,
};
use crate::document::{self, DocumentError, Source};

/// A world as it stands in a file, or in the `[world]` table of a scenario; [`WorldFile::resolve`] makes a [`World`] of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// The world to start from: `demo` or `empty`. What follows is added to it.
    extends: Option<Spanned<Base>>,
    #[serde(default)]
    account: Vec<AccountEntry>,
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
    repository: Vec<RepositoryEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    name: Spanned<String>,
    #[serde(default)]
    managed_policies: Vec<ManagedPolicy>,
    #[serde(default)]
    access_key: Vec<AccessKeyEntry>,
    #[serde(default)]
    temporary_credential: Vec<TemporaryCredentialEntry>,
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
struct TemporaryCredentialEntry {
    id: Spanned<String>,
    secret: Spanned<String>,
    session_token: Spanned<String>,
    expires: Option<Spanned<String>>,
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
}

fn main_branch() -> Spanned<String> {
    Spanned::new(0..0, "main".to_owned())
}

fn empty_seed() -> Spanned<String> {
    Spanned::new(0..0, "empty".to_owned())
}

/// The built-in demo world.
pub(super) fn demo() -> World {
    let source = Source::new("demo.toml", include_str!("demo.toml"));
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
        let mut world = match self.extends.as_ref().map(|base| *base.get_ref()) {
            Some(Base::Demo) => World::demo(),
            Some(Base::Empty) | None => World::empty(),
        };
        for entry in &self.account {
            let id = checked(source, &entry.id, |text| text.parse::<AccountId>())?;
            let index = match world.accounts.iter().position(|known| known.id == id) {
                Some(index) => index,
                None => {
                    world.accounts.push(Account {
                        id,
                        users: Vec::new(),
                        repositories: Vec::new(),
                    });
                    world.accounts.len() - 1
                }
            };
            for user in &entry.user {
                add_user(source, &mut world, index, user)?;
            }
            for repository in &entry.repository {
                add_repository(source, &mut world.accounts[index], repository)?;
            }
        }
        Ok(world)
    }
}

/// Adds a user, or to a user of that name.
fn add_user(
    source: &Source,
    world: &mut World,
    account: usize,
    entry: &UserEntry,
) -> Result<(), DocumentError> {
    let name = checked(source, &entry.name, user_name)?;
    for key in &entry.access_key {
        new_key_id(source, world, &key.id)?;
        let key = AccessKey {
            id: key.id.get_ref().clone(),
            secret: checked(source, &key.secret, secret)?,
            status: key.status,
        };
        user(world, account, &name).access_keys.push(key);
    }
    for key in &entry.temporary_credential {
        new_key_id(source, world, &key.id)?;
        let credential = TemporaryCredential {
            id: key.id.get_ref().clone(),
            secret: checked(source, &key.secret, secret)?,
            session_token: checked(source, &key.session_token, secret)?,
            expires: match &key.expires {
                Some(text) => Some(checked(source, text, instant)?),
                None => None,
            },
        };
        user(world, account, &name)
            .temporary_credentials
            .push(credential);
    }
    let user = user(world, account, &name);
    for policy in &entry.managed_policies {
        if !user.managed_policies.contains(policy) {
            user.managed_policies.push(*policy);
        }
    }
    Ok(())
}

fn user<'a>(world: &'a mut World, account: usize, name: &str) -> &'a mut User {
    let users = &mut world.accounts[account].users;
    let index = match users.iter().position(|user| user.name == name) {
        Some(index) => index,
        None => {
            users.push(User {
                name: name.to_owned(),
                managed_policies: Vec::new(),
                access_keys: Vec::new(),
                temporary_credentials: Vec::new(),
            });
            users.len() - 1
        }
    };
    &mut users[index]
}

fn add_repository(
    source: &Source,
    account: &mut Account,
    entry: &RepositoryEntry,
) -> Result<(), DocumentError> {
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
        seed: checked(source, &entry.seed, |text| {
            seed(text, Path::new(source.name()))
        })?,
    });
    Ok(())
}

fn new_key_id(source: &Source, world: &World, id: &Spanned<String>) -> Result<(), DocumentError> {
    let is_id = |text: &str| {
        (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let problem = if !is_id(id.get_ref()) {
        "an access key id has 16 to 128 letters and digits"
    } else if world.key(id.get_ref()).is_some() {
        "this access key id is taken: ids are unique in all of AWS"
    } else {
        return Ok(());
    };
    Err(source.error_at(id.span(), problem, None))
}

/// Runs a check on a value; its error is located at the value.
fn checked<T, E: ToString>(
    source: &Source,
    value: &Spanned<String>,
    check: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, DocumentError> {
    check(value.get_ref())
        .map_err(|problem| source.error_at(value.span(), problem.to_string(), None))
}

fn user_name(text: &str) -> Result<String, &'static str> {
    // IAM's rule for user names: up to 64 letters, digits and `+=,.@_-`.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("a user name has 1 to 64 letters, digits and `+=,.@_-`")
    }
}

fn secret(text: &str) -> Result<Secret, &'static str> {
    if text.is_empty() {
        Err("this secret is empty")
    } else {
        Ok(Secret::new(text))
    }
}

fn region(text: &str) -> Result<String, &'static str> {
    // The shape only: a world may have Regions of its own.
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if text.split('-').count() >= 2 && text.split('-').all(is_part) {
        Ok(text.to_owned())
    } else {
        Err("a Region's name looks like `us-east-2`")
    }
}

fn branch(text: &str) -> Result<String, &'static str> {
    // The user guide's rules for branch names ("Quotas in AWS CodeCommit").
    let bad_character = |c: char| c.is_whitespace() || c.is_control() || "?^*[\\~:".contains(c);
    let is_bad = text.is_empty()
        || text.chars().count() > 256
        || text.contains(bad_character)
        || text.starts_with(['/', '.', '-'])
        || text.ends_with(['/', '.'])
        || text.contains("..")
        || text.contains("//")
        || text.contains("@{")
        || text == "@";
    if is_bad {
        Err("this cannot be the name of a branch")
    } else {
        Ok(text.to_owned())
    }
}

fn seed(text: &str, document: &Path) -> Result<Seed, String> {
    match text {
        "empty" => Ok(Seed::Empty),
        "sample" => Ok(Seed::Sample),
        path => {
            let folder = document.parent().map_or_else(PathBuf::new, Path::to_owned);
            let path = folder.join(path);
            if path.exists() {
                Ok(Seed::Path(path))
            } else {
                Err(format!(
                    "no repository or bundle at {}; a seed is `empty`, `sample` or a path",
                    path.display()
                ))
            }
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, &'static str> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(|at| Timestamp::new(at.into()))
        .map_err(|_| "a time looks like `2025-01-15T08:30:00Z`")
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
            holder.account.user_arn(holder.user),
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
                "world.toml:2:6: invalid type: integer `12`, expected a string",
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
}
