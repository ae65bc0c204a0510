//! IAM policy documents: what they are made of, how they are read, and AWS's own for CodeCommit.
//!
//! Documents belong to the world; [`authz`](crate::authz) judges by them. Reading is strict: what IAM would refuse, and
//! what it would keep but never match, is a [`PolicyError`] that says where and what was probably meant.
//!
//! Sources: IAM user guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language".

mod document;
mod error;
mod json;
mod managed;
mod operator;
mod parse;
mod template;
mod value;
mod vocabulary;

pub use document::{
    Condition, Effect, Operands, PolicyDocument, Principals, Selection, Statement,
    TrustedPrincipal, Version,
};
pub use error::{PolicyError, PolicyProblem, StatementName};
pub use managed::ManagedPolicy;
pub use operator::{Operator, Quantifier, Test};
pub use template::{BadVariable, Piece, Template};
pub use value::{Decimal, Instant, NotADate, NotADecimal, network};
