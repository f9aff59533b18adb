//! Fuzz target: any bytes as a body of the Logs Ingestion or HTTP Data Collector API.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_json_array(bytes));
