//! A disk that remembers what was asked of it, and makes what could be left after a power loss.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::local::LocalDisk;
use super::{Disk, DiskFile};

/// What was done. Files are numbered in order of creation; paths are below the folder that is recorded.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create {
        file: usize,
        path: PathBuf,
    },
    Write {
        file: usize,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        file: usize,
        length: u64,
    },
    SyncFile {
        file: usize,
    },
    CreateFolder {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    SyncFolder {
        path: PathBuf,
    },
    /// Something that tests look for.
    Mark(u64),
}

/// The local disk below a folder, recorded.
#[derive(Debug, Clone)]
pub(crate) struct RecordingDisk {
    folder: PathBuf,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    steps: Vec<Step>,
    /// By path as it is now.
    files: BTreeMap<PathBuf, usize>,
    count: usize,
}

impl RecordingDisk {
    pub(crate) fn new(folder: &Path) -> Self {
        let folder = folder.canonicalize().expect("the folder is there");
        Self { folder, record: Arc::default() }
    }

    /// Notes that something happened.
    pub(crate) fn mark(&self, number: u64) {
        self.lock().steps.push(Step::Mark(number));
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.lock().steps.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn below(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.folder).expect("is below the folder").to_owned()
    }
}

// Each change is made and noted under one lock, so that the steps are in the order in which they happened.
impl Disk for RecordingDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut record = self.lock();
        let inner = LocalDisk.create(path)?;
        let (file, path) = (record.count, self.below(path));
        record.count += 1;
        record.files.insert(path.clone(), file);
        record.steps.push(Step::Create { file, path });
        Ok(Box::new(RecordedFile { inner, file, length: 0, record: Arc::clone(&self.record) }))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut record = self.lock();
        LocalDisk.create_folder(path)?;
        record.steps.push(Step::CreateFolder { path: self.below(path) });
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut record = self.lock();
        LocalDisk.rename(from, to)?;
        let (from, to) = (self.below(from), self.below(to));
        if let Some(file) = record.files.remove(&from) {
            record.files.insert(to.clone(), file);
        }
        record.steps.push(Step::Rename { from, to });
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut record = self.lock();
        LocalDisk.link(from, to)?;
        let (from, to) = (self.below(from), self.below(to));
        if let Some(file) = record.files.get(&from).copied() {
            record.files.insert(to.clone(), file);
        }
        record.steps.push(Step::Link { from, to });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut record = self.lock();
        LocalDisk.remove(path)?;
        let path = self.below(path);
        record.files.remove(&path);
        record.steps.push(Step::Remove { path });
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let mut record = self.lock();
        let file = record.files.get(&self.below(path)).copied().expect("was recorded");
        record.steps.push(Step::SyncFile { file });
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.lock().steps.push(Step::SyncFolder { path: self.below(path) });
        Ok(())
    }
}

#[derive(Debug)]
struct RecordedFile {
    inner: Box<dyn DiskFile>,
    file: usize,
    length: u64,
    record: Arc<Mutex<Record>>,
}

impl RecordedFile {
    fn note(&self, step: Step) {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).steps.push(step);
    }
}

impl Write for RecordedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.note(Step::Write { file: self.file, at: self.length, bytes: bytes[..written].to_vec() });
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl DiskFile for RecordedFile {
    fn sync(&mut self) -> io::Result<()> {
        // Nothing is slower for being synced for real: the tests take the power away themselves.
        self.note(Step::SyncFile { file: self.file });
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.inner.cut(length)?;
        self.length = length;
        self.note(Step::Cut { file: self.file, length });
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        self.inner.size()
    }
}

/// What chance decides of a state: a number below the given one.
pub(crate) type Choose<'c> = dyn FnMut(usize) -> usize + 'c;

/// A file's content, and what was done to it since it was last synced.
#[derive(Debug, Default, Clone)]
struct FileState {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

/// A change of a folder's names: some appear, some go, together.
#[derive(Debug, Clone, Default)]
struct Naming {
    appear: Vec<(PathBuf, Named)>,
    go: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    File(usize),
    Folder,
}

/// What could be on a disk after the power was lost behind the last of the steps: what was synced, and of the rest each part or not,
/// cut or whole, in any order.
#[derive(Debug, Default)]
pub(crate) struct Wreck {
    files: Vec<FileState>,
    /// As programs saw them.
    names: BTreeMap<PathBuf, Named>,
    durable_names: BTreeMap<PathBuf, Named>,
    /// Since the last sync of the folder in which they happened.
    pending: Vec<(PathBuf, Naming)>,
}

impl Wreck {
    pub(crate) fn after(steps: &[Step]) -> Self {
        let mut wreck = Self::default();
        for step in steps {
            wreck.step(step);
        }
        wreck
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Create { file, path } => {
                assert_eq!(*file, self.files.len());
                self.files.push(FileState::default());
                self.named(path, vec![(path.clone(), Named::File(*file))], Vec::new());
            }
            Step::Write { file, at, bytes } => {
                let at = usize::try_from(*at).expect("small");
                self.files[*file].pending.push(Change::Write { at, bytes: bytes.clone() });
            }
            Step::Cut { file, length } => {
                self.files[*file].pending.push(Change::Cut(usize::try_from(*length).expect("small")));
            }
            Step::SyncFile { file } => {
                let state = &mut self.files[*file];
                for change in std::mem::take(&mut state.pending) {
                    change.apply(&mut state.durable, usize::MAX);
                }
            }
            Step::CreateFolder { path } => self.named(path, vec![(path.clone(), Named::Folder)], Vec::new()),
            Step::Rename { from, to } => {
                let named = self.names[from];
                self.named(to, vec![(to.clone(), named)], vec![from.clone()]);
            }
            Step::Link { from, to } => {
                let named = self.names[from];
                self.named(to, vec![(to.clone(), named)], Vec::new());
            }
            Step::Remove { path } => self.named(path, Vec::new(), vec![path.clone()]),
            Step::SyncFolder { path } => {
                let pending = std::mem::take(&mut self.pending);
                for (folder, naming) in pending {
                    if folder == *path {
                        naming.apply(&mut self.durable_names);
                    } else {
                        self.pending.push((folder, naming));
                    }
                }
            }
            Step::Mark(_) => {}
        }
    }

    fn named(&mut self, path: &Path, appear: Vec<(PathBuf, Named)>, go: Vec<PathBuf>) {
        let naming = Naming { appear, go };
        naming.apply(&mut self.names);
        self.pending.push((path.parent().expect("is below the folder").to_owned(), naming));
    }

    /// Makes one of the states that there can be in a folder.
    pub(crate) fn build(&self, folder: &Path, choose: &mut Choose<'_>) {
        let mut names = self.durable_names.clone();
        for (_, naming) in &self.pending {
            if choose(2) == 0 {
                naming.apply(&mut names);
            }
        }
        // A folder's names are of no use where the folder itself is not there.
        for (path, named) in &names {
            let target = folder.join(path);
            if !target.parent().is_some_and(Path::is_dir) {
                continue;
            }
            match named {
                Named::Folder => fs::create_dir(&target).expect("creates"),
                Named::File(file) => fs::write(&target, self.files[*file].content(choose)).expect("writes"),
            }
        }
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, Named>) {
        for path in &self.go {
            names.remove(path);
        }
        for (path, named) in &self.appear {
            names.insert(path.clone(), *named);
        }
    }
}

impl FileState {
    /// What was synced, and of what came later each part whole, cut or not at all.
    fn content(&self, choose: &mut Choose<'_>) -> Vec<u8> {
        let mut content = self.durable.clone();
        let mode = choose(3);
        let stop = choose(self.pending.len() + 1);
        for (place, change) in self.pending.iter().enumerate() {
            match mode {
                // All that was written up to some point, the last of it cut.
                0 if place < stop => change.apply(&mut content, usize::MAX),
                0 if place == stop => change.apply(&mut content, choose(change.len() + 1)),
                0 => break,
                // Any of it.
                1 if choose(2) == 0 => change.apply(&mut content, usize::MAX),
                2 if choose(2) == 0 => change.apply(&mut content, choose(change.len() + 1)),
                _ => {}
            }
        }
        content
    }
}

impl Change {
    fn len(&self) -> usize {
        match self {
            Self::Write { bytes, .. } => bytes.len(),
            Self::Cut(_) => 0,
        }
    }

    /// At most so many bytes of it.
    fn apply(&self, content: &mut Vec<u8>, most: usize) {
        match self {
            Self::Write { at, bytes } => {
                let bytes = &bytes[..bytes.len().min(most)];
                // What was never written reads as zeros.
                content.resize(content.len().max(at + bytes.len()), 0);
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Cut(length) => content.truncate(*length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_synced_is_in_every_state_and_the_rest_in_some() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = RecordingDisk::new(folder.path());
        let root = folder.path().canonicalize().expect("is there");
        let mut file = disk.create(&root.join("kept")).expect("creates");
        file.write_all(b"synced").expect("writes");
        file.sync().expect("syncs");
        disk.sync_folder(&root).expect("syncs");
        file.write_all(b"lost").expect("writes");
        disk.create(&root.join("unnamed")).expect("creates").sync().expect("syncs");
        let steps = disk.steps();
        let (mut lengths, mut named) = (std::collections::BTreeSet::new(), 0);
        let mut random = 1u64;
        for _ in 0..200 {
            let state = tempfile::tempdir().expect("a folder");
            let mut choose = |limit: usize| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(random >> 33).expect("small") % limit
            };
            Wreck::after(&steps).build(state.path(), &mut choose);
            let content = fs::read(state.path().join("kept")).expect("is there");
            assert!(content.starts_with(b"synced"));
            lengths.insert(content.len());
            named += usize::from(state.path().join("unnamed").exists());
        }
        assert_eq!(lengths, (6..=10).collect());
        assert!((1..200).contains(&named));
    }
}
