//! How much of the real service's behaviour is shown.

/// Which answers the Git endpoint gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// The capabilities observed of CodeCommit, protocol version 0 whatever the client asks for.
    #[default]
    CodeCommit,
    /// Everything the local git can do, protocol version 2 included.
    Git,
}
