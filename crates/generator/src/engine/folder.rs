//! A folder of plain and compressed files, whose bytes depend on nothing but their records.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, Utc};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{FileAbout, Framing, Sink, SinkFile};
use crate::GenerateError;
use crate::truth::{TRUTH_FILE, Truth};

/// Compression level of both formats.
const LEVEL: u32 = 6;

/// A tenant's folder.
#[derive(Debug)]
pub struct FolderSink {
    folder: PathBuf,
}

impl FolderSink {
    /// Takes over `folder`: creates it, or empties it of an earlier tenant.
    ///
    /// # Errors
    /// When it holds something that no earlier generation wrote, or cannot be written.
    pub fn open(folder: &Path) -> Result<Self, GenerateError> {
        fs::create_dir_all(folder).map_err(|source| GenerateError::io("create", folder, source))?;
        let mut entries = fs::read_dir(folder).map_err(|source| GenerateError::io("read", folder, source))?;
        if folder.join(TRUTH_FILE).exists() {
            remove_earlier(folder)?;
        } else if entries.next().is_some() {
            return Err(GenerateError::FolderInUse { folder: folder.into() });
        }
        Ok(Self { folder: folder.into() })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes the truth file, last, so that a folder with one is complete.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_truth(&self, truth: &Truth) -> Result<(), GenerateError> {
        let path = self.folder.join(TRUTH_FILE);
        let text = serde_json::to_string_pretty(truth)
            .map_err(|source| GenerateError::Truth { path: path.clone(), source })?;
        fs::write(&path, text + "\n").map_err(|source| GenerateError::io("write", &path, source))
    }
}

impl Sink for FolderSink {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let path = self.folder.join(&about.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| GenerateError::io("create", parent, source))?;
        }
        let target = Target::create(&path).map_err(|source| GenerateError::io("write", &path, source))?;
        Ok(Box::new(FolderFile { path, framing: about.framing.clone(), target, empty: true }))
    }
}

enum Target {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
    Zip(Box<ZipWriter<BufWriter<File>>>),
}

impl Target {
    fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        Ok(match path.extension().and_then(|extension| extension.to_str()) {
            // Without name and time.
            Some("gz") => Self::Gzip(Box::new(GzBuilder::new().mtime(0).write(file, Compression::new(LEVEL)))),
            Some("zip") => {
                let options = SimpleFileOptions::default()
                    .compression_method(zip::CompressionMethod::Deflated)
                    .compression_level(Some(i64::from(LEVEL)))
                    .last_modified_time(zip::DateTime::default())
                    .large_file(true)
                    .unix_permissions(0o644);
                let mut archive = ZipWriter::new(file);
                archive.start_file(path.file_stem().unwrap_or_default().to_string_lossy(), options)?;
                Self::Zip(Box::new(archive))
            }
            _ => Self::Plain(file),
        })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(file) => file,
            Self::Gzip(encoder) => encoder,
            Self::Zip(archive) => archive,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Zip(archive) => archive.finish()?.flush(),
        }
    }
}

struct FolderFile {
    path: PathBuf,
    framing: Framing,
    target: Target,
    empty: bool,
}

impl FolderFile {
    fn write(&mut self, text: &str) -> Result<(), GenerateError> {
        let written = self.target.writer().write_all(text.as_bytes());
        written.map_err(|source| GenerateError::io("write", &self.path, source))
    }
}

impl SinkFile for FolderFile {
    fn record(&mut self, _: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        if std::mem::take(&mut self.empty) {
            let open = std::mem::take(&mut self.framing.open);
            self.write(&open)?;
        } else {
            self.write(self.framing.between)?;
        }
        self.write(record)
    }

    fn finish(mut self: Box<Self>) -> Result<(), GenerateError> {
        self.write(self.framing.close)?;
        let Self { path, target, .. } = *self;
        target.finish().map_err(|source| GenerateError::io("write", &path, source))
    }
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
