//! Finds queries: texts, files, folders.

use std::fs;
use std::path::Path;

use super::source::KqlSource;
use super::yaml_query::yaml_query;
use crate::Error;
use crate::beside::files_below;

/// Longest file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// End of the names of files with tests of rules.
const TESTS: &str = ".tests.";
/// Ends of the names of files with queries.
const QUERY_FILES: [&str; 2] = ["kql", "csl"];
/// Ends of the names of files with rules.
const RULE_FILES: [&str; 2] = ["yaml", "yml"];

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct KqlSources {
    /// The queries.
    pub sources: Vec<KqlSource>,
    /// Files that could not be read, each with its reason.
    pub unreadable: Vec<Error>,
}

/// The queries that the arguments name: a file, a folder with `.kql` files and rules in YAML, or a query itself.
pub fn find_sources(arguments: &[String]) -> Result<KqlSources, Error> {
    let mut found = KqlSources::default();
    for argument in arguments {
        let path = Path::new(argument);
        if path.is_dir() {
            for file in files_below(path, &[&QUERY_FILES[..], &RULE_FILES[..]].concat())? {
                let is_tests = file.file_name().is_some_and(|name| name.to_string_lossy().contains(TESTS));
                if !is_tests {
                    found.add(&file, false);
                }
            }
        } else if path.is_file() {
            found.add(path, true);
        } else if looks_like_path(argument) {
            found.unreadable.push(Error::new(format!("failed to read `{argument}`: no such file or folder")));
        } else {
            found.sources.push(KqlSource::new("query", argument.clone()));
        }
    }
    Ok(found)
}

/// Something without blanks that ends like a file with queries.
fn looks_like_path(argument: &str) -> bool {
    let end = Path::new(argument).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_known = QUERY_FILES.contains(&end.as_str()) || RULE_FILES.contains(&end.as_str());
    is_known && !argument.contains(['|', '\n']) || argument.ends_with('/')
}

impl KqlSources {
    /// Adds the query of a file; a YAML file without one is an error only where it was named.
    fn add(&mut self, path: &Path, is_named: bool) {
        match read(path) {
            Ok(Some(source)) => self.sources.push(source),
            Ok(None) if is_named => {
                let error = Error::new(format!("`{}` has no field `query`", path.display()));
                self.unreadable.push(error);
            }
            Ok(None) => {}
            Err(problem) => {
                self.unreadable.push(Error::new(format!("failed to read `{}`: {problem}", path.display())));
            }
        }
    }
}

fn read(path: &Path) -> Result<Option<KqlSource>, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!("more than {MAX_FILE_BYTES} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let name = path.display().to_string();
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if RULE_FILES.contains(&end.as_str()) {
        return yaml_query(&name, text.strip_prefix('\u{feff}').unwrap_or(&text));
    }
    Ok(Some(KqlSource { file: Some(path.to_owned()), ..KqlSource::new(&name, text) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_texts_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        write("a.kql", "print 1");
        write("b.yaml", "query: print 2");
        write("b.tests.yaml", "- name: n");
        write("c.yaml", "name: no query");
        write("d.txt", "print 3");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let all = find_sources(&[path(""), "print 4".to_owned(), path("d.txt")]).expect("readable");
        let texts: Vec<&str> = all.sources.iter().map(|source| source.text.as_str()).collect();
        assert_eq!(texts, ["print 1", "print 2", "print 4", "print 3"]);
        assert!(all.unreadable.is_empty());
        let missing = find_sources(&[path("c.yaml"), path("gone.kql")]).expect("readable");
        assert_eq!((missing.sources.len(), missing.unreadable.len()), (0, 2));
    }
}
