//! Fuzz target: any bytes as OpenTelemetry logs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_otlp(bytes));
