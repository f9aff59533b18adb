//! Fuzz target: a JSON record through the decoder of the Azure diagnostics extension.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_azure_diagnostics(bytes));
