//! Texts that are mostly IPv4 addresses, kept a second time as numbers.
//!
//! A day of sign-ins has some ten thousand addresses. As texts they take as long to unpack and decode as all else that a query reads, and
//! mostly few rows are left by then that need one. A number takes four bytes and no decoding, and the text is written from it where it
//! is asked for.
//!
//! A data file may have, beside a text column, the column of its *numbers* (null where the text is no address in its one form) and that
//! of its *rests* (the text where there is no number; left out where each text is an address). The text itself stays in the file: it is
//! what other readers see, and what filters by a text read.
//!
//! | where | what |
//! |---|---|
//! | `address.rs` | text to number and back |
//! | `packed_column.rs` | which columns, and how a file says that it has them |
//! | `packing.rs` | what is written |
//! | `packed_text.rs` | the functions of plans: the number and the rest of a text, the text of both |
//! | `rule.rs` | has scans read the two, and puts the text together above the filters |
//! | `adapter.rs` | reads what a file has of them |
//! | `no_rests.rs` | the rests of a file that has none |

mod adapter;
mod address;
mod no_rests;
mod packed_column;
mod packed_text;
mod packing;
mod rule;

pub(crate) use adapter::from_packed;
pub(crate) use packed_column::{PackedColumn, PackedNames, packed_columns};
pub(crate) use packed_text::{PackedText, Part};
pub(crate) use packing::{Packed, PackedValues, of_merge, packed};
pub(crate) use rule::PackedTexts;
