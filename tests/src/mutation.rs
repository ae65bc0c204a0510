//! Breakages of the endpoint, as they stand in `tests/mutations/mutations.toml`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

/// A small change to the endpoint's source that makes it wrong, and who has to notice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// Its name on the command line.
    pub name: String,
    /// What the endpoint does then, in one sentence.
    pub breaks: String,
    /// The file that is changed, from the root of the workspace.
    pub file: PathBuf,
    /// A text that stands in it exactly once.
    pub find: String,
    /// What takes its place.
    pub replace: String,
    /// The ids of the scenarios that fail then.
    pub red: Vec<String>,
}

/// The list of mutations, or one of them, is of no use.
#[derive(Debug, thiserror::Error)]
pub enum MutationError {
    /// A file cannot be read.
    #[error("read {}: {cause}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The list is not one.
    #[error("read the list of mutations: {0}")]
    Malformed(#[from] toml::de::Error),
    /// The source has changed, and the mutation has not.
    #[error(
        "apply `{name}`: its text stands {times} times in {}, and has to stand there once: the source has changed",
        file.display()
    )]
    Stale {
        /// The mutation.
        name: String,
        /// The file.
        file: PathBuf,
        /// How often the text stands in it.
        times: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutation: Vec<Mutation>,
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All of them, in the order of the list.
///
/// # Errors
/// The list cannot be read.
pub fn read() -> Result<Vec<Mutation>, MutationError> {
    let list: List = toml::from_str(&text_of(&root().join("tests/mutations/mutations.toml"))?)?;
    Ok(list.mutation)
}

impl Mutation {
    /// The changed text of its file, which is read below `root`.
    ///
    /// # Errors
    /// The text to change does not stand in it exactly once.
    pub fn changed(&self, root: &Path) -> Result<String, MutationError> {
        let text = text_of(&root.join(&self.file))?;
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            times => Err(MutationError::Stale {
                name: self.name.clone(),
                file: self.file.clone(),
                times,
            }),
        }
    }
}

/// The document that shows them.
pub fn document(mutations: &[Mutation]) -> String {
    let mut text = HEAD.to_owned();
    for mutation in mutations {
        let red: Vec<String> = mutation.red.iter().map(|id| format!("`{id}`")).collect();
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            mutation.name,
            mutation.breaks,
            red.join(", ")
        ));
    }
    text
}

const HEAD: &str = "\
# Breaking the endpoint on purpose

A catalog that passes proves little unless it fails when the endpoint is wrong. So the endpoint is broken on purpose, one
small change to its source at a time, and the catalog is run. This table says what each breakage does, and which scenarios
notice.

The table is exact, and checked: a breakage that none of its scenarios notices is a hole in the catalog, and a scenario that
fails without standing here depends on something that its author did not mean it to. A scenario that is skipped, because a
tool is missing, says nothing either way.

```sh
cargo run -p codecommit-tests --bin mutations                        # all of them
cargo run -p codecommit-tests --bin mutations -- never-throttled     # those that are named
cargo run -p codecommit-tests --bin mutations -- --no-baseline       # without the unbroken endpoint, if the catalog has just passed
cargo run -p codecommit-tests --bin mutations -- --document > docs/mutations.md
```

The changes are made in a copy of the checkout, below the target folder. They stand in `tests/mutations/mutations.toml`, each
with a text that has to occur exactly once in a file of the endpoint; `cargo test` says when one no longer does.

| breakage | what the endpoint does then | scenarios that turn red |
| --- | --- | --- |
";

fn text_of(file: &Path) -> Result<String, MutationError> {
    fs::read_to_string(file).map_err(|cause| MutationError::Unreadable {
        file: file.to_owned(),
        cause,
    })
}
