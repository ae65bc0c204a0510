//! How much of the real service's behaviour is shown, and what is assumed where nobody has written it down.

mod file;
mod switch;
mod value;

pub use file::FidelityFile;
pub use switch::{Fidelity, Switch, SwitchError};
pub use value::{
    Challenge, DeniedReferences, DenyForm, ErrorType, ExtraSlashes, FirstCheck, GitSuffix,
    RefusalStatus, SignedPort, YesOrNo,
};

/// Which answers the Git service gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The capabilities, limits and words observed of CodeCommit.
    #[default]
    CodeCommit,
    /// Everything the local git can do, protocol version 2 included.
    Git,
}
