//! Keys of groups, numbered: texts, as they are or by numbers that they are written of, and rows of numbers.

mod dictionaries;
mod keyed;
mod known;
mod numbered_text_keys;
mod row_keys;
mod row_places;
mod seed;
mod text_keys;
mod text_set;

pub use numbered_text_keys::NumberedTextKeys;
pub use row_keys::RowKeys;
pub use text_keys::TextKeys;
pub use text_set::{TextMembers, TextSet};
