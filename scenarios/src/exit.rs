//! Exit codes. They are public: scripts branch on them.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything passed, or was done.
    Success,
    /// Bad usage, or a bad file.
    Usage,
    /// Nothing was selected, or all of it was skipped.
    Nothing,
    /// A sandbox or server could not be set up, so nothing is known.
    Setup,
    /// A scenario failed.
    Failed,
    /// What another decided: the command of `exec`, or a signal.
    Other(u8),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Usage => 2,
            Self::Nothing => 4,
            Self::Setup => 96,
            Self::Failed => 100,
            Self::Other(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_are_documented() {
        let codes = [
            Exit::Success,
            Exit::Usage,
            Exit::Nothing,
            Exit::Setup,
            Exit::Failed,
            Exit::Other(7),
        ]
        .map(Exit::code);
        assert_eq!(codes, [0, 2, 4, 96, 100, 7]);
    }
}
