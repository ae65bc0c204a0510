//! What a run came to, for people, programs and documents.

mod document;
mod json;
mod markdown;
mod terminal;

pub use document::{NotItsPlace, insert, place};
pub use json::json;
pub use markdown::{Tables, tables};
pub use terminal::Terminal;
