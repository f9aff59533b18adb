//! The records of a file in parts, for those who store them piece by piece.

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use schema::Table;

use super::Records;
use crate::hash::hash_file;
use crate::limits::Limits;
use crate::readers::archive::{Leaf, LeafHandler, walk};
use crate::readers::content::Kind;
use crate::readers::leaf::read_leaf;
use crate::report::FileReport;
use crate::report_files::write_file_rows;
use crate::sink::MemorySink;

/// Some records of a file, in order.
#[derive(Debug)]
pub struct FilePart {
    /// The file's path; inside an archive `a.zip!inner.json`.
    pub name: String,
    /// The records, with their places in the file.
    pub records: Records,
}

/// Reads a file, an archive or a compressed file too, and hands its records over in parts of about so many bytes. `take` returns false to
/// stop. Parts are the same whenever the same file is read.
///
/// # Errors
/// When it, or a file inside it, cannot be read to its end; what was read before was handed over.
pub fn read_file_parts(
    path: &Path,
    limits: &Limits,
    part_bytes: usize,
    take: &mut dyn FnMut(FilePart) -> bool,
) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let modified = metadata.modified().ok().map(|time: SystemTime| DateTime::<Utc>::from(time));
    let mut reader = PartReader { limits, part_bytes, take, failure: None, stopped: false };
    let label = path.display().to_string();
    walk(&label, Box::new(file), metadata.len(), modified, limits, &mut reader).map_err(failed)?;
    reader.failure.map_or(Ok(()), Err)
}

/// The SHA-256 of a file in lower-case hexadecimal, and its bytes.
///
/// # Errors
/// When it cannot be read.
pub fn file_hash(path: &Path) -> Result<(String, u64), String> {
    hash_file(path).map_err(|error| error.to_string())
}

/// The row of `IngestedFiles` of a file that was read.
///
/// # Errors
/// When the row cannot be built.
pub fn ingested_file_row(file: &FileReport, now: DateTime<Utc>) -> Result<(&'static Table, RecordBatch), String> {
    let sink = MemorySink::new();
    write_file_rows(std::slice::from_ref(file), now, &sink)?;
    let table = schema::table("IngestedFiles").ok_or("no table `IngestedFiles`")?;
    sink.batches(&table.name).pop().map(|batch| (table, batch)).ok_or_else(|| "no row".to_owned())
}

struct PartReader<'r> {
    limits: &'r Limits,
    part_bytes: usize,
    take: &'r mut dyn FnMut(FilePart) -> bool,
    failure: Option<String>,
    stopped: bool,
}

impl LeafHandler for PartReader<'_> {
    fn leaf(&mut self, leaf: Leaf) -> bool {
        let (name, mut records) = (leaf.path.clone(), Records::default());
        let (take, part_bytes) = (&mut *self.take, self.part_bytes);
        let mut stopped = false;
        let result = read_leaf(leaf.kind, leaf.source, self.limits, &mut |chunk| {
            records.push_chunk(chunk);
            if records.bytes() >= part_bytes {
                stopped = !take(FilePart { name: name.clone(), records: std::mem::take(&mut records) });
            }
            !stopped
        });
        if !records.is_empty() && !stopped {
            stopped = !take(FilePart { name: name.clone(), records });
        }
        self.stopped = stopped;
        if let Err(reason) = result {
            self.failure.get_or_insert(format!("`{name}`: {reason}"));
        }
        !self.stopped
    }

    fn broken(&mut self, path: &str, _kind: Kind, reason: String) {
        self.failure.get_or_insert(format!("`{path}`: {reason}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str, content: &str, part_bytes: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let mut parts = Vec::new();
        read_file_parts(&path, &Limits::default(), part_bytes, &mut |part| {
            parts.push(String::from_utf8(part.records.to_text().unwrap()).unwrap());
            true
        })
        .unwrap();
        parts
    }

    #[test]
    fn a_file_in_parts_is_the_text_of_each() {
        assert_eq!(parts("a.json", "[{\"a\":1},{\"a\":2}]", 1 << 20), ["{\"a\":1}\n{\"a\":2}\n"]);
        assert_eq!(parts("a.csv", "a;\"b \"\"x\"\"\"\n1;2\n3;4\n", 1 << 20), ["\"a\";\"b \"\"x\"\"\"\n1;2\n3;4\n"]);
        let line = "<34>1 2024-01-01T00:00:00Z h a - - - x\n";
        assert_eq!(parts("a.log", line, 1 << 20), [line]);
        let many = "{\"a\":\"0123456789\"}\n".repeat(40_000);
        let found = parts("many.json", &many, 300_000);
        assert!(found.len() > 1 && found.concat() == many);
    }
}
