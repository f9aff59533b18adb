//! Fuzz target: a CEF event through the decoder, alerts included.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_cef(bytes));
