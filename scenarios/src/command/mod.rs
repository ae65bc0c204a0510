//! The command line.

mod catalog_page;
mod check;
mod conformance;
mod env;
mod exec;
mod failure;
mod following;
mod journal;
mod list;
mod merge;
mod new;
mod open_files;
mod opened;
mod progress;
mod ready;
mod reopen;
mod reports;
mod run;
mod schema;
mod serve;
mod show;
mod signals;
mod step;
mod subjects;
mod world;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// A laboratory for AWS CodeCommit over HTTPS: replays documented failures on real git against a strict local endpoint.
#[derive(Debug, Parser)]
#[command(name = "codecommit-lab", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios: all that are built in, or those that are named
    Run(run::Arguments),
    /// Put the JSON reports of the parts of a run together
    Merge(merge::Arguments),
    /// Try Git clients or credential helpers of others: how they get on with CodeCommit
    Conformance(conformance::Arguments),
    /// Run a command, or a shell, in a sandbox that `run --keep` has left
    Reopen(reopen::Arguments),
    /// List the scenarios that are built in
    List(list::Arguments),
    /// Write a scenario or world file to begin with; it works as it stands
    New(new::Arguments),
    /// Check scenarios, worlds, faults and client files, and say all that is wrong with them
    Check(check::Arguments),
    /// Print the JSON schema of a kind of file, for an editor
    Schema(schema::Arguments),
    /// Tell one scenario
    Show(show::Arguments),
    /// Serve until Ctrl-C; prints one line of JSON when ready
    Serve(serve::Arguments),
    /// Run a command against a server of its own, with proxy, CA and demo credentials in its environment
    Exec(exec::Arguments),
    /// Print the environment of a server, for a shell or for CI
    Env(env::Arguments),
    /// Show what a server was asked, what it answered, and why
    Journal(journal::Arguments),
}

const EXIT_CODES: &str = "\
Exit codes:
  0    everything passed
  2    bad usage, or a bad file: nothing was run
  4    nothing was selected, or all of it was skipped
  96   a sandbox or server could not be set up, git or the helper under test is missing, or a report could not be finished
  100  a scenario failed, or a conformance case came out otherwise than known
`exec` ends with the code of its command: 128 and the signal if it was ended by one, 126 or 127 if it does not start.
A run that is stopped by a signal ends with 128 and the signal.";

/// Runs `codecommit-lab` with the arguments of the process.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Conformance(arguments) => conformance::run(&arguments),
        Command::Reopen(arguments) => reopen::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Exec(arguments) => exec::run(&arguments),
        Command::Env(arguments) => env::run(&arguments),
        Command::Journal(arguments) => journal::run(&arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // Where it cannot be told, the code still tells of it.
            let _ = write!(anstream::stderr(), "{failure}");
            failure.exit().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
