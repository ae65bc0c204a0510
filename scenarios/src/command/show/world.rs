//! Who and what exists on the server, for reading.

use std::fmt::{self, Write as _};

use codecommit_mock::world::{
    Account, GitCredentialStatus, InlinePolicy, KeyStatus, Policies, Role, Seed, SessionHolder,
    User, World,
};

/// The whole world, without its secrets.
pub(super) fn tell(text: &mut String, world: &World) -> fmt::Result {
    for account in &world.accounts {
        writeln!(text, "  account {}", account.id)?;
        for user in &account.users {
            self::user(text, account, user)?;
        }
        for role in &account.roles {
            self::role(text, account, role)?;
        }
        for provider in &account.identity_providers {
            writeln!(text, "    identity provider {}", provider.url)?;
        }
        for repository in &account.repositories {
            let (name, region) = (repository.name.as_str(), &repository.region);
            let seed = match &repository.seed {
                Seed::Empty => ", empty",
                _ => "",
            };
            writeln!(text, "    repository {name} in {region}{seed}")?;
            tags(text, repository.tags.iter())?;
        }
    }
    for sso in &world.sso {
        writeln!(
            text,
            "  IAM Identity Center {} in {}",
            sso.start_url, sso.region
        )?;
        for assignment in &sso.assignments {
            let (role, account) = (&assignment.role, &assignment.account);
            writeln!(text, "    {} may be {role} in {account}", sso.user)?;
        }
    }
    if let Some(instance) = &world.instance {
        let (role, account) = (&instance.role, &instance.account);
        writeln!(
            text,
            "  the machine is an EC2 instance with the role {role} of {account}"
        )?;
    }
    if let Some(container) = &world.container {
        let (role, account) = (&container.role, &container.account);
        writeln!(
            text,
            "  the machine is a container with the role {role} of {account}"
        )?;
    }
    for endpoint in &world.vpc_endpoints {
        writeln!(text, "  VPC endpoint {}", endpoint.id)?;
        if let Some(policy) = &endpoint.policy {
            json(text, policy.json())?;
        }
    }
    Ok(())
}

fn user(text: &mut String, account: &Account, user: &User) -> fmt::Result {
    writeln!(text, "    user {}{}", user.name, managed(&user.policies))?;
    documents(text, &user.policies)?;
    tags(text, user.tags.iter())?;
    for key in &user.access_keys {
        let status = match key.status {
            KeyStatus::Active => "",
            KeyStatus::Inactive => ", inactive",
            KeyStatus::Deleted => ", deleted",
        };
        writeln!(text, "      access key {}{status}", key.id)?;
    }
    for credential in &user.git_credentials {
        let status = match credential.status {
            GitCredentialStatus::Active => "",
            GitCredentialStatus::Inactive => ", inactive",
        };
        writeln!(
            text,
            "      Git credential {}{status}",
            credential.user_name
        )?;
    }
    for device in &user.mfa_devices {
        writeln!(text, "      MFA device {}", device.serial)?;
    }
    for session in &account.sessions {
        if matches!(&session.holder, SessionHolder::User(name) if *name == user.name) {
            let mfa = if session.mfa_authenticated {
                ", with MFA"
            } else {
                ""
            };
            writeln!(text, "      temporary key {}{mfa}", session.id)?;
        }
    }
    Ok(())
}

fn role(text: &mut String, account: &Account, role: &Role) -> fmt::Result {
    writeln!(text, "    role {}{}", role.name, managed(&role.policies))?;
    documents(text, &role.policies)?;
    tags(text, role.tags.iter())?;
    if !role.trusted.is_empty() {
        writeln!(text, "      trusts {}", role.trusted.join(", "))?;
    }
    for session in &account.sessions {
        if let SessionHolder::Role {
            role: of,
            session_name,
        } = &session.holder
            && *of == role.name
        {
            let expires = session
                .expires
                .map_or(String::new(), |at| format!(", until {at}"));
            writeln!(
                text,
                "      temporary key {} of {session_name}{expires}",
                session.id
            )?;
        }
    }
    Ok(())
}

fn managed(policies: &Policies) -> String {
    match (&policies.managed[..], &policies.inline[..]) {
        ([], []) => ", without policies".to_owned(),
        ([], _) => String::new(),
        (managed, _) => {
            let names: Vec<String> = managed.iter().map(ToString::to_string).collect();
            format!(", {}", names.join(", "))
        }
    }
}

fn documents(text: &mut String, policies: &Policies) -> fmt::Result {
    for InlinePolicy { name, document } in &policies.inline {
        writeln!(text, "      policy {name}:")?;
        json(text, document.json())?;
    }
    if let Some(boundary) = &policies.boundary {
        writeln!(text, "      permissions boundary {}:", boundary.name)?;
        json(text, boundary.document.json())?;
    }
    Ok(())
}

fn json(text: &mut String, json: &str) -> fmt::Result {
    for line in json.trim().lines() {
        writeln!(text, "        {line}")?;
    }
    Ok(())
}

fn tags<'a>(
    text: &mut String,
    tags: impl Iterator<Item = (&'a String, &'a String)>,
) -> fmt::Result {
    for (key, value) in tags {
        writeln!(text, "      tag {key} = {value}")?;
    }
    Ok(())
}
