//! The world file in `docs/world-files.md` is one.

use codecommit_mock::document::{self, Source};
use codecommit_mock::world::WorldFile;

#[test]
fn the_documented_world_file_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/world-files.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```\n").unwrap();
    let source = Source::new("world-files.md", example);
    let world = document::parse::<WorldFile>(&source)
        .and_then(|file| file.resolve(&source))
        .map_err(|error| error.to_string());
    let world = world.unwrap();
    assert_eq!(world.accounts.len(), 1);
    assert_eq!(world.accounts[0].users.len(), 2);
    assert!(world.instance.is_some());
}
