//! Context files that people write.

use std::fs;
use std::path::Path;

use detections::{Context, MAX_CONTEXT_BYTES, parse_context};

use crate::Error;

/// Reads a context file.
pub(crate) fn read_given(path: &Path) -> Result<Context, Error> {
    let failed = |why: String| Error::new(format!("failed to read context file `{}`: {why}", path.display()));
    let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_CONTEXT_BYTES {
        return Err(failed(format!("`{size}` bytes are more than {MAX_CONTEXT_BYTES}")));
    }
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    parse_context(&path.display().to_string(), &text)
        .map_err(|error| Error::new(error.to_string()).with_hint(error.hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named_with_file_place_and_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("context.yaml");
        fs::write(&path, "egress: [203.0.113.0/99]\n").expect("written");
        let error = read_given(&path).expect_err("refused").to_string();
        for part in ["context.yaml", "egress[0]", "`203.0.113.0/99`", "hint: write an address or a range"] {
            assert!(error.contains(part), "{error}");
        }
        let missing = read_given(&folder.path().join("none.yaml")).expect_err("refused").to_string();
        assert!(missing.contains("none.yaml"), "{missing}");
    }
}
