use serde_json::{Value, json};

use super::Problem;
use crate::document::Source;
use crate::world::{Account, World};

/// A world as a reader needs it: no secret is in it.
pub(super) fn describe(world: &World) -> Value {
    let accounts: Vec<Value> = world.accounts.iter().map(account).collect();
    json!({ "accounts": accounts })
}

/// A world file.
pub(super) fn parse(text: &str) -> Result<World, Problem> {
    World::parse(&Source::new("world.toml", text)).map_err(Problem::in_document)
}

fn account(account: &Account) -> Value {
    let users: Vec<Value> = account
        .users
        .iter()
        .map(|user| {
            let keys: Vec<&str> = user.access_keys.iter().map(|key| &*key.id).collect();
            let names = user.git_credentials.iter();
            let names: Vec<&str> = names.map(|credential| &*credential.user_name).collect();
            json!({ "name": user.name, "access_keys": keys, "git_credentials": names })
        })
        .collect();
    let roles: Vec<&str> = account.roles.iter().map(|role| &*role.name).collect();
    let repositories: Vec<Value> = account
        .repositories
        .iter()
        .map(|repository| {
            json!({
                "name": repository.name.as_str(),
                "region": repository.region,
                "default_branch": repository.default_branch,
            })
        })
        .collect();
    json!({
        "id": account.id.as_str(),
        "users": users,
        "roles": roles,
        "repositories": repositories,
    })
}
