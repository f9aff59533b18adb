//! Fuzz target: a JSON record through the decoder of rows of Log Analytics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_log_analytics_export(bytes));
