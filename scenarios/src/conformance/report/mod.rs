//! What a run came to, for people, programs and documents.

mod json;
mod markdown;
mod terminal;

pub use json::json;
pub use markdown::{Tables, insert, tables};
pub use terminal::Terminal;
