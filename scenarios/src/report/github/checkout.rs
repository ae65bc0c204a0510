//! The files of the repository that a workflow has checked out.

use std::path::{Path, PathBuf};

/// Where the sources of the built-in scenarios lie in the repository of this program.
const BUILT_IN: &str = "scenarios";

/// A work tree, and the folder in it in which the program runs.
#[derive(Clone, Debug, Default)]
pub struct Checkout {
    root: Option<PathBuf>,
    folder: PathBuf,
}

impl Checkout {
    /// The one of a workflow, whose `GITHUB_WORKSPACE` this is; without one, that around the current folder.
    pub fn of_workflow(workspace: Option<PathBuf>) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        let workspace = workspace.filter(|path| !path.as_os_str().is_empty());
        let around = || {
            folder
                .ancestors()
                .find(|folder| folder.join(".git").exists())
        };
        let root = workspace.or_else(|| around().map(Path::to_owned));
        Self::new(root, folder)
    }

    fn new(root: Option<PathBuf>, folder: PathBuf) -> Self {
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        Self {
            root: root.map(real),
            folder: real(folder),
        }
    }

    /// A scenario's file, as an annotation names it: from the root of the work tree. None if there is no such file: what is
    /// built into the program lies in its own repository alone.
    pub fn path_of(&self, file: &str) -> Option<String> {
        let root = self.root.as_deref();
        let written = self.folder.join(file);
        let built_in = || root.map(|root| root.join(BUILT_IN).join(file));
        let found = [Some(written), built_in()]
            .into_iter()
            .flatten()
            .find_map(|path| path.canonicalize().ok().filter(|path| path.is_file()))?;
        let shown = root
            .and_then(|root| found.strip_prefix(root).ok())
            .unwrap_or(&found);
        let parts: Vec<_> = shown.iter().map(|part| part.to_string_lossy()).collect();
        match shown.is_absolute() {
            true => Some(shown.to_string_lossy().into_owned()),
            false => Some(parts.join("/")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_and_only_if_they_are_there() {
        let tree = tempfile::tempdir().unwrap();
        let at = |path: &str| tree.path().join(path);
        std::fs::create_dir_all(at("scenarios/catalog/area")).unwrap();
        std::fs::create_dir_all(at("ours/deep")).unwrap();
        for file in ["scenarios/catalog/area/x.toml", "ours/deep/mine.toml"] {
            std::fs::write(at(file), "").unwrap();
        }
        let checkout = Checkout::new(Some(tree.path().to_owned()), at("ours"));
        let path_of = |file: &str| checkout.path_of(file);
        assert_eq!(
            path_of("deep/mine.toml").as_deref(),
            Some("ours/deep/mine.toml")
        );
        assert_eq!(
            path_of("catalog/area/x.toml").as_deref(),
            Some("scenarios/catalog/area/x.toml")
        );
        assert_eq!(path_of("catalog/area/other.toml"), None);
        // Another repository than that of the program.
        let elsewhere = Checkout::new(Some(at("ours")), at("ours"));
        assert_eq!(elsewhere.path_of("catalog/area/x.toml"), None);
        // Outside of it.
        let outside = at("scenarios/catalog/area/x.toml");
        let outside = outside.canonicalize().unwrap();
        let outside = outside.to_str().unwrap();
        assert_eq!(elsewhere.path_of(outside).as_deref(), Some(outside));
    }
}
