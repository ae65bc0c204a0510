//! The helper's programs as users have them: with real gits and real credential helpers, against the endpoint.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod large_pushes;
mod machine;
mod remote;
mod sources;
mod stale_passwords;
