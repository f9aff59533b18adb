//! Fuzz target: a JSON record through the decoder of the other Entra logs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_entra_log(bytes));
