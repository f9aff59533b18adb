//! Fuzz target: a JSON record through the Graph directory decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_graph_directory(bytes));
