//! Fuzz target: any bytes as a file that may be an archive.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_archive(bytes));
