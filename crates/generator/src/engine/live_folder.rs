//! A folder whose files grow while the tenant is played.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{FileAbout, FolderSink, Receiver};
use crate::GenerateError;
use crate::truth::Truth;

/// A tenant's folder while it is played: plain files, one record a line or CSV with a header, each record appended when it is due.
#[derive(Debug)]
pub struct LiveFolder {
    folder: FolderSink,
    open: HashMap<String, BufWriter<File>>,
}

impl LiveFolder {
    /// Takes over `folder`, as [`FolderSink::open`] does.
    ///
    /// # Errors
    /// When it holds something that no earlier generation wrote, or cannot be written.
    pub fn open(folder: &Path) -> Result<Self, GenerateError> {
        Ok(Self { folder: FolderSink::open(folder)?, open: HashMap::new() })
    }

    /// Writes the truth file, last.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_truth(&self, truth: &Truth) -> Result<(), GenerateError> {
        self.folder.write_truth(truth)
    }

    fn create(&self, about: &FileAbout) -> Result<BufWriter<File>, GenerateError> {
        let path = self.folder.path().join(&about.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| GenerateError::io("create", parent, source))?;
        }
        let file = File::create(&path).map_err(|source| GenerateError::io("write", &path, source))?;
        let mut file = BufWriter::new(file);
        file.write_all(about.framing.open.as_bytes()).map_err(|source| GenerateError::io("write", &path, source))?;
        Ok(file)
    }

    fn failed(&self, file: &str, source: std::io::Error) -> GenerateError {
        GenerateError::io("write", self.folder.path().join(file), source)
    }
}

impl Receiver for LiveFolder {
    fn record(&mut self, file: &FileAbout, record: &str) -> Result<(), GenerateError> {
        if !self.open.contains_key(&file.path) {
            let created = self.create(file)?;
            self.open.insert(file.path.clone(), created);
        }
        let Some(target) = self.open.get_mut(&file.path) else { return Ok(()) };
        // Each record with its end of line, so that who follows the file always reads whole ones.
        let end = if file.framing.is_table() { "" } else { "\n" };
        let written = target.write_all(record.as_bytes()).and_then(|()| target.write_all(end.as_bytes()));
        written.map_err(|source| self.failed(&file.path, source))
    }

    fn flush(&mut self) -> Result<(), GenerateError> {
        let flushed = self.open.iter_mut().try_for_each(|(path, file)| file.flush().map_err(|source| (path, source)));
        flushed.map_err(|(path, source)| GenerateError::io("write", self.folder.path().join(path), source))
    }

    fn end(&mut self, file: &FileAbout) -> Result<(), GenerateError> {
        match self.open.remove(&file.path) {
            Some(mut target) => target.flush().map_err(|source| self.failed(&file.path, source)),
            None => Ok(()),
        }
    }
}
