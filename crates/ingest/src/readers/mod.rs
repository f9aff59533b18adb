//! From the bytes of a file to its records.

use std::io::{Read, Seek};

use crate::json_scan::Found;
use crate::windows::EventFields;

pub mod archive;
mod compression;
pub mod content;
pub mod csv;
pub mod json_splitter;
pub mod leaf;
pub mod line_splitter;
pub mod text;
pub(crate) mod text_splitter;
pub mod xml_splitter;

/// A source that can be read from any place.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A record cut out of a file, or a part of the file that is none.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Byte offset in the decompressed file; for EVTX the record id.
    pub offset: i64,
    /// The record's text.
    pub text: String,
    /// What is wrong with it, when it is no record; goes to `IngestionErrors` with the text.
    pub damage: Option<String>,
    /// Its fields, where they were found when it was cut out.
    pub(crate) found: Option<FoundFields>,
}

/// The fields of a record that were found when it was cut out, as places in its text.
#[derive(Debug, Clone)]
pub(crate) enum FoundFields {
    /// Of a JSON object.
    Object(Found),
    /// Of a Windows event, whose texts are the record's text.
    Event(Box<EventFields>),
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        (self.offset, &self.text, &self.damage) == (other.offset, &other.text, &other.damage)
    }
}

impl Eq for Piece {}
