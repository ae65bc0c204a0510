//! Which scenarios a user means: by id, by glob, by file or by folder.

mod error;
pub mod filter;
mod folder;
pub mod order;

use std::path::Path;
use std::sync::Arc;

use codecommit_mock::document::Source;
use globset::{GlobBuilder, GlobMatcher};

pub use error::SelectionError;
pub(crate) use folder::files_below;

use crate::catalog;
use crate::check::Kind;
use crate::scenario::Scenario;

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
        return match Kind::of(&source) {
            Kind::Scenario => Ok(vec![read(source, path)?]),
            kind => Err(SelectionError::Elsewhere {
                file: path.to_owned(),
                kind,
            }),
        };
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
    // Beside one that is nearly it, others are far-fetched.
    let best = ranked.first().map_or(0.0, |(likeness, _)| *likeness);
    ranked
        .into_iter()
        .filter(|(likeness, _)| has_it || best - likeness < 0.2)
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
