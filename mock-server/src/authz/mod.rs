//! May they? Judges a principal's policies; knows nothing of how a request came in.
//!
//! A [`PolicySet`] is every policy that has a say, a [`Request`] is the question, and a [`Decision`] names the statement
//! that decided. [`PolicySet::explain`] tells of every statement why it did or did not match.
//!
//! ```
//! use codecommit_mock::authz::{NamedPolicy, PolicySet, Request, key};
//! use codecommit_mock::world::{ManagedPolicy, policy::PolicyDocument};
//!
//! let protect_main = PolicyDocument::identity(
//!     r#"{"Version": "2012-10-17", "Statement": {
//!         "Sid": "DenyMain", "Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*",
//!         "Condition": {
//!             "StringEqualsIfExists": {"codecommit:References": "refs/heads/main"},
//!             "Null": {"codecommit:References": "false"}
//!         }
//!     }}"#,
//! )?;
//! let policies = PolicySet {
//!     identity: vec![
//!         ManagedPolicy::AWSCodeCommitPowerUser.into(),
//!         NamedPolicy::new("protect-main", protect_main),
//!     ],
//!     ..PolicySet::default()
//! };
//! let push = Request::new(
//!     "arn:aws:iam::111122223333:user/alice",
//!     "codecommit:GitPush",
//!     "arn:aws:codecommit:us-east-2:111122223333:MyDemoRepo",
//! );
//! assert!(policies.evaluate(&push).allowed);
//! let decision = policies.evaluate(&push.with(key::REFERENCES, "refs/heads/main"));
//! assert_eq!(decision.because, "statement 1 (DenyMain) of protect-main denies it");
//! # Ok::<(), codecommit_mock::world::policy::PolicyError>(())
//! ```

mod condition;
mod decision;
pub mod kms;
mod pattern;
mod policy_set;
mod request;
mod statement;

use std::fmt;

use serde::Serialize;

pub use decision::{Considered, Decision, Explanation, Layer, StatementRef};
pub use policy_set::{NamedPolicy, PolicySet};
pub use request::{Context, Request, key};
pub use statement::Mismatch;

/// What Git does to a repository, as IAM names it. One action covers every ref and both halves of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Action {
    /// Clone, fetch, ls-remote.
    #[serde(rename = "codecommit:GitPull")]
    GitPull,
    /// Push: create, update, force or delete any ref.
    #[serde(rename = "codecommit:GitPush")]
    GitPush,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitPull => "codecommit:GitPull",
            Self::GitPush => "codecommit:GitPush",
        })
    }
}
