//! What a run came to, for people, programs and documents.

mod json;
mod markdown;
mod terminal;

pub use json::json;
pub use markdown::{NotItsPlace, Tables, insert, place, tables};
pub use terminal::Terminal;
