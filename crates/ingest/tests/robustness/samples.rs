//! Damaged copies of every public sample: nothing may panic or hang, and every record is placed, a copy, or rejected.
//!
//! Large samples are looked at by their start; `VEDETTE_DAMAGE=full` takes them whole, with more copies.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use ingest::fuzzing::{Explained, read_and_count};

use crate::samples::folders::FOLDERS;

/// Cuts of each sample.
const CUTS: usize = 20;

/// Flips of one byte of each sample.
const FLIPS: usize = 100;

/// How much is done.
struct Effort {
    /// Bytes of a sample that are looked at.
    prefix: usize,
    /// Flips in each copy.
    flips_per_copy: usize,
}

const USUAL: Effort = Effort { prefix: 16 << 10, flips_per_copy: 25 };

const FULL: Effort = Effort { prefix: usize::MAX, flips_per_copy: 1 };

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// A step of splitmix64: the same numbers in every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as usize
}

fn read(bytes: &[u8], what: &str) -> Explained {
    let explained = catch_unwind(|| read_and_count(bytes)).unwrap_or_else(|_| panic!("{what}: reading panicked"));
    let sum = explained.placed + explained.duplicates + explained.rejected;
    assert_eq!(explained.records, sum, "{what}: {explained:?}");
    explained
}

fn damage(path: &Path, effort: &Effort) {
    let bytes = std::fs::read(path).unwrap();
    let bytes = &bytes[..bytes.len().min(effort.prefix)];
    let name = path.display();
    read(bytes, &name.to_string());
    let mut state = bytes.len() as u64;
    for cut in 0..CUTS {
        let end = if cut == 0 { bytes.len().saturating_sub(1) } else { next(&mut state) % bytes.len().max(1) };
        read(&bytes[..end], &format!("{name} cut at {end}"));
    }
    for copy in 0..FLIPS.div_ceil(effort.flips_per_copy) {
        let mut damaged = bytes.to_vec();
        for _ in 0..effort.flips_per_copy {
            let at = next(&mut state) % damaged.len().max(1);
            if let Some(byte) = damaged.get_mut(at) {
                *byte ^= 1 << (next(&mut state) % 8);
            }
        }
        read(&damaged, &format!("{name} with flipped bytes, copy {copy}"));
    }
}

#[test]
fn damaged_samples_are_read_and_every_record_is_explained() {
    let Some(root) = std::env::var_os("VEDETTE_SAMPLES").map(PathBuf::from) else {
        eprintln!("skipped: VEDETTE_SAMPLES is not set");
        return;
    };
    let effort = if std::env::var_os("VEDETTE_DAMAGE").is_some_and(|value| value == "full") { FULL } else { USUAL };
    let mut files = Vec::new();
    for folder in FOLDERS {
        list(&root.join(folder.name), &mut files);
    }
    files.sort();
    assert!(files.len() > 200, "samples are missing");
    for file in &files {
        damage(file, &effort);
    }
    eprintln!("{} samples, {CUTS} cuts and {FLIPS} flips of each", files.len());
}
