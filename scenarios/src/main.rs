//! `codecommit-lab`, and under other names the helpers it carries: a sandbox links `aws`, `git-credential-codecommit` and
//! `git-remote-codecommit` to this one program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let called = arguments.next();
    match called
        .as_deref()
        .map(Path::new)
        .and_then(Path::file_stem)
        .and_then(OsStr::to_str)
    {
        Some("git-credential-codecommit") => codecommit_helper::command::credential(arguments),
        Some("git-remote-codecommit") => codecommit_helper::command::remote(arguments),
        Some("aws") => codecommit_helper::command::aws(arguments),
        _ => codecommit_lab::command::main(),
    }
}
