//! Fuzz target: any bytes as a JSON log file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_json(bytes));
