//! Reads the records of EVTX files straight from BinXML, without their XML text.
//!
//! Every provider writes the same few shapes: a template for the head of the event with a value in it that is a template for its data. Those are
//! read here; whatever has another shape, or is damaged in any way, is left to the `evtx` crate. What is read here is what the reader of
//! event XML makes of the crate's XML for the record.
//!
//! Source of the format: MS-EVEN6, section 2.2.12, and the crate, which says what Windows really writes.

mod bytes;
mod chunk_records;
mod data_template;
mod definition;
mod event_fields;
mod head_template;
mod name_table;
mod templates;
#[cfg(test)]
mod test_chunk;
#[cfg(test)]
mod tests;
mod value_text;
mod values;

pub(super) use chunk_records::{ChunkReader, FoundRecord};
pub(crate) use event_fields::EventFields;
