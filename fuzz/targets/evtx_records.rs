//! Fuzz target: any bytes as the records of a chunk of an EVTX file; events found in BinXML must say what their XML says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_evtx_records(bytes));
