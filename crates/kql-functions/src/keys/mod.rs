//! Keys of groups, numbered: texts, and rows of numbers.

mod known;
mod row_keys;
mod seed;
mod text_keys;

pub use row_keys::RowKeys;
pub use text_keys::TextKeys;
