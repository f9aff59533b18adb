//! The same bytes again.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, LazyLock, Mutex};

use chrono::{DateTime, Utc};
use generator::{FileAbout, GenerateError, GenerateOptions, Sink, SinkFile, generate_into};

use super::small;

type Digests = BTreeMap<String, (u64, u64)>;

/// Keeps a hash of each file and how many records it has.
#[derive(Default)]
struct Digest(Arc<Mutex<Digests>>);

struct DigestFile {
    path: String,
    hasher: DefaultHasher,
    records: u64,
    all: Arc<Mutex<Digests>>,
}

impl Sink for Digest {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let mut hasher = DefaultHasher::new();
        hasher.write(about.framing.open.as_bytes());
        Ok(Box::new(DigestFile { path: about.path.clone(), hasher, records: 0, all: Arc::clone(&self.0) }))
    }
}

impl SinkFile for DigestFile {
    fn record(&mut self, arrival: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        self.hasher.write(record.as_bytes());
        self.hasher.write_i64(arrival.timestamp_micros());
        self.records += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        let digest = (self.hasher.finish(), self.records);
        self.all.lock().unwrap().insert(self.path, digest);
        Ok(())
    }
}

fn digests(options: &GenerateOptions) -> (Digests, String) {
    let digest = Digest::default();
    let truth = generate_into(options, &digest).unwrap();
    let digests = std::mem::take(&mut *digest.0.lock().unwrap());
    (digests, serde_json::to_string(&truth).unwrap())
}

static FIRST: LazyLock<(Digests, String)> = LazyLock::new(|| digests(&GenerateOptions { threads: 1, ..small() }));

#[test]
fn the_same_options_give_the_same_bytes_whatever_the_number_of_threads() {
    assert!(*FIRST == digests(&GenerateOptions { threads: 1, ..small() }), "a second run");
    assert!(*FIRST == digests(&GenerateOptions { threads: 3, ..small() }), "three threads");
}

#[test]
fn another_seed_gives_other_bytes_in_every_file() {
    let (first, (other, _)) = (&FIRST.0, digests(&GenerateOptions { seed: 2, ..small() }));
    let same: Vec<&String> = first.keys().filter(|path| first.get(*path) == other.get(*path)).collect();
    assert!(same.is_empty(), "{same:?}");
}
