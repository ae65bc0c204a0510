//! Worlds and client set-ups that extend others.

use codecommit_mock::document::{self, DocumentError, Source};
use codecommit_mock::world::{World, WorldFile};

use crate::scenario::Client;
use crate::scenario::file::ClientFile;
use crate::scenario::shared::{Kind, Library, no_circle};

/// The world of a document; the demo world, if it says nothing about it.
pub(super) fn world(
    document: &Source,
    file: Option<&WorldFile>,
    library: &mut Library,
) -> Result<World, DocumentError> {
    match file {
        Some(file) => extended_world(file, &mut vec![document.clone()], library),
        None => Ok(World::demo()),
    }
}

/// The world of the last document of the trail.
fn extended_world(
    file: &WorldFile,
    trail: &mut Vec<Source>,
    library: &mut Library,
) -> Result<World, DocumentError> {
    let Some(document) = trail.last().cloned() else {
        return Ok(World::empty());
    };
    file.resolve_with(&document, |name| {
        if let Some(world) = World::named(name.get_ref()) {
            return Ok(world);
        }
        let found = library.find(Kind::World, name, &document)?;
        no_circle(&found, name, trail)?;
        let file = document::parse::<WorldFile>(&found)?;
        trail.push(found);
        extended_world(&file, trail, library)
    })
}

/// The client set-up of a document.
pub(super) fn client(
    document: &Source,
    file: ClientFile,
    library: &mut Library,
) -> Result<Client, DocumentError> {
    extended_client(file, &mut vec![document.clone()], library)
}

fn extended_client(
    file: ClientFile,
    trail: &mut Vec<Source>,
    library: &mut Library,
) -> Result<Client, DocumentError> {
    let base = match (&file.extends, trail.last().cloned()) {
        (Some(name), Some(document)) => {
            let found = library.find(Kind::Client, name, &document)?;
            no_circle(&found, name, trail)?;
            let file = document::parse::<ClientFile>(&found)?;
            trail.push(found);
            extended_client(file, trail, library)?
        }
        _ => Client::default(),
    };
    let mut env = base.env;
    env.extend(file.env);
    Ok(Client {
        gitconfig_system: file.gitconfig.system.or(base.gitconfig_system),
        gitconfig_global: file.gitconfig.global.or(base.gitconfig_global),
        aws_config: file.aws.config.or(base.aws_config),
        aws_credentials: file.aws.credentials.or(base.aws_credentials),
        env,
    })
}
