//! The Git credential helper for AWS CodeCommit.

fn main() -> std::process::ExitCode {
    codecommit_helper::command::credential(std::env::args_os().skip(1))
}
