//! Records that arrive at a service: decoded body by body, by decoders that are built once.
//!
//! | module | concept |
//! |---|---|
//! | `decoding` | [`Intake`]: from the records of a body to batches of rows |
//! | `records` | [`Records`]: what a parser of [`crate::doors`] found in a body |
//! | `source` | the way that a body came, and where its rows go |
//! | `decoded` | what became of a body |
//! | `file_parts` | the records of a file in parts |
//! | `time_bounds` | times that are taken as sent |
//! | `collected` | where a body's batches are put together |

mod collected;
mod decoded;
mod decoding;
mod file_parts;
mod records;
mod source;
#[cfg(test)]
mod tests;
mod time_bounds;

pub use decoded::{Decoded, Rejected};
pub use decoding::{Intake, IntakeError};
pub use file_parts::{FilePart, file_hash, ingested_file_row, read_file_parts};
pub use records::Records;
pub use source::{IntakeSource, Target, Way};
pub use time_bounds::TimeBounds;
