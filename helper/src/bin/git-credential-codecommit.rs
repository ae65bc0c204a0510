//! The Git credential helper for AWS CodeCommit.
fn main() {}
