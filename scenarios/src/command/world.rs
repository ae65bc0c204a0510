//! The options that say what is served: `--world`, `--fidelity`, `--switch`, `--explain`, `--clock`, `--faults`, `--fault`, `--limit`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use codecommit_mock::document::Source;
use codecommit_mock::fault::{FaultPlan, NotAFault};
use codecommit_mock::fidelity::YesOrNo;
use codecommit_mock::world::World;
use codecommit_mock::{
    Clock, Fidelity, Limits, MockServer, MockServerBuilder, NotAClockMove, Profile,
};

use super::Failure;
use crate::exit::Exit;
use crate::scenario;

/// What is served, and how.
#[derive(Debug, Args)]
pub(super) struct Served {
    /// Who and what exists: a world file, or `demo`
    #[arg(long, value_name = "FILE|demo", default_value = "demo")]
    world: PathBuf,
    /// How much is shown: what CodeCommit shows, or all that the local git can do
    #[arg(long, value_enum, default_value = "codecommit")]
    fidelity: FidelityName,
    /// Set a switch of an assumed behaviour; may be given several times. docs/fidelity.md lists them
    #[arg(long, value_name = "NAME=VALUE")]
    switch: Vec<String>,
    /// Say in the user's own terminal why a request is refused, and what to do
    #[arg(long)]
    explain: bool,
    /// Move the server's clock: `+16m`, an instant, `frozen`, `frozen@` with either, `skew=+6m`; may be given several times
    #[arg(long, value_name = "HOW", allow_hyphen_values = true)]
    clock: Vec<String>,
    /// Break what the `[[fault]]` tables in this file say; docs/faults.md lists what there is
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Break something: `status=429,path=/v1/repos/*,times=2`; may be given several times
    #[arg(long, value_name = "KEY=VALUE,...")]
    fault: Vec<String>,
    /// Change how much a client may ask, or how long it may take; may be given several times. docs/limits.md lists the limits
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<String>,
}

/// A world file, or `demo`.
pub(super) fn read_world(path: &Path) -> Result<World, Failure> {
    if path.as_os_str() == "demo" {
        return Ok(World::demo());
    }
    let source = Source::read(path)?;
    Ok(scenario::read_world(&source)?)
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FidelityName {
    Codecommit,
    Git,
}

impl Served {
    /// Reads the world.
    pub(super) fn world(&self) -> Result<World, Failure> {
        read_world(&self.world)
    }

    /// A server that is set up like this.
    pub(super) fn builder(&self) -> Result<MockServerBuilder, Failure> {
        let builder = MockServer::builder()
            .world(self.world()?)
            .fidelity(self.fidelity()?)
            .clock(self.clock()?)
            .faults(self.faults()?)
            .limits(self.limits()?);
        Ok(builder)
    }

    /// The faults of the file, then those of the command line.
    fn faults(&self) -> Result<FaultPlan, Failure> {
        let mut plan = match &self.faults {
            Some(path) => FaultPlan::parse(&Source::read(path)?)?,
            None => FaultPlan::default(),
        };
        for text in &self.fault {
            plan.0.push(text.parse().map_err(|error: NotAFault| {
                let message = format!("read `--fault {text}`: {}", error.message);
                Failure::new(Exit::Usage, message, error.help)
            })?);
        }
        Ok(plan)
    }

    /// Moves a clock as it is asked for, one after the other.
    fn clock(&self) -> Result<Clock, Failure> {
        let clock = Clock::system();
        for how in &self.clock {
            clock.apply(how.parse().map_err(|error: NotAClockMove| {
                let help = Some(NotAClockMove::HELP.to_owned());
                Failure::new(Exit::Usage, format!("read `--clock`: {error}"), help)
            })?);
        }
        Ok(clock)
    }

    /// Sets the switches on top of the profile.
    fn fidelity(&self) -> Result<Fidelity, Failure> {
        let mut fidelity = Fidelity::new(match self.fidelity {
            FidelityName::Codecommit => Profile::CodeCommit,
            FidelityName::Git => Profile::Git,
        });
        for (name, value) in pairs("switch", &self.switch, "explain=yes")? {
            fidelity.set(name, value).map_err(|error| {
                let help = error.hint();
                Failure::new(Exit::Usage, error, help)
            })?;
        }
        if self.explain {
            fidelity.explain = YesOrNo::Yes;
        }
        Ok(fidelity)
    }

    /// The limits that are named, and the defaults of the others.
    fn limits(&self) -> Result<Limits, Failure> {
        let mut limits = Limits::default();
        for (name, value) in pairs("limit", &self.limit, "children=8")? {
            limits.set(name, value).map_err(|error| {
                let help = Some(error.hint());
                Failure::new(Exit::Usage, error, help)
            })?;
        }
        Ok(limits)
    }
}

/// Takes each `NAME=VALUE` apart, that an option of this kind was given. Of two for one name, neither is more meant.
fn pairs<'a>(
    kind: &str,
    assignments: &'a [String],
    example: &str,
) -> Result<Vec<(&'a str, &'a str)>, Failure> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for assignment in assignments {
        let Some((name, value)) = assignment.split_once('=') else {
            let message = format!("read `--{kind} {assignment}`");
            let help = format!("a {kind} is set like this: --{kind} {example}");
            return Err(Failure::new(Exit::Usage, message, Some(help)));
        };
        if let Some((_, before)) = pairs.iter().find(|(known, _)| *known == name) {
            let message = format!("set {kind} `{name}` to `{before}` and to `{value}`");
            let help = format!("leave one of the two `--{kind}` out");
            return Err(Failure::new(Exit::Usage, message, Some(help)));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}
