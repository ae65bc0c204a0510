mod addition;
mod checks;
mod entry;
mod federation;
mod machine;
mod policies;

use serde::Deserialize;

use self::addition::{Addition, position_or_push};
use self::checks::checked;
use self::entry::AccountEntry;
use self::federation::SsoEntry;
use self::machine::{ContainerEntry, InstanceEntry};
use self::policies::VpcEndpointEntry;
pub use self::policies::{endpoint_policy, identity_policy, permissions_boundary};
use super::{Account, AccountId, World};
use crate::document::{self, DocumentError, Source, Spanned};

/// A world as it stands in a file, or in the `[world]` table of a scenario; [`WorldFile::resolve`] makes a [`World`] of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// The world to start from: `demo` or `empty`, or another that the reader of the file knows. What follows is added to it.
    extends: Option<Spanned<String>>,
    /// Accounts.
    #[serde(default)]
    account: Vec<AccountEntry>,
    /// IAM Identity Center.
    #[serde(default)]
    sso: Vec<SsoEntry>,
    /// The machine is an EC2 instance.
    instance: Option<InstanceEntry>,
    /// The machine is a container.
    container: Option<ContainerEntry>,
    /// VPC endpoints.
    #[serde(default)]
    vpc_endpoint: Vec<VpcEndpointEntry>,
}

/// The built-in demo world.
pub(super) fn demo() -> World {
    let source = Source::new("demo.toml", include_str!("../demo.toml"));
    // The file is part of the program; a test reads it.
    World::parse(&source).unwrap_or_default()
}

impl WorldFile {
    /// Checks what a type cannot say (identifiers, names, duplicates) and puts it on top of the world it extends.
    ///
    /// `source` is the document it was read from: errors are located in it, and relative paths start from its folder.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn resolve(&self, source: &Source) -> Result<World, DocumentError> {
        self.resolve_with(source, |name| {
            World::named(name.get_ref()).ok_or_else(|| {
                source.error_at(
                    name.span(),
                    format!("unknown value `{}`", name.get_ref()),
                    document::suggestion(name.get_ref(), World::NAMES),
                )
            })
        })
    }

    /// As [`WorldFile::resolve`], where `extends` may name other worlds: `base` finds them.
    ///
    /// # Errors
    /// Those of `base`, and the first thing that is wrong, with its place.
    pub fn resolve_with(
        &self,
        source: &Source,
        base: impl FnOnce(&Spanned<String>) -> Result<World, DocumentError>,
    ) -> Result<World, DocumentError> {
        let mut world = match &self.extends {
            Some(name) => base(name)?,
            None => World::empty(),
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
                document::did_you_mean(name, names),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<World, DocumentError> {
        World::parse(&Source::new("world.toml", text))
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
                "world.toml:5:10: CodeCommit has no Region `Ohio`",
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
                "extends = \"demo\"\n[[account]]\nid = \"111122223333\"\n[[account.repository]]\nname = \"New\"\ncreated_as = \"MyDemoRepo\"\nregion = \"us-east-2\"\n",
                "world.toml:6:14: account 111122223333 has a repository `MyDemoRepo` in us-east-2 that was created as `MyDemoRepo`",
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
