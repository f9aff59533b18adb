//! Fuzz target: a JSON record through the decoders of Entra objects under other names.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_entra_dialects(bytes));
