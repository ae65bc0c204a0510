//! `codecommit-lab new`: a file to begin with.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Failure;
use crate::exit::Exit;
use crate::{check, schema};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write. The name of a scenario's file is the scenario's id: `my-failure.toml`
    path: PathBuf,
    /// What it is to be
    #[arg(long, value_enum, default_value = "failure")]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A scenario in which something goes wrong and is mended
    Failure,
    /// A scenario in which all goes well
    Walkthrough,
    /// A world: accounts, users, policies, repositories
    World,
}

impl Kind {
    fn checked_as(self) -> check::Kind {
        match self {
            Self::Failure | Self::Walkthrough => check::Kind::Scenario,
            Self::World => check::Kind::World,
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Failure => include_str!("../templates/failure.toml"),
            Self::Walkthrough => include_str!("../templates/walkthrough.toml"),
            Self::World => include_str!("../templates/world.toml"),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let path = &arguments.path;
    let id = id(path)?;
    let shown = path.display().to_string();
    let text = arguments
        .kind
        .template()
        .replace("{{id}}", &id)
        .replace("{{path}}", &shown);
    let schema = Schema::near(path, arguments.kind.checked_as());
    let text = format!("#:schema {}\n{text}", schema.named);
    write_new(path, &text)?;
    if let Some(missing) = &schema.missing {
        write_new(missing, &schema::text(arguments.kind.checked_as()))?;
    }
    let next = match arguments.kind {
        Kind::World => format!("codecommit-lab serve --world {shown}"),
        Kind::Failure | Kind::Walkthrough => format!("codecommit-lab run {shown}"),
    };
    writeln!(
        anstream::stdout(),
        "wrote {shown}; it works as it stands:\n    {next}{}",
        schema.told()
    )
    .map_err(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}

/// The JSON schema that an editor checks the file with.
struct Schema {
    /// As the file names it.
    named: String,
    /// Where to write it, if it is not there.
    missing: Option<PathBuf>,
}

impl Schema {
    /// One in the folder `schema` above the file, as in a checkout of this project; else one beside it.
    fn near(path: &Path, kind: check::Kind) -> Self {
        let name = schema::file_name(kind);
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut way = String::new();
        for folder in absolute.ancestors().skip(1) {
            if folder.join("schema").join(&name).is_file() {
                return Self {
                    named: format!("{way}schema/{name}"),
                    missing: None,
                };
            }
            way.push_str("../");
        }
        let beside = path.with_file_name(&name);
        Self {
            named: format!("./{name}"),
            missing: (!beside.exists()).then_some(beside),
        }
    }

    fn told(&self) -> String {
        match &self.missing {
            Some(path) => format!(
                "\nwrote {}: your editor checks it with that",
                path.display()
            ),
            None => String::new(),
        }
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| unwritable(path, &error))
}

/// The name of the file without `.toml`: letters, digits and hyphens, so that it can be typed anywhere.
fn id(path: &Path) -> Result<String, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfit = |help: &str| {
        let message = format!("name a file `{}`", path.display());
        Err(Failure::new(Exit::Usage, message, Some(help.to_owned())))
    };
    let Some(stem) = name.strip_suffix(".toml") else {
        return unfit("end its name in .toml: only such files are found in a folder");
    };
    let fit = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-');
    if stem.is_empty() || !stem.chars().all(fit) {
        return unfit("use small letters, digits and hyphens: profile-name-with-spaces.toml");
    }
    Ok(stem.to_owned())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    if error.kind() != io::ErrorKind::AlreadyExists {
        return Failure::unwritable(path, error);
    }
    let help = "name another file, or remove this one first: nothing is overwritten".to_owned();
    Failure::new(
        Exit::Usage,
        format!("write {}: it is there already", path.display()),
        Some(help),
    )
}
