//! Fuzz target: any bytes as a body of Elasticsearch's `_bulk`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_elastic_bulk(bytes));
