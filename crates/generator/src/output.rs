//! The tenant's folder: compressed and plain files whose bytes depend on nothing but their content.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Component, Path, PathBuf};

use flate2::{Compression, GzBuilder};
use zip::write::SimpleFileOptions;

use crate::GenerateError;
use crate::truth::{TRUTH_FILE, Truth, TruthFile};

/// Compression level of both formats.
const LEVEL: u32 = 6;

/// A file's text and the number of records in it.
pub(crate) struct Content {
    text: String,
    records: usize,
}

impl Content {
    /// `records` records in `text`.
    pub(crate) fn new(text: String, records: usize) -> Self {
        Self { text, records }
    }
}

/// A folder being written.
pub(crate) struct Output {
    folder: PathBuf,
    files: Vec<TruthFile>,
}

impl Output {
    /// Takes over `folder`: creates it, or empties it of an earlier tenant.
    pub(crate) fn open(folder: &Path) -> Result<Self, GenerateError> {
        fs::create_dir_all(folder).map_err(|source| GenerateError::io("create", folder, source))?;
        let mut entries = fs::read_dir(folder).map_err(|source| GenerateError::io("read", folder, source))?;
        if folder.join(TRUTH_FILE).exists() {
            remove_earlier(folder)?;
        } else if entries.next().is_some() {
            return Err(GenerateError::FolderInUse { folder: folder.into() });
        }
        Ok(Self { folder: folder.into(), files: Vec::new() })
    }

    /// Writes an uncompressed file.
    pub(crate) fn plain(&mut self, path: &str, content: Content) -> Result<(), GenerateError> {
        let bytes = content.text.as_bytes().to_vec();
        self.write(path, &content, bytes)
    }

    /// Writes a gzip file without name and time.
    pub(crate) fn gzip(&mut self, path: &str, content: Content) -> Result<(), GenerateError> {
        let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(LEVEL));
        let bytes = encoder.write_all(content.text.as_bytes()).and_then(|()| encoder.finish());
        let bytes = bytes.map_err(|source| GenerateError::io("write", self.folder.join(path), source))?;
        self.write(path, &content, bytes)
    }

    /// Writes a zip file with one member `name`, dated 1980 as the format's zero.
    pub(crate) fn zip(&mut self, path: &str, name: &str, content: Content) -> Result<(), GenerateError> {
        let bytes =
            zipped(name, &content.text).map_err(|source| GenerateError::io("write", self.folder.join(path), source))?;
        self.write(path, &content, bytes)
    }

    fn write(&mut self, path: &str, content: &Content, bytes: Vec<u8>) -> Result<(), GenerateError> {
        if content.records == 0 {
            return Ok(());
        }
        let full = self.folder.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(|source| GenerateError::io("create", parent, source))?;
        }
        fs::write(&full, bytes).map_err(|source| GenerateError::io("write", &full, source))?;
        self.files.push(TruthFile {
            path: path.into(),
            records: content.records as u64,
            bytes: content.text.len() as u64,
        });
        Ok(())
    }

    /// Writes the truth file, last, so that a folder with one is complete.
    pub(crate) fn finish(mut self, mut truth: Truth) -> Result<Truth, GenerateError> {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        truth.files = self.files;
        let path = self.folder.join(TRUTH_FILE);
        let text = serde_json::to_string_pretty(&truth)
            .map_err(|source| GenerateError::Truth { path: path.clone(), source })?;
        fs::write(&path, text + "\n").map_err(|source| GenerateError::io("write", &path, source))?;
        Ok(truth)
    }
}

fn zipped(name: &str, text: &str) -> std::io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(i64::from(LEVEL)))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, options)?;
    archive.write_all(text.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}

/// Removes the files that the truth file in `folder` lists, and it first: what is left half removed is nobody's tenant.
fn remove_earlier(folder: &Path) -> Result<(), GenerateError> {
    let truth = Truth::read(folder)?;
    for file in truth.files {
        let path = Path::new(&file.path);
        // A truth file must not talk us into removing what lies elsewhere.
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(GenerateError::FolderInUse { folder: folder.into() });
        }
        let path = folder.join(path);
        if path.exists() {
            fs::remove_file(&path).map_err(|source| GenerateError::io("remove", &path, source))?;
        }
    }
    let path = folder.join(TRUTH_FILE);
    fs::remove_file(&path).map_err(|source| GenerateError::io("remove", &path, source))
}

/// One line of CSV (RFC 4180), quoted where it must be.
pub(crate) fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields: Vec<String> = fields
        .into_iter()
        .map(|field| match field.contains([',', '"', '\r', '\n']) {
            true => format!("\"{}\"", field.replace('"', "\"\"")),
            false => field.to_owned(),
        })
        .collect();
    fields.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_only_where_it_must_be() {
        assert_eq!(csv_line(["a", "b c", "d,e", "f\"g", ""]), "a,b c,\"d,e\",\"f\"\"g\",\r\n");
    }
}
