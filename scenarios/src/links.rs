//! Commands of a sandbox that stand for programs elsewhere.

use std::path::Path;
use std::{fs, io};

use crate::environment::HELPER_CLOCK;

/// Makes `name` in the folder `bin` start `program`, under the name `name`.
///
/// # Errors
/// The link cannot be made.
pub fn link(program: &Path, bin: &Path, name: &str) -> io::Result<()> {
    let link = bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    #[cfg(unix)]
    return std::os::unix::fs::symlink(program, link);
    // Windows lets only privileged users make symbolic links.
    #[cfg(not(unix))]
    return fs::hard_link(program, &link).or_else(|_| fs::copy(program, &link).map(drop));
}

/// Makes `name` in the folder `bin` start `program` under its own path, which some programs use to find their files.
///
/// # Errors
/// The script cannot be written.
pub fn wrapper(program: &Path, bin: &Path, name: &str) -> io::Result<()> {
    script(
        bin,
        name,
        &format!("exec {} \"$@\"\n", quoted_path(program)),
    )
}

/// As [`wrapper`], and where the time of the sandbox differs from the system's, through faketime.
///
/// # Errors
/// The script cannot be written.
pub fn with_clock(
    program: &Path,
    faketime: Option<&Path>,
    bin: &Path,
    name: &str,
) -> io::Result<()> {
    let Some(faketime) = faketime else {
        return wrapper(program, bin, name);
    };
    let (program, faketime) = (quoted_path(program), quoted_path(faketime));
    let text = format!(
        "case \"${{{HELPER_CLOCK}:-+0s}}\" in\n\
         +0s) exec {program} \"$@\" ;;\n\
         *) exec {faketime} -f \"${HELPER_CLOCK}\" {program} \"$@\" ;;\n\
         esac\n"
    );
    script(bin, name, &text)
}

/// Makes `name` in the folder `bin` a script for `sh`.
///
/// # Errors
/// It cannot be written.
pub fn script(bin: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = bin.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}"))?;
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// One word for a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
