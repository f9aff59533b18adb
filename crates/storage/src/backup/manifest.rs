//! What a backup says of itself.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

use crate::durable::{self, Existing};

/// The file that makes a folder a backup.
pub(super) const FILE: &str = "backup.json";

/// The form of backups that this version writes, and the newest that it restores. Form 2 has a folder for what has its place elsewhere, which a
/// program that does not know of it would leave out.
pub(super) const FORMAT: u32 = 2;

/// Bytes read at once.
const READ_BYTES: usize = 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The workspace's id.
    pub(super) workspace: String,
    pub(super) created: DateTime<Utc>,
    /// The number of the last change that the backup has.
    pub(super) position: u64,
    /// Rows of all tables.
    pub(super) rows: u64,
    /// All files but this one, sorted by path.
    pub(super) files: Vec<ManifestFile>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ManifestFile {
    /// Below the backup's folder, with `/`.
    pub(super) path: String,
    /// In bytes.
    pub(super) size: u64,
    /// XXH3 with 128 bits, in hexadecimal.
    pub(super) checksum: String,
}

/// The file's content: the manifest, and the checksum of its JSON without spaces.
#[derive(Serialize, Deserialize)]
struct Sealed {
    manifest: Manifest,
    checksum: String,
}

/// Why a manifest cannot be used.
#[derive(Debug)]
pub(super) enum ManifestError {
    Io(io::Error),
    /// It is not what was written.
    Damaged,
    Newer(u32),
}

impl Manifest {
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let sealed = Sealed { manifest: self.clone(), checksum: self.checksum()? };
        durable::write(&folder.join(FILE), &[&serde_json::to_vec_pretty(&sealed)?], Existing::Refuse)
    }

    pub(super) fn read(folder: &Path) -> Result<Self, ManifestError> {
        let bytes = fs::read(folder.join(FILE)).map_err(ManifestError::Io)?;
        #[derive(Deserialize)]
        struct Outer {
            manifest: Format,
        }
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        // The form is read first: a newer one may have any other content.
        let outer: Outer = serde_json::from_slice(&bytes).map_err(|_| ManifestError::Damaged)?;
        if outer.manifest.format > FORMAT {
            return Err(ManifestError::Newer(outer.manifest.format));
        }
        let sealed: Sealed = serde_json::from_slice(&bytes).map_err(|_| ManifestError::Damaged)?;
        let is_whole = sealed.manifest.checksum().is_ok_and(|checksum| checksum == sealed.checksum);
        let has_plain_paths = sealed.manifest.files.iter().all(|file| file.relative().is_some());
        if is_whole && has_plain_paths { Ok(sealed.manifest) } else { Err(ManifestError::Damaged) }
    }

    fn checksum(&self) -> io::Result<String> {
        Ok(hexadecimal(xxh3_128(&serde_json::to_vec(self)?)))
    }
}

impl ManifestFile {
    /// What a file holds now.
    pub(super) fn of(folder: &Path, path: String) -> io::Result<Self> {
        let (size, checksum) = measured(&folder.join(&path))?;
        Ok(Self { path, size, checksum })
    }

    /// Its path; `None` for one that would leave the folder.
    pub(super) fn relative(&self) -> Option<PathBuf> {
        let path = Path::new(&self.path);
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_))) && !self.path.is_empty();
        is_plain.then(|| path.to_owned())
    }
}

/// Size and checksum of a file.
fn measured(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Xxh3Default::new();
    let mut buffer = vec![0; READ_BYTES];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((size, hexadecimal(hasher.digest128())));
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

fn hexadecimal(checksum: u128) -> String {
    format!("{checksum:032x}")
}
