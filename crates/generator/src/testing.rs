//! For the crate's own tests: a tenant in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{FileAbout, GenerateError, GenerateOptions, Sink, SinkFile, Truth, generate_into};

/// A generated tenant: the records of each file.
pub(crate) struct Generated {
    pub(crate) truth: Truth,
    pub(crate) files: BTreeMap<String, Vec<String>>,
}

/// Generates the tenant of `options`.
pub(crate) fn generated(options: &GenerateOptions) -> Generated {
    let sink = MemorySink::default();
    let truth = generate_into(options, &sink).expect("the tenant is generated");
    let files = std::mem::take(&mut *sink.0.lock().expect("no thread panicked"));
    Generated { truth, files }
}

impl Generated {
    /// The records, as JSON, of the files whose path begins with `stem`.
    pub(crate) fn json(&self, stem: &str) -> Vec<Value> {
        let files = self.files.iter().filter(|(path, _)| path.starts_with(stem));
        let parse = |text: &String| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
        files.flat_map(|(_, records)| records.iter().map(parse)).collect()
    }
}

type Files = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

#[derive(Default)]
struct MemorySink(Files);

struct MemoryFile {
    path: String,
    records: Vec<String>,
    files: Files,
}

impl Sink for MemorySink {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let files = Arc::clone(&self.0);
        Ok(Box::new(MemoryFile { path: about.path.clone(), records: Vec::new(), files }))
    }
}

impl SinkFile for MemoryFile {
    fn record(&mut self, _: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        self.records.push(record.to_owned());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        self.files.lock().expect("no thread panicked").insert(self.path, self.records);
        Ok(())
    }
}
