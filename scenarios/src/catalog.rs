//! The scenarios that come with the program.

use codecommit_mock::document::{DocumentError, Source};
use include_dir::{Dir, include_dir};

use crate::scenario::Scenario;

static CATALOG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/catalog");

/// All of them, by area and id.
///
/// # Errors
/// One of them is not a scenario: it was built in like that.
pub fn scenarios() -> Result<Vec<Scenario>, DocumentError> {
    let mut documents: Vec<(String, &str)> = CATALOG
        .dirs()
        .flat_map(Dir::files)
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|extension| extension == "toml")
        })
        .filter_map(|file| {
            // The same name on every platform.
            let path = file.path().to_str()?.replace('\\', "/");
            Some((path, file.contents_utf8()?))
        })
        .collect();
    documents.sort_unstable();
    documents
        .into_iter()
        .map(|(path, text)| {
            let (area, file) = path.rsplit_once('/').unwrap_or(("", &path));
            read(area, file.trim_end_matches(".toml"), text)
        })
        .collect()
}

/// One of them; none, if there is none of this area and id.
///
/// # Errors
/// It is not a scenario: it was built in like that.
pub fn scenario(area: &str, id: &str) -> Option<Result<Scenario, DocumentError>> {
    let file = CATALOG.get_file(format!("{area}/{id}.toml"))?;
    Some(read(area, id, file.contents_utf8()?))
}

fn read(area: &str, id: &str, text: &str) -> Result<Scenario, DocumentError> {
    Scenario::read(
        Source::new(format!("catalog/{area}/{id}.toml"), text),
        area,
        id,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnostic;
    use crate::scenario::{Kind, Origin, Shared, names};

    #[test]
    fn every_scenario_can_be_read_and_has_an_id_of_its_own() {
        let scenarios =
            scenarios().unwrap_or_else(|error| panic!("{}", diagnostic::document_error(&error)));
        let ids: BTreeSet<&str> = scenarios.iter().map(|scenario| &*scenario.id).collect();
        assert_eq!(ids.len(), scenarios.len());
        assert!(!ids.is_empty());
    }

    #[test]
    fn every_failure_is_explained() {
        for scenario in scenarios().unwrap() {
            assert!(
                scenario.cause().is_none() || scenario.explanation.is_some(),
                "{}",
                scenario.id
            );
        }
    }

    /// The guide's pages are long, and reports have numbers.
    #[test]
    fn every_source_can_be_looked_up() {
        for scenario in scenarios().unwrap() {
            let found = match &scenario.origin {
                Origin::Page { section, place, .. } => section.is_some() || place.is_some(),
                Origin::Issue { issue } => {
                    let number = issue.split_once('#').map(|(_, number)| number);
                    number.is_some_and(|number| number.parse::<u32>().is_ok())
                        || issue.starts_with("https://")
                }
            };
            assert!(found, "{}: {}", scenario.id, scenario.origin);
        }
    }

    #[test]
    fn every_shared_file_says_what_it_is_and_is_used() {
        let scenarios = scenarios().unwrap();
        let used: Vec<&Shared> = scenarios
            .iter()
            .flat_map(|scenario| &scenario.shared)
            .collect();
        for kind in Kind::ALL {
            for name in names(kind) {
                let known = used
                    .iter()
                    .find(|shared| shared.kind == kind && shared.name == name);
                let shared = known.unwrap_or_else(|| panic!("no scenario uses {kind:?} {name}"));
                assert!(shared.about().ends_with('.'), "{name}");
            }
        }
    }
}
