//! The Git remote helper for AWS CodeCommit: `codecommit://` and `codecommit::REGION://` URLs.

fn main() -> std::process::ExitCode {
    codecommit_helper::command::remote(std::env::args_os().skip(1))
}
