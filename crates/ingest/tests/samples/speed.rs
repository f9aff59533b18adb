//! How fast decoding is; measured when `VEDETTE_MEASURE` is set, with `--nocapture`.

use std::io::Read;
use std::time::Instant;

use chrono::DateTime;
use ingest::{IngestOptions, MemorySink, NoProgress, ingest};

#[test]
fn speed_of_unified_audit() {
    if std::env::var_os("VEDETTE_MEASURE").is_none() {
        eprintln!("SKIPPED: a measurement; VEDETTE_MEASURE is not set");
        return;
    }
    /// Copies of the sample, each with ids of its own.
    const COPIES: usize = 40;
    let Some(root) = super::samples() else { return };
    let path = root.join("o365/invictus/ual-2021-03-23_2021-06-08.ndjson.gz");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let copies: String = (0..COPIES).map(|copy| text.replace("\"Id\": \"", &format!("\"Id\": \"{copy}-"))).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ual.ndjson"), &copies).unwrap();
    for threads in [1, 2] {
        let options = IngestOptions { threads, ..IngestOptions::new(DateTime::UNIX_EPOCH) };
        let start = Instant::now();
        let report = ingest(&[folder.path().to_owned()], &options, &MemorySink::new(), &NoProgress).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let megabytes = copies.len() as f64 / 1e6;
        eprintln!(
            "{threads} threads: {megabytes:.0} MB, {} rows, {seconds:.2} s, {:.0} MB/s",
            report.tables["OfficeActivity"],
            megabytes / seconds
        );
    }
}
