//! What a subject needs of the caller's machine: programs, found on PATH and linked into every sandbox, and variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::links;
use crate::toolbox::Toolbox;
use crate::toolbox::find as find_program;

/// A program, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Need {
    name: String,
    program: PathBuf,
}

/// Looks for all of them.
///
/// # Errors
/// The name of the first that is not there.
pub(super) fn find<'a>(
    names: impl IntoIterator<Item = &'a str>,
    path: &OsString,
    toolbox: &Toolbox,
) -> Result<Vec<Need>, String> {
    names
        .into_iter()
        .map(|name| match find_program(name, path, &toolbox.lab) {
            Some(program) => Ok(Need {
                name: name.to_owned(),
                program,
            }),
            None => Err(name.to_owned()),
        })
        .collect()
}

/// Links them. Git is there already; our helpers under the names of others give way.
pub(super) fn link(needs: &[Need], bin: &Path) -> io::Result<()> {
    for need in needs {
        let place = bin.join(&need.name);
        match place.symlink_metadata() {
            Ok(_) if need.name == "git" => continue,
            Ok(_) => fs::remove_file(&place)?,
            Err(_) => {}
        }
        links::wrapper(&need.program, bin, &need.name)?;
    }
    Ok(())
}

/// Those of the variables that the caller has.
pub(super) fn passed(
    names: &[String],
    environment: impl Fn(&str) -> Option<OsString>,
) -> BTreeMap<String, OsString> {
    names
        .iter()
        .filter_map(|name| Some((name.clone(), environment(name)?)))
        .collect()
}

/// Why a subject is not there, with what installs it, if its file says so.
pub(super) fn missing(why: &str, install: Option<&str>) -> String {
    match install {
        Some(install) => format!("{why} (to install it: {install})"),
        None => why.to_owned(),
    }
}
