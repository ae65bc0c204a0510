//! The program as git runs it: arguments, environment and files in; bytes, messages and an exit code out.

mod aws_cli_cases;
mod messages;
mod profiles;
mod sandbox;
mod secrets;
mod vectors;
