//! What the user's machine has: variables, configuration and tools.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use codecommit_mock::world::World;

use crate::scenario::Client;
use crate::subject::Subject;
use crate::toolbox::{Peer, Toolbox};
use crate::{environment, links, stand_in};

/// What the scenario sets. On a machine that is an instance, SDKs may ask the metadata service for keys; elsewhere they
/// must not, since that would be the metadata service of a real one.
pub(super) fn client_env(world: &World, client: &Client) -> BTreeMap<String, String> {
    let mut env = client.env.clone();
    if world.instance.is_some() {
        env.entry("AWS_EC2_METADATA_DISABLED".to_owned())
            .or_insert_with(|| "false".to_owned());
    }
    env
}

pub(super) fn write_client_files(folder: &Path, world: &World, client: &Client) -> io::Result<()> {
    let write = |name: &str, content: &Option<String>| match content {
        Some(content) => fs::write(folder.join(name), content),
        None => Ok(()),
    };
    // An absent GIT_CONFIG_SYSTEM is fine for git, but `git config --system` has to have a place to write to.
    write(
        "gitconfig",
        &Some(client.gitconfig_system.clone().unwrap_or_default()),
    )?;
    write("home/.gitconfig", &client.gitconfig_global)?;
    let (config, credentials) = aws_configure(world);
    write("home/.aws/config", &client.aws_config.clone().or(config))?;
    write(
        "home/.aws/credentials",
        &client.aws_credentials.clone().or(credentials),
    )
}

/// The files that `aws configure` writes when it is answered as the guide says (step 1): a user's key, the repository's
/// Region, json.
pub(crate) fn aws_configure(world: &World) -> (Option<String>, Option<String>) {
    let config = environment::first_region(world)
        .map(|region| format!("[default]\nregion = {region}\noutput = json\n"));
    let credentials = environment::first_key(world).map(|key| {
        format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.id,
            key.secret.expose()
        )
    });
    (config, credentials)
}

pub(super) fn link_tools(
    bin: &Path,
    peers: &[Peer],
    toolbox: &Toolbox,
    subject: &Subject,
) -> io::Result<()> {
    links::link(&subject.git, bin, "git")?;
    stand_in::link_helpers(bin, peers, toolbox, subject)?;
    // `aws` stands there already.
    for peer in peers.iter().filter(|peer| **peer != Peer::Aws) {
        if let Ok(program) = toolbox.peer(*peer) {
            links::wrapper(program, bin, peer.as_str())?;
        }
    }
    Ok(())
}
