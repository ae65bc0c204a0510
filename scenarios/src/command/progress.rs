//! What is going on, in the last line of a terminal.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Progress;

/// A line that moves; none where nobody sees it.
pub(super) struct Live(ProgressBar);

impl Live {
    /// On standard error, if both it and standard output are terminals.
    pub(super) fn new() -> Self {
        let seen = io::stderr().is_terminal() && io::stdout().is_terminal();
        let target = match seen {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        // One of nothing would be full.
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant, and its test reads it.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }

    /// Shows where the run is.
    pub(super) fn show(&self, progress: &Progress) {
        self.0.set_length(progress.cases as u64);
        self.0.set_position(progress.ended as u64);
        self.0.set_prefix(match progress.failed {
            0 => String::new(),
            failed => format!("{failed} failed "),
        });
        self.0.set_message(progress.playing.join(", "));
    }

    /// Lets somebody else write a line above.
    pub(super) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes it away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

const TEMPLATE: &str = "[{bar:20}] {pos}/{len} {prefix:.red}{wide_msg:.dim}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_can_be_read() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
