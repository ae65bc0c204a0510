//! The world files in `docs/world-files.md` are some.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use codecommit_mock::document::Source;
use codecommit_mock::world::World;

/// The worlds of the page, in its order.
fn documented() -> Vec<World> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/world-files.md");
    let text = std::fs::read_to_string(path).unwrap();
    let examples = text.split("```toml\n").skip(1);
    examples
        .map(|rest| {
            let (example, _) = rest.split_once("```\n").unwrap();
            let source = Source::new("world-files.md", example);
            World::parse(&source).unwrap_or_else(|error| panic!("{error}\n{example}"))
        })
        .collect()
}

#[test]
fn the_documented_world_files_are_read() {
    let [accounts, federation] = &documented()[..] else {
        panic!("the page has other examples");
    };
    assert_eq!(accounts.accounts.len(), 1);
    assert_eq!(accounts.accounts[0].users.len(), 2);
    assert!(accounts.instance.is_some());
    assert_eq!(federation.accounts[0].roles.len(), 3);
    assert_eq!(federation.sso[0].assignments.len(), 1);
    assert!(federation.container.is_some());
}
