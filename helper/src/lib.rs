//! A Git credential helper for AWS CodeCommit, and the facts it shares with the test endpoint.
//!
//! [`endpoint`] reads a host name, [`password`] signs, [`timestamp`] is the form of time that is signed.

pub mod endpoint;
pub mod password;
pub mod secret;
pub mod timestamp;
