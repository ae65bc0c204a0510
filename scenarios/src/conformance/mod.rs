//! How helpers and Git clients of others get on with CodeCommit: small cases, judged by what the server saw and by what
//! is in the repositories afterwards, not by what the subject says of itself.
//!
//! A [`Subject`] is a helper ([`helper`]) or a client ([`client`]). Each case gets a sandbox of its own with the same
//! `world`; what it comes to is a [`Finding`], and next to what the subject's file already knows of it, a
//! [`CaseReport`].

mod bench;
mod case;
pub mod client;
mod file;
pub mod helper;
mod known;
mod needs;
pub mod report;
mod run;
mod world;

pub use bench::Done;
use case::Judged;
pub use case::{Case, Finding, instead_of};
pub use file::{SubjectError, named};
pub use known::Known;
pub use run::{CaseReport, Listener, Options, Run, SubjectReport, Suite, run};

use codecommit_mock::Fidelity;
use codecommit_mock::document::Source;

use crate::sandbox::{Sandbox, SandboxError, Setup};
use crate::scenario;
use crate::subject::Subject as Tools;
use crate::toolbox::Toolbox;

/// What is on this machine beside the subjects: their git, and ours that looks at what they did.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The tools.
    pub toolbox: Toolbox,
    /// The git, with our helpers.
    pub tools: Tools,
}

impl Machine {
    /// A sandbox with the world of the cases, in which the programs that a subject needs are found.
    fn sandbox(
        &self,
        client: &scenario::Client,
        fidelity: Fidelity,
        needs: &[needs::Need],
    ) -> Result<Sandbox, SandboxError> {
        let setup = Setup {
            world: &world::world(),
            fidelity,
            client,
            peers: &[],
            subject: &self.tools,
        };
        let sandbox = Sandbox::set_up(setup, &self.toolbox)?;
        needs::link(needs, &sandbox.path().join("bin"))?;
        Ok(sandbox)
    }
}

/// What is tested.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its short name, a column of the table.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its home page.
    pub homepage: Option<String>,
    /// The document that describes it, if there is one.
    pub document: Option<Source>,
    /// Whether it comes with this program: then everything that its file does not know counts as a difference.
    pub built_in: bool,
    /// What is known to be otherwise, and why.
    pub known: Vec<Known>,
}
