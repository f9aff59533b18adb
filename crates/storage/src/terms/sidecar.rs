//! The term filters of one data file, in a file of their own beside the table's data.
//!
//! `MAGIC`, the header's length (8 bytes, little endian), its checksum (8 bytes), the header as JSON, the filters one after the other.
//! Whatever is not as it should be counts as no filter: a query then reads the rows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::filter::TermFilter;
use crate::disk;

/// The folder within a table's folder. Delta's clean-up leaves names with `_` alone.
pub(crate) const FOLDER: &str = "_terms";

/// Names the form; a change of terms, hashes or filters needs another one.
const MAGIC: &[u8; 8] = b"VDTERMS1";

/// Bytes before the header.
const PREFIX_BYTES: usize = 24;

/// Longer headers are no headers: 600 columns in 1000 row groups take less.
const MAX_HEADER_BYTES: u64 = 64 * 1024 * 1024;

/// Longer filters are no filters of ours.
const MAX_FILTER_BYTES: u32 = 1024 * 1024;

/// Bytes read at first, which hold the header of a usual file.
const FIRST_READ: u64 = 32 * 1024;

/// The filters of one row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupTerms {
    /// Only columns that have a filter.
    pub(crate) columns: Vec<ColumnTerms>,
}

/// The filter of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnTerms {
    pub(crate) name: String,
    /// Of documents: texts as a whole are not in the filter.
    pub(crate) is_json: bool,
    /// It holds JSON numbers that may be printed in another form than stored.
    pub(crate) has_reals: bool,
    pub(crate) filter: TermFilter,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    columns: Vec<String>,
    groups: Vec<Vec<Entry>>,
}

/// Where a filter lies: column, whether it is JSON, whether it has reals, offset after the header, length, checksum.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Entry(u32, bool, bool, u64, u32, u64);

/// The file that belongs to a data file of a table.
pub(crate) fn path_of(table_folder: &Path, data_file: &str) -> PathBuf {
    let name = data_file.rsplit('/').next().unwrap_or(data_file);
    let stem = name.strip_suffix(".parquet").unwrap_or(name);
    table_folder.join(FOLDER).join(format!("{stem}.terms"))
}

/// Writes and syncs the filters of a data file that no reader knows yet; the caller makes the folder and syncs it. Returns the size in
/// bytes.
pub(crate) fn write(path: &Path, groups: &[GroupTerms]) -> io::Result<u64> {
    let mut columns: Vec<String> = Vec::new();
    let mut body: Vec<u8> = Vec::new();
    let entries = groups.iter().map(|group| {
        let entries = group.columns.iter().map(|column| {
            let place = columns.iter().position(|name| *name == column.name).unwrap_or_else(|| {
                columns.push(column.name.clone());
                columns.len() - 1
            });
            let bytes = column.filter.bytes();
            let offset = body.len() as u64;
            body.extend_from_slice(bytes);
            Entry(place as u32, column.is_json, column.has_reals, offset, bytes.len() as u32, xxh3_64(bytes))
        });
        entries.collect()
    });
    let groups = entries.collect();
    let header = serde_json::to_vec(&Header { columns, groups })?;
    let prefix = [&MAGIC[..], &(header.len() as u64).to_le_bytes(), &xxh3_64(&header).to_le_bytes()].concat();
    let mut file = disk::of(path).create(path)?;
    for part in [&prefix, &header, &body] {
        file.write_all(part)?;
    }
    file.sync()?;
    Ok((prefix.len() + header.len() + body.len()) as u64)
}

/// An opened file of filters.
#[derive(Debug)]
pub(crate) struct TermFile {
    file: File,
    header: Header,
    /// Where the filters begin.
    start: u64,
}

impl TermFile {
    /// Opens the filters of a data file; `None` where there are none that can be read.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        // At once: a query opens one of these for each data file.
        let mut first = Vec::with_capacity(FIRST_READ as usize + 1);
        (&mut file).take(FIRST_READ).read_to_end(&mut first).ok()?;
        let number = |from: usize| first.get(from..from + 8)?.try_into().ok().map(u64::from_le_bytes);
        let (length, checksum) = (number(8)?, number(16)?);
        if !first.starts_with(MAGIC) || length > MAX_HEADER_BYTES {
            return None;
        }
        let end = PREFIX_BYTES + usize::try_from(length).ok()?;
        if end > first.len() {
            let missing = (end - first.len()) as u64;
            (&mut file).take(missing).read_to_end(&mut first).ok()?;
        }
        let header = first.get(PREFIX_BYTES..end)?;
        if xxh3_64(header) != checksum {
            return None;
        }
        Some(Self { header: serde_json::from_slice(header).ok()?, start: end as u64, file })
    }

    /// The number of row groups that the data file has.
    pub(crate) fn groups(&self) -> usize {
        self.header.groups.len()
    }

    /// The filter of a column in a row group.
    pub(crate) fn column(&mut self, group: usize, name: &str) -> Option<ColumnTerms> {
        let place = self.header.columns.iter().position(|column| column == name)?;
        let Entry(_, is_json, has_reals, offset, length, checksum) =
            *self.header.groups.get(group)?.iter().find(|entry| entry.0 as usize == place)?;
        if length > MAX_FILTER_BYTES {
            return None;
        }
        let mut bytes = vec![0; length as usize];
        self.file.seek(SeekFrom::Start(self.start.checked_add(offset)?)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        if xxh3_64(&bytes) != checksum {
            return None;
        }
        Some(ColumnTerms { name: name.to_owned(), is_json, has_reals, filter: TermFilter::from_bytes(bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<GroupTerms> {
        let column = |name: &str, terms: u64| ColumnTerms {
            name: name.to_owned(),
            is_json: terms > 2,
            has_reals: terms > 5,
            filter: TermFilter::of((0..terms).map(|term| xxh3_64(&term.to_le_bytes())).collect::<Vec<_>>().into_iter()),
        };
        vec![
            GroupTerms { columns: vec![column("A", 10), column("B", 0)] },
            GroupTerms { columns: vec![column("C", 1000), column("A", 3)] },
        ]
    }

    #[test]
    fn filters_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.terms");
        write(&path, &groups()).expect("writes");
        let mut file = TermFile::open(&path).expect("opens");
        assert_eq!(file.groups(), 2);
        for (place, group) in groups().iter().enumerate() {
            for column in &group.columns {
                assert_eq!(file.column(place, &column.name).as_ref(), Some(column));
            }
        }
        assert_eq!((file.column(0, "C"), file.column(2, "A")), (None, None));
    }

    #[test]
    fn a_damaged_file_has_no_filters() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.terms");
        write(&path, &groups()).expect("writes");
        let whole = std::fs::read(&path).expect("reads");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            std::fs::write(&path, &bytes).expect("writes");
            let Some(mut file) = TermFile::open(&path) else { continue };
            let intact = |file: &mut TermFile, place: usize, column: &ColumnTerms| {
                file.column(place, &column.name).is_none_or(|read| read == *column)
            };
            for (place, group) in groups().iter().enumerate() {
                assert!(group.columns.iter().all(|column| intact(&mut file, place, column)), "byte {at}");
            }
        }
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("writes");
            if let Some(mut file) = TermFile::open(&path) {
                assert!(file.column(1, "C").is_none_or(|read| read == groups()[1].columns[0]), "{length} bytes");
            }
        }
    }
}
