//! Which scenarios a user means: by id, by glob, by file or by folder.

pub mod filter;
pub mod order;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use codecommit_mock::document::{DocumentError, Source, UnreadableFile};
use globset::{GlobBuilder, GlobMatcher};

use crate::catalog;
use crate::check::Kind;
use crate::scenario::Scenario;

/// Nothing could be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A document is not a scenario.
    #[error(transparent)]
    Document(#[from] Box<DocumentError>),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// A folder cannot be read.
    #[error("read {}: {cause}", folder.display())]
    UnreadableFolder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A pattern cannot be read.
    #[error("read the pattern `{pattern}`: {cause}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why.
        #[source]
        cause: globset::Error,
    },
    /// A filter fits nothing.
    #[error("find anything that fits `--filter {filter}`")]
    NothingFits {
        /// The filter.
        filter: String,
        /// What exists and looks like its value, likeliest first.
        nearest: Vec<String>,
    },
    /// Every filter fits something, and nothing all of them.
    #[error("find a scenario that fits all filters")]
    NothingFitsAll,
    /// There are more parts than scenarios.
    #[error("find a scenario for part {partition}: only {selected} are selected")]
    EmptyPartition {
        /// The part.
        partition: String,
        /// How many scenarios there are.
        selected: usize,
    },
    /// A folder has no scenario in it.
    #[error("find a scenario in the folder {}", folder.display())]
    EmptyFolder {
        /// The folder.
        folder: PathBuf,
        /// How many files of another kind it has: worlds, client set-ups, groups of steps.
        others: usize,
    },
    /// Two files have a name in common: no report could tell them apart.
    #[error("tell {} from {}: both are called `{name}`", second.display(), first.display())]
    SameName {
        /// The name: that of the folder, and of the file.
        name: String,
        /// The one that was selected first.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A file is for another command.
    #[error("find a scenario in {}: it is a file for `{command}`", file.display())]
    Elsewhere {
        /// The file.
        file: PathBuf,
        /// The command.
        command: &'static str,
    },
    /// What was asked for is an area of the catalog.
    #[error("find a scenario `{area}`")]
    Area {
        /// The area.
        area: String,
    },
    /// No scenario is called like this.
    #[error("find a scenario `{wanted}`")]
    Nothing {
        /// What was asked for.
        wanted: String,
        /// What exists and looks like it, likeliest first.
        nearest: Vec<String>,
    },
}

/// The scenarios that `wanted` names, without repetition and in its order; all of the catalog, if it names nothing.
///
/// # Errors
/// One of them names nothing, or a file is not a scenario.
pub fn select(wanted: &[String]) -> Result<Vec<Arc<Scenario>>, SelectionError> {
    let catalog: Vec<Arc<Scenario>> = catalog::scenarios()
        .map_err(Box::new)?
        .into_iter()
        .map(Arc::new)
        .collect();
    if wanted.is_empty() {
        return Ok(catalog);
    }
    let mut selected: Vec<Arc<Scenario>> = Vec::new();
    for wanted in wanted {
        let found = one(wanted, &catalog)?;
        if found.is_empty() {
            return Err(nothing(wanted, &catalog));
        }
        for scenario in found {
            let same = selected
                .iter()
                .find(|known| known.name() == scenario.name());
            match same {
                None => selected.push(scenario),
                Some(same) if same.document.name() == scenario.document.name() => {}
                Some(same) => {
                    return Err(SelectionError::SameName {
                        name: scenario.name(),
                        first: same.document.name().into(),
                        second: scenario.document.name().into(),
                    });
                }
            }
        }
    }
    Ok(selected)
}

fn one(wanted: &str, catalog: &[Arc<Scenario>]) -> Result<Vec<Arc<Scenario>>, SelectionError> {
    let named: Vec<_> = catalog
        .iter()
        .filter(|scenario| scenario.id == wanted || scenario.name() == wanted)
        .cloned()
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let path = Path::new(wanted);
    if path.is_dir() {
        return below(path);
    }
    if path.is_file() || wanted.ends_with(".toml") {
        let source = Source::read(path)?;
        let command = match Kind::of(&source) {
            Kind::ConformanceClient => "conformance client --client",
            Kind::ConformanceHelper => "conformance helper --helper",
            // Whatever it looks like, it was named as a scenario.
            _ => return Ok(vec![read(source, path)?]),
        };
        return Err(SelectionError::Elsewhere {
            file: path.to_owned(),
            command,
        });
    }
    let matcher = glob(wanted)?;
    Ok(catalog
        .iter()
        .filter(|scenario| matcher.is_match(scenario.name()) || matcher.is_match(&scenario.id))
        .cloned()
        .collect())
}

fn glob(pattern: &str) -> Result<GlobMatcher, SelectionError> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|cause| SelectionError::Pattern {
            pattern: pattern.to_owned(),
            cause,
        })
}

fn read(source: Source, path: &Path) -> Result<Arc<Scenario>, SelectionError> {
    let scenario = Scenario::in_file(source, path).map_err(Box::new)?;
    Ok(Arc::new(scenario))
}

/// The scenarios below a folder. What its keys say to be something else is there for scenarios to use.
fn below(folder: &Path) -> Result<Vec<Arc<Scenario>>, SelectionError> {
    let mut scenarios = Vec::new();
    let mut others = 0;
    for file in files_below(folder)? {
        let source = Source::read(&file)?;
        match Kind::of(&source) {
            Kind::Scenario => scenarios.push(read(source, &file)?),
            _ => others += 1,
        }
    }
    if scenarios.is_empty() {
        return Err(SelectionError::EmptyFolder {
            folder: folder.to_owned(),
            others,
        });
    }
    Ok(scenarios)
}

/// The documents below a folder, in the order of their names.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, SelectionError> {
    let mut files = Vec::new();
    collect(folder, &mut HashSet::new(), &mut files)?;
    Ok(files)
}

/// Links may lead to where somebody `has_been`.
fn collect(
    folder: &Path,
    has_been: &mut HashSet<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), SelectionError> {
    let unreadable = |cause| SelectionError::UnreadableFolder {
        folder: folder.to_owned(),
        cause,
    };
    if !has_been.insert(folder.canonicalize().map_err(unreadable)?) {
        return Ok(());
    }
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(unreadable)?;
    paths.sort_unstable();
    // As shells and editors do: what begins with a dot is not meant, such as the copy that an editor is writing.
    paths.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        !name.is_some_and(|name| name.starts_with('.'))
    });
    for path in paths {
        if path.is_dir() {
            collect(&path, has_been, files)?;
        } else if path.extension().is_some_and(|end| end == "toml") && !is_endless(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// A pipe or a device: nobody knows when it ends. One that does not exist is told by whoever opens it.
fn is_endless(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

fn nothing(wanted: &str, catalog: &[Arc<Scenario>]) -> SelectionError {
    if catalog.iter().any(|scenario| scenario.area == wanted) {
        return SelectionError::Area {
            area: wanted.to_owned(),
        };
    }
    let id = wanted.rsplit('/').next().unwrap_or(wanted);
    SelectionError::Nothing {
        wanted: wanted.to_owned(),
        nearest: ranked(id, catalog.iter().map(|scenario| &*scenario.id)),
    }
}

/// The names that look like `wanted`, likeliest first; those alone that have it in them, if there are any.
fn ranked<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let is_in = |name: &&str| !wanted.is_empty() && name.contains(wanted);
    let has_it = names.clone().any(|name| is_in(&name));
    let mut ranked: Vec<(f64, &str)> = names
        .filter(|name| !has_it || is_in(name))
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(likeness, _)| has_it || *likeness > 0.7)
        .collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    ranked.dedup();
    ranked
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str]) -> Result<Vec<String>, SelectionError> {
        let wanted: Vec<String> = wanted.iter().map(|&wanted| wanted.to_owned()).collect();
        Ok(select(&wanted)?
            .iter()
            .map(|scenario| scenario.name())
            .collect())
    }

    #[test]
    fn nothing_means_everything() {
        assert_eq!(
            names(&[]).unwrap().len(),
            catalog::scenarios().unwrap().len()
        );
    }

    #[test]
    fn by_id_with_and_without_the_area_and_once_only() {
        assert_eq!(
            names(&["wrong-region-in-url", "addressing/wrong-region-in-url"]).unwrap(),
            ["addressing/wrong-region-in-url"]
        );
    }

    #[test]
    fn by_glob_over_id_or_area_and_id() {
        let all = names(&["credential-helper/*"]).unwrap();
        assert!(all.len() > 1);
        assert!(
            all.iter()
                .all(|name| name.starts_with("credential-helper/"))
        );
        assert_eq!(
            names(&["wrong-region-*"]).unwrap(),
            ["addressing/wrong-region-in-url"]
        );
        assert_eq!(names(&["**"]).unwrap(), names(&[]).unwrap());
    }

    #[test]
    fn the_nearest_ids_are_suggested() {
        let Err(SelectionError::Nothing { nearest, .. }) = names(&["addressing/wrong-regoin-url"])
        else {
            panic!("found");
        };
        assert_eq!(nearest.first().map(|id| &**id), Some("wrong-region-in-url"));
        let Err(SelectionError::Nothing { nearest, .. }) = names(&["region-in"]) else {
            panic!("found");
        };
        assert_eq!(nearest, ["wrong-region-in-url"]);
    }

    #[test]
    fn by_folder_and_by_file() {
        let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog");
        let file = format!("{catalog}/addressing/wrong-region-in-url.toml");
        assert_eq!(names(&[&file]).unwrap(), ["addressing/wrong-region-in-url"]);
        assert_eq!(names(&[catalog]).unwrap(), names(&[]).unwrap());
    }

    #[test]
    fn hidden_files_and_folders_are_not_meant() {
        let folder = tempfile::tempdir().unwrap();
        let text = catalog_file("addressing/wrong-region-in-url.toml");
        fs::create_dir(folder.path().join(".git")).unwrap();
        for name in ["wrong-region-in-url.toml", ".x.toml", ".git/y.toml"] {
            fs::write(folder.path().join(name), &text).unwrap();
        }
        assert_eq!(names(&[folder.path().to_str().unwrap()]).unwrap().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_found_once_and_a_pipe_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let text = catalog_file("addressing/wrong-region-in-url.toml");
        fs::create_dir(path("a")).unwrap();
        fs::write(path("a/wrong-region-in-url.toml"), &text).unwrap();
        for (link, to) in [("a/again", "."), ("b", "a")] {
            std::os::unix::fs::symlink(to, path(link)).unwrap();
        }
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path("pipe.toml"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let found = files_below(folder.path()).unwrap();
        assert_eq!(found, [path("a/wrong-region-in-url.toml")]);
    }

    #[test]
    fn two_files_of_one_name_are_refused_and_one_file_twice_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let text = catalog_file("addressing/wrong-region-in-url.toml");
        let files = ["x/mine", "y/mine"].map(|below| {
            fs::create_dir_all(folder.path().join(below)).unwrap();
            let file = folder.path().join(below).join("wrong-region-in-url.toml");
            fs::write(&file, &text).unwrap();
            file.to_str().unwrap().to_owned()
        });
        let [first, second] = [&*files[0], &*files[1]];
        assert_eq!(
            names(&[first, first]).unwrap(),
            ["mine/wrong-region-in-url"]
        );
        let error = names(&[first, second]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("tell {second} from {first}: both are called `mine/wrong-region-in-url`")
        );
    }

    fn catalog_file(name: &str) -> String {
        fs::read_to_string(format!("{}/catalog/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert!(matches!(
            names(&["missing.toml"]),
            Err(SelectionError::Unreadable(_))
        ));
        assert!(matches!(
            names(&["a[b"]),
            Err(SelectionError::Pattern { .. })
        ));
    }
}
