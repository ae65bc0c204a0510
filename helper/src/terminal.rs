//! Questions to a person. Git's pipes are stdin and stdout, so it is the terminal that is asked, whatever they are.

use crate::secret::Secret;

/// Asks on the terminal (`/dev/tty`, `CONIN$`), without showing what is typed.
///
/// # Errors
/// Why there is no terminal, or no answer.
pub fn ask(question: &str) -> Result<Secret, String> {
    rpassword::prompt_password(question)
        .map(|answer| Secret::new(answer.trim()))
        .map_err(|error| error.to_string())
}
