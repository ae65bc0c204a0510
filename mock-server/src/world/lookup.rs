use super::{Account, Repository, World};

/// Why a repository is not there, as far as the rest of the world explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingRepository {
    /// The account has it in another Region: the URL names the wrong one.
    InOtherRegion(String),
    /// The same Region has it with other capital letters: names are case-sensitive.
    InOtherCase(String),
    /// It is there without `.git` at the end.
    WithoutGitSuffix(String),
    /// It is there without a slash that is too many.
    WithoutExtraSlash(String),
    /// It has another name now: there is no way from the old one.
    Renamed(String),
    /// Another account has it: the account is taken from the credentials, never from the URL.
    InOtherAccount,
    /// The path is not `/v1/repos/NAME`.
    NotARepositoryPath,
    /// Nothing like it.
    Nowhere,
}

impl World {
    /// The repository that a path names for an account in a Region.
    ///
    /// # Errors
    /// Why it is not there.
    pub fn repository<'a>(
        &'a self,
        account: &'a Account,
        region: &str,
        path: &str,
    ) -> Result<&'a Repository, MissingRepository> {
        let Some(name) = path.strip_prefix("/v1/repos/") else {
            return Err(MissingRepository::NotARepositoryPath);
        };
        if let Some(repository) = account.repository(region, name) {
            return Ok(repository);
        }
        let renamed = account
            .repositories
            .iter()
            .find(|known| known.region == region && known.created_as.as_str() == name);
        if let Some(repository) = renamed {
            return Err(MissingRepository::Renamed(repository.name.to_string()));
        }
        let elsewhere = account
            .repositories
            .iter()
            .find(|known| known.name.as_str() == name);
        if let Some(repository) = elsewhere {
            return Err(MissingRepository::InOtherRegion(repository.region.clone()));
        }
        if let Some(stem) = name.strip_suffix(".git")
            && account.repository(region, stem).is_some()
        {
            return Err(MissingRepository::WithoutGitSuffix(stem.to_owned()));
        }
        let bare = name.trim_matches('/');
        if bare != name && account.repository(region, bare).is_some() {
            return Err(MissingRepository::WithoutExtraSlash(bare.to_owned()));
        }
        let other_case = account
            .repositories
            .iter()
            .find(|known| known.region == region && known.name.as_str().eq_ignore_ascii_case(name));
        if let Some(repository) = other_case {
            return Err(MissingRepository::InOtherCase(repository.name.to_string()));
        }
        let in_other_account = self
            .accounts
            .iter()
            .any(|other| other.id != account.id && other.repository(region, name).is_some());
        Err(if in_other_account {
            MissingRepository::InOtherAccount
        } else {
            MissingRepository::Nowhere
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_the_old_name_is_told_the_new_one() {
        let mut world = World::demo();
        world.accounts[0].repositories[0].rename("Renamed".parse().unwrap());
        let account = &world.accounts[0];
        let found = |region: &str, name: &str| {
            let path = format!("/v1/repos/{name}");
            let found = world.repository(account, region, &path);
            found.map(|repository| repository.name.to_string())
        };
        assert_eq!(found("us-east-2", "Renamed"), Ok("Renamed".to_owned()));
        assert_eq!(
            found("us-east-2", "MyDemoRepo"),
            Err(MissingRepository::Renamed("Renamed".to_owned()))
        );
        assert_eq!(
            found("us-east-1", "MyDemoRepo"),
            Err(MissingRepository::Nowhere)
        );
    }

    #[test]
    fn a_missing_repository_is_explained() {
        let world = World::demo();
        let account = &world.accounts[0];
        let missing =
            |region: &str, path: &str| world.repository(account, region, path).unwrap_err();
        assert!(
            world
                .repository(account, "us-east-2", "/v1/repos/MyDemoRepo")
                .is_ok()
        );
        assert_eq!(
            missing("us-east-1", "/v1/repos/MyDemoRepo"),
            MissingRepository::InOtherRegion("us-east-2".to_owned())
        );
        assert_eq!(
            missing("us-east-2", "/v1/repos/mydemorepo"),
            MissingRepository::InOtherCase("MyDemoRepo".to_owned())
        );
        assert_eq!(
            missing("us-east-2", "/v1/repos/MyDemoRepo.git"),
            MissingRepository::WithoutGitSuffix("MyDemoRepo".to_owned())
        );
        for path in ["/v1/repos//MyDemoRepo", "/v1/repos/MyDemoRepo/"] {
            let found = missing("us-east-2", path);
            assert_eq!(
                found,
                MissingRepository::WithoutExtraSlash("MyDemoRepo".to_owned())
            );
        }
        assert_eq!(
            missing("us-east-2", "/MyDemoRepo"),
            MissingRepository::NotARepositoryPath
        );
        assert_eq!(
            missing("us-east-2", "/v1/repos/Nope"),
            MissingRepository::Nowhere
        );
        assert_eq!(
            missing("us-east-2", "/v1/repos/../x"),
            MissingRepository::Nowhere
        );
    }
}
