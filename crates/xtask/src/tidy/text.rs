//! Stray text: trailing blanks, tabs in Rust, paths of a machine, missing module docs.

use std::fs;
use std::path::Path;

use crate::project::{files, root};

/// Places of one machine. Each is written in two halves so that this file does not hold it.
const MACHINE_PATHS: [(&str, &str); 3] = [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/")];

/// All breaches in text files.
pub(crate) fn breaches() -> Result<Vec<String>, String> {
    let mut breaches = Vec::new();
    for path in files()? {
        // Files that are not text are none of this check's business.
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        breaches.extend(file_breaches(&path, &text));
    }
    Ok(breaches)
}

fn file_breaches(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let is_fixture = path.components().any(|part| part.as_os_str() == "fixtures") || path.ends_with("LICENSE");
    let mut breaches = Vec::new();
    if is_rust && !text.starts_with("//!") {
        breaches.push(format!("{shown}: begins without a `//!` line that says what it is"));
    }
    for (index, line) in text.lines().enumerate().filter(|_| !is_fixture) {
        let place = format!("{shown}:{}", index + 1);
        if line.ends_with([' ', '\t']) {
            breaches.push(format!("{place}: blanks at the end of the line"));
        }
        if is_rust && line.contains('\t') {
            breaches.push(format!("{place}: a tab"));
        }
        for (start, end) in MACHINE_PATHS {
            if line.contains(&format!("{start}{end}")) && !line.contains("https://") {
                breaches.push(format!("{place}: a path of one machine, `{start}{end}`"));
            }
        }
    }
    breaches
}
