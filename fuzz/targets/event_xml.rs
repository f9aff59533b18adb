//! Fuzz target: any bytes as a file of event XML.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_event_xml(bytes));
