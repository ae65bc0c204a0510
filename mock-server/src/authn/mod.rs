//! Who is it? Ordered checks of what a client presents, each refusal with its reason.

mod basic;
pub mod git_password;
mod hypothesis;
pub mod verdict;

pub use basic::BasicCredentials;
pub use hypothesis::Hypothesis;
