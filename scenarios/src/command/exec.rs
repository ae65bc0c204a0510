//! `codecommit-lab exec`.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use clap::Args;
use codecommit_mock::MockServer;
use codecommit_mock::world::World;

use super::Failure;
use super::signals::Forwarding;
use super::world::Served;
use crate::environment::layered;
use crate::exit::Exit;
use crate::links;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    served: Served,
    /// The command with its arguments; what begins with a dash before it is ours
    #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some((program, rest)) = arguments.command.split_first() else {
        return Ok(Exit::Usage);
    };
    let world = arguments.served.world()?;
    let server = MockServer::builder()
        .world(world.clone())
        .fidelity(arguments.served.fidelity()?)
        .start()?;
    let bin = server.data_dir().join("bin");
    link_helpers(&bin).map_err(|error| {
        Failure::new(
            Exit::Setup,
            format!("link the credential helper: {error}"),
            None,
        )
    })?;
    let mut command = Command::new(program);
    command.args(rest);
    for name in layered::REMOVED {
        command.env_remove(name);
    }
    command.envs(variables(&server, &world, &bin));
    // The server is dropped, and its folder gone, before this program ends.
    match wait(command) {
        Ok(status) => Ok(Exit::Other(code(status))),
        Err(error) => {
            // As a shell does.
            let exit = match error.kind() {
                io::ErrorKind::NotFound => 127,
                _ => 126,
            };
            let program = program.display();
            Err(Failure::new(
                Exit::Other(exit),
                format!("start `{program}`: {error}"),
                None,
            ))
        }
    }
}

fn link_helpers(bin: &Path) -> io::Result<()> {
    let lab = std::env::current_exe()?;
    fs::create_dir_all(bin)?;
    links::link(&lab, bin, "git-credential-codecommit")?;
    links::link(&lab, bin, "aws")
}

fn variables(server: &MockServer, world: &World, bin: &Path) -> Vec<(String, OsString)> {
    layered::variables(server.env(), &server.url(), world, bin, |name| {
        std::env::var_os(name)
    })
}

fn wait(mut command: Command) -> io::Result<ExitStatus> {
    let mut child = command.spawn()?;
    let _forwarding = Forwarding::to(&child)?;
    child.wait()
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
