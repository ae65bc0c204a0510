//! `codecommit-lab env`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Failure;
use super::exec::read_git_settings;
use super::ready::{Ready, commands_in};
use super::world::read_world;
use crate::environment::{HELPER_CLOCK, layered};
use crate::exit::Exit;
use crate::links::quoted;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file that `serve --ready-file` has written
    #[arg(long, value_name = "FILE")]
    ready_file: PathBuf,
    /// The form
    #[arg(long, value_enum, default_value = "sh")]
    format: Format,
    /// Add the keys of the world's first user, and git's settings for our credential helper
    #[arg(long)]
    credentials: bool,
    /// The world that is served, for `--credentials`
    #[arg(long, value_name = "FILE|demo", default_value = "demo")]
    world: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For `eval "$(codecommit-lab env ...)"`
    Sh,
    /// For `codecommit-lab env ... | Out-String | Invoke-Expression`
    Powershell,
    /// NAME=value lines, as `docker run --env-file` reads them
    Dotenv,
    /// An object
    Json,
    /// For `codecommit-lab env ... >> "$GITHUB_ENV"`
    Github,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ready = Ready::read(&arguments.ready_file)?;
    let env = ready.env_now()?;
    let (variables, removed) = if arguments.credentials {
        let world = read_world(&arguments.world)?;
        let bin = commands_in(Path::new(&ready.data_dir));
        let set = layered::variables(
            env,
            &ready.url,
            &world,
            &bin,
            &read_git_settings()?,
            |name| std::env::var_os(name),
        );
        let text = |(name, value): (String, std::ffi::OsString)| {
            (name, value.to_string_lossy().into_owned())
        };
        // PATH is the shell's own affair: git's settings name the helper with its folder.
        let set = set.into_iter().map(text).filter(|(name, _)| name != "PATH");
        (set.collect(), layered::REMOVED)
    } else {
        // A clock that was moved back to the system's has no variable any more.
        (env, &[HELPER_CLOCK][..])
    };
    std::io::stdout()
        .write_all(arguments.format.print(&variables, removed).as_bytes())
        .map_err(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}

impl Format {
    fn print(self, variables: &BTreeMap<String, String>, removed: &[&str]) -> String {
        let set = |line: &dyn Fn(&str, &str) -> String| -> String {
            let lines = variables.iter().map(|(name, value)| line(name, value));
            lines.collect()
        };
        let unset = |line: &dyn Fn(&str) -> String| -> String {
            removed.iter().map(|name| line(name)).collect()
        };
        match self {
            Self::Sh => {
                unset(&|name| format!("unset {name}\n"))
                    + &set(&|name, value| format!("export {name}={}\n", quoted(value)))
            }
            Self::Powershell => {
                unset(&|name| format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"))
                    + &set(&|name, value| {
                        format!("$env:{name} = '{}'\n", value.replace('\'', "''"))
                    })
            }
            Self::Dotenv | Self::Github => set(&|name, value| format!("{name}={value}\n")),
            Self::Json => serde_json::json!(variables).to_string() + "\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_keeps_quotes() {
        let variables = BTreeMap::from([("A".to_owned(), "it's".to_owned())]);
        let print = |format: Format| format.print(&variables, &["B"]);
        assert_eq!(print(Format::Sh), "unset B\nexport A='it'\\''s'\n");
        assert_eq!(
            print(Format::Powershell),
            "Remove-Item Env:B -ErrorAction SilentlyContinue\n$env:A = 'it''s'\n"
        );
        assert_eq!(print(Format::Dotenv), "A=it's\n");
        assert_eq!(print(Format::Json), "{\"A\":\"it's\"}\n");
    }
}
