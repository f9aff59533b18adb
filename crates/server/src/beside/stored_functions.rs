//! Stored functions, parsed once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kql_engine::StoredFunction;

use super::files_below;
use super::function_file::{FunctionFile, read_function};
use crate::Error;

/// Stored functions by name; those whose text is wrong say so where they are called.
#[derive(Debug, Default)]
pub(crate) struct StoredFunctions {
    known: BTreeMap<String, Result<Arc<StoredFunction>, String>>,
}

impl StoredFunctions {
    /// Adds those of a folder: `.kql` and `.csl` files (a `.create function` command, or a query named after its file) and
    /// Sentinel's YAML. YAML files that hold no function are passed over.
    pub(crate) fn read(&mut self, folder: &Path) -> Result<(), Error> {
        for path in files_below(folder, &["kql", "csl", "yaml", "yml"])? {
            let Some(FunctionFile { names, function }) = read_function(&path) else { continue };
            let function = function.map(Arc::new).map_err(|problem| format!("`{}`: {problem}", path.display()));
            for name in names {
                let function = match self.known.contains_key(&name) {
                    true => Err(format!("it is defined twice, the second time in `{}`", path.display())),
                    false => function.clone(),
                };
                self.known.insert(name, function);
            }
        }
        Ok(())
    }

    /// The function of that exact name.
    pub(crate) fn get(&self, name: &str) -> Option<Result<Arc<StoredFunction>, String>> {
        self.known.get(name).cloned()
    }

    /// All names, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.known.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_functions_is_read_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
        write("Plain.kql", "SigninLogs | take 1");
        write("command.kql", ".create-or-alter function Made(n:long) { SigninLogs | take n }");
        write(
            "dns.yaml",
            "ParserName: imDns\nEquivalentBuiltInParser: _Im_Dns\nParserParams:\n  - Name: eventtype\n    Type: string\n    Default: '*'\n  - \
             Name: pack\n    Type: bool\n    Default: false\nParserQuery: |\n  DnsEvents | where eventtype == '*' or pack\n",
        );
        write("damaged.kql", "SigninLogs | where (");
        write("other.yaml", "name: a rule\nquery: SigninLogs\n");
        let mut functions = StoredFunctions::default();
        functions.read(folder.path()).expect("readable");
        assert_eq!(functions.names(), ["Made", "Plain", "_Im_Dns", "damaged", "imDns"]);
        for (name, is_right) in [("Plain", true), ("Made", true), ("_Im_Dns", true), ("damaged", false)] {
            let found = functions.get(name).expect("known");
            assert_eq!(found.is_ok(), is_right, "{name}: {found:?}");
        }
        functions.read(folder.path()).expect("readable");
        assert!(functions.get("Plain").expect("known").expect_err("twice").contains("defined twice"));
    }
}
