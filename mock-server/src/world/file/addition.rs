//! Puts the entries of an account into a world, each checked on its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::checks::{
    branch, checked, checked_if_there, iam_name, instant, mfa_code, mfa_serial, new_git_user_name,
    new_key_id, region, secret, seed, session_duration, trusted_principal,
};
use super::entry::{GitCredentialEntry, RepositoryEntry, RoleEntry, SessionEntry, UserEntry};
use super::policies;
use crate::document::{DocumentError, Source};
use crate::world::{
    AccessKey, Account, GitCredential, MfaDevice, Policies, Repository, RepositoryName, Role,
    Session, SessionHolder, User, World,
};
/// What is being added to one account of a world.
pub(super) struct Addition<'a> {
    pub(super) source: &'a Source,
    pub(super) world: &'a mut World,
    pub(super) account: usize,
}

impl Addition<'_> {
    pub(super) fn account(&mut self) -> &mut Account {
        &mut self.world.accounts[self.account]
    }

    /// Adds a user, or to the user of that name.
    pub(super) fn user(&mut self, entry: &UserEntry) -> Result<(), DocumentError> {
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
    pub(super) fn role(&mut self, entry: &RoleEntry) -> Result<(), DocumentError> {
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
                // Sessions of `AssumeRole` carry no MFA information.
                mfa: false,
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
            mfa_authenticated: entry.mfa,
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

    pub(super) fn repository(&mut self, entry: &RepositoryEntry) -> Result<(), DocumentError> {
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
        let first_name = entry.created_as.as_ref().unwrap_or(&entry.name);
        let created_as = checked(source, first_name, |text| text.parse::<RepositoryName>())?;
        let same_origin = account
            .repositories
            .iter()
            .find(|known| known.region == region && known.created_as == created_as);
        if let Some(known) = same_origin {
            return Err(source.error_at(
                first_name.span(),
                format!(
                    "account {} has a repository `{}` in {region} that was created as `{created_as}`",
                    account.id, known.name
                ),
                Some("what they hold would lie in one place".to_owned()),
            ));
        }
        account.repositories.push(Repository {
            name,
            created_as,
            region,
            default_branch: checked(source, &entry.default_branch, branch)?,
            seed: checked(source, &entry.seed, seed(source))?,
            tags: entry.tags.clone(),
        });
        Ok(())
    }
}

/// Where the element is; it is added if it is not there.
pub(super) fn position_or_push<T>(
    list: &mut Vec<T>,
    is_it: impl Fn(&T) -> bool,
    make: impl FnOnce() -> T,
) -> usize {
    list.iter().position(is_it).unwrap_or_else(|| {
        list.push(make());
        list.len() - 1
    })
}
