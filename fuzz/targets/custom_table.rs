//! Fuzz target: a JSON record through the decoder of custom tables.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_custom_table(bytes));
