//! Tests of texts by the keys of their dictionary, and texts given on as keys.
//!
//! A data file keeps the texts of most columns as keys into a dictionary. Decoded row by row, each key becomes a text, and a filter asks each
//! text again. Where a column is only read to be tested (`ResultType == "0"`), a scan leaves it as keys, asks each text of the dictionary
//! once, and looks up what it said: half of what decoding and comparing took, and less for tests that look into the text.
//!
//! Where a file has the same text in many rows in a row (`RiskLevelDuringSignIn`), the test is asked before the other columns are read,
//! and those only of the rows that pass. Of a column whose texts change from row to row that takes longer than reading all.
//!
//! Who groups rows by a text or looks for it among others can have the keys, too ([`giving_keys()`]): each text is then looked up once.
//!
//! | where | what |
//! |---|---|
//! | `rule.rs` | has scans do the tests of filters whose texts nobody else asks for |
//! | `keyed_test.rs` | the functions that mark such a test in plans |
//! | `stored_keys.rs` | which columns a file is asked to give as keys, and which it can |
//! | `adapter.rs` | turns a marked test into one by keys where the file gives keys |
//! | `by_key.rs` | the test by keys |
//! | `giving_keys.rs` | has a scan give texts as keys |
//! | `keyed_text.rs` | the function that marks such a text in plans |
//! | `text_by_key.rs` | such a text of a file that gives keys |

mod adapter;
mod by_key;
mod giving_keys;
mod keyed_test;
mod keyed_text;
mod rule;
mod stored_keys;
mod text_by_key;

pub(crate) use adapter::by_keys;
pub use giving_keys::giving_keys;
pub(crate) use keyed_test::{KeyedTest, TestFor};
pub(crate) use rule::{KeyedTests, TESTED_ROWS, is_of_ours};
pub(crate) use stored_keys::{KeyedNames, Keys, keys_of};
