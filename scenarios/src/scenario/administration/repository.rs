//! Repositories, and their tags.

use std::collections::BTreeMap;

use codecommit_mock::document::{DocumentError, Source, Spanned};
use codecommit_mock::world::{Account, RepositoryName, World};
use schemars::JsonSchema;
use serde::Deserialize;

use super::lookup::{self, unknown};

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RepositoryFile {
    /// The repository.
    repository: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RepositoryNameFile {
    /// The name that it has.
    old_name: Spanned<String>,
    /// The name that it gets.
    new_name: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TagsFile {
    /// The repository.
    repository: Spanned<String>,
    /// Tags and their values.
    tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TagKeysFile {
    /// The repository.
    repository: Spanned<String>,
    /// The tags that go.
    tag_keys: Vec<Spanned<String>>,
}

impl RepositoryNameFile {
    pub(super) fn update(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let new = &self.new_name;
        let name: RepositoryName = new.get_ref().parse().map_err(
            |error: codecommit_mock::world::NotARepositoryName| {
                document.error_at(new.span(), error.to_string(), None)
            },
        )?;
        let region = lookup::repository(document, world, &self.old_name)?
            .region
            .clone();
        let has = |account: &Account, name: &str| account.repository(&region, name).is_some();
        let mut accounts = world.accounts.iter();
        if accounts.any(|it| has(it, self.old_name.get_ref()) && has(it, name.as_str())) {
            let message = format!("the account has a repository `{name}` in {region} already");
            return Err(document.error_at(new.span(), message, None));
        }
        let told = format!("renames repository {} to {name}", self.old_name.get_ref());
        lookup::repository(document, world, &self.old_name)?.rename(name);
        Ok(told)
    }
}

impl RepositoryFile {
    pub(super) fn delete(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let name = lookup::repository(document, world, &self.repository)?
            .name
            .clone();
        for account in &mut world.accounts {
            account.repositories.retain(|known| known.name != name);
        }
        Ok(format!("deletes repository {name}"))
    }
}

impl TagsFile {
    pub(super) fn tag(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let repository = lookup::repository(document, world, &self.repository)?;
        repository.tags.extend(self.tags.clone());
        let tags = self
            .tags
            .iter()
            .map(|(tag, value)| format!("{tag}={value}"));
        let tags: Vec<String> = tags.collect();
        Ok(format!(
            "tags repository {} with {}",
            repository.name,
            tags.join(", ")
        ))
    }
}

impl TagKeysFile {
    pub(super) fn untag(
        &self,
        document: &Source,
        world: &mut World,
    ) -> Result<String, DocumentError> {
        let repository = lookup::repository(document, world, &self.repository)?;
        for tag in &self.tag_keys {
            if repository.tags.remove(tag.get_ref()).is_none() {
                let known: Vec<String> = repository.tags.keys().cloned().collect();
                let what = format!("tag of repository {}", repository.name);
                return Err(unknown(document, &what, tag, &known));
            }
        }
        let tags: Vec<&str> = self
            .tag_keys
            .iter()
            .map(|it| it.get_ref().as_str())
            .collect();
        Ok(format!(
            "removes the tag {} of repository {}",
            tags.join(", "),
            repository.name
        ))
    }
}
