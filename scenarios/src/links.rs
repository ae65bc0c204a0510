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

/// What `HELPER_CLOCK` was for a program that faketime has moved.
const LAB_CLOCK: &str = "CODECOMMIT_LAB_CLOCK";

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
    let run = format!("{} \"$@\"", quoted_path(program));
    script(bin, name, &format!("{}exec {run}\n", moved(faketime, &run)))
}

/// Lines that become the command `run` at the time of the sandbox, if that differs from the system's.
///
/// An instant stands still. faketime wants it in words of its own, which it reads in the time zone of the program that it
/// starts; and the clock that programs measure waiting with goes on, or they would wait for ever. Our own helper, which `run`
/// may start in turn, reads the clock that is moved already: it is not told to move it once more. A program that faketime
/// cannot reach, because it is linked statically, finds its clock in a variable of another name.
pub fn moved(faketime: &Path, run: &str) -> String {
    let faketime = quoted_path(faketime);
    format!(
        "clock=${{{HELPER_CLOCK}:-+0s}}\n\
         [ \"$clock\" = +0s ] || {{ {LAB_CLOCK}=$clock; export {LAB_CLOCK}; unset {HELPER_CLOCK}; }}\n\
         case \"$clock\" in\n\
         +0s) ;;\n\
         *T*Z)\n\
         at=\"${{clock%%T*}} ${{clock#*T}}\"\n\
         at=${{at%Z}}\n\
         TZ=UTC0 FAKETIME_DONT_FAKE_MONOTONIC=1 exec {faketime} -f \"${{at%%.*}}\" {run} ;;\n\
         *) exec {faketime} -f \"$clock\" {run} ;;\n\
         esac\n"
    )
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

/// A path as one word for a shell.
pub fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// One word for a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What a stand-in for faketime is given, by whoever has this clock: the time zone, its setting, the clock of our helper,
    /// that of programs that faketime does not reach, and the arguments.
    fn heard(clock: &str) -> String {
        let bin = tempfile::tempdir().unwrap();
        let told = "printf '%s|' \"$TZ\" \"${FAKETIME_DONT_FAKE_MONOTONIC:-0}\" \
                    \"$CODECOMMIT_HELPER_CLOCK\" \"$CODECOMMIT_LAB_CLOCK\" \"$@\"\n";
        script(bin.path(), "faketime", told).unwrap();
        let faketime = bin.path().join("faketime");
        with_clock(Path::new("/bin/echo"), Some(&faketime), bin.path(), "tool").unwrap();
        let mut command = Command::new(bin.path().join("tool"));
        command.arg("it's");
        command.env("TZ", "Europe/Berlin").env(HELPER_CLOCK, clock);
        let said = command.output().unwrap().stdout;
        String::from_utf8(said).unwrap()
    }

    #[test]
    fn a_clock_that_stands_still_is_told_in_words_that_faketime_knows() {
        for instant in ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"] {
            assert_eq!(
                heard(instant),
                format!("UTC0|1||{instant}|-f|2026-01-01 00:00:00|/bin/echo|it's|")
            );
        }
        assert_eq!(
            heard("+960s"),
            "Europe/Berlin|0||+960s|-f|+960s|/bin/echo|it's|"
        );
        assert_eq!(heard("+0s"), "it's\n");
    }
}
