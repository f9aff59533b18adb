//! Tenants on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use generator::{GenerateError, GenerateOptions, ScenarioChoice, TRUTH_FILE, Truth, generate};

use super::small;

fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let path = entry.path().strip_prefix(folder).unwrap().to_path_buf();
                found.insert(path, entry.metadata().unwrap().len());
            }
        }
    }
    found
}

/// The bytes of a file before compression.
fn unpacked(path: &Path) -> Vec<u8> {
    let (bytes, mut content) = (fs::read(path).unwrap(), Vec::new());
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut content).unwrap(),
        Some("zip") => {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            assert_eq!(archive.len(), 1);
            archive.by_index(0).unwrap().read_to_end(&mut content).unwrap()
        }
        _ => return bytes,
    };
    content
}

#[test]
fn a_folder_holds_what_its_truth_lists_and_only_a_tenant_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let options = GenerateOptions { scenarios: ScenarioChoice::None, on_premises_permille: 10, ..small() };
    let truth = generate(&options, folder.path()).unwrap();
    assert_eq!(truth, Truth::read(folder.path()).unwrap());
    assert_eq!(files(folder.path()).len(), truth.files.len() + 1);
    for file in &truth.files {
        assert_eq!(unpacked(&folder.path().join(&file.path)).len() as u64, file.bytes, "{}", file.path);
    }
    // Another tenant takes the place of the first.
    let other = generate(&GenerateOptions { seed: 5, ..options.clone() }, folder.path()).unwrap();
    assert_eq!(files(folder.path()).len(), other.files.len() + 1);

    let foreign = tempfile::tempdir().unwrap();
    fs::write(foreign.path().join("notes.txt"), "mine").unwrap();
    let error = generate(&options, foreign.path()).unwrap_err();
    assert!(matches!(error, GenerateError::FolderInUse { .. }), "{error}");

    let trap = tempfile::tempdir().unwrap();
    let victim = foreign.path().join("notes.txt");
    let mut truth = other;
    truth.files[0].path = victim.to_string_lossy().into_owned();
    fs::write(trap.path().join(TRUTH_FILE), serde_json::to_string(&truth).unwrap()).unwrap();
    assert!(generate(&options, trap.path()).is_err());
    assert!(victim.exists(), "a truth file must not talk anybody into removing other files");
}
