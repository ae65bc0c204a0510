//! What an error lets a person know or do next: data, not text inside the message.

/// One hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A fact that helps to see what happened.
    Note(String),
    /// A command that mends it, and what it is for.
    Run {
        /// What the command is for; fits before a colon.
        purpose: String,
        /// The command, ready to paste into a POSIX shell.
        command: String,
    },
}

impl Hint {
    pub(crate) fn note(text: impl Into<String>) -> Self {
        Self::Note(text.into())
    }

    pub(crate) fn run(purpose: impl Into<String>, command: impl Into<String>) -> Self {
        Self::Run {
            purpose: purpose.into(),
            command: command.into(),
        }
    }
}
