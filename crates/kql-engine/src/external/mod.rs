//! `externaldata`: what a query may ask of files outside, and their bytes as rows. No file is opened here.

mod cells;
mod columns;
mod delimited;
mod format;
mod json_records;
mod mapping;
mod question;

pub(crate) use format::Format;
pub(crate) use mapping::Mapping;
pub(crate) use question::{ExternalQuestion, Source, answer};
