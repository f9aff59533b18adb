//! Fuzz target: a JSON record through the decoders of Defender, Sentinel and Intune.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_defender(bytes));
