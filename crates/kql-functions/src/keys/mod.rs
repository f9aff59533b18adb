//! Keys of groups, numbered: texts, as they are or by numbers that they are written of, whole numbers, and rows of numbers.

mod dictionaries;
mod keyed;
mod known;
mod long_keys;
mod numbered_text_keys;
mod row_keys;
mod row_places;
mod seed;
mod text_keys;
mod text_set;

pub use long_keys::LongKeys;
pub use numbered_text_keys::NumberedTextKeys;
pub use row_keys::RowKeys;
pub use text_keys::TextKeys;
pub use text_set::{TextMembers, TextSet};
