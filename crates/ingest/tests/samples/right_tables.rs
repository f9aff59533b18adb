//! Which tables are the right ones for each sample, from `data/FOLDER.tables.tsv`.

use std::fs;
use std::path::Path;

/// What stands for the tables of a file that holds no logs.
const NOT_A_LOG: &str = "-";

/// The right tables by sample.
#[derive(Debug)]
pub struct RightTables {
    /// Start of the sample's name, and the tables.
    lines: Vec<(String, Vec<String>)>,
}

impl RightTables {
    /// Reads `data/FOLDER.tables.tsv`: start of a sample's name, tab, tables separated by commas, or `-` for what is no log.
    pub fn of(folder: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/data/{folder}.tables.tsv"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (start, tables) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in `{line}`"));
                (start.to_owned(), tables.split(',').map(|table| table.trim().to_owned()).collect())
            })
            .collect();
        Self { lines }
    }

    fn tables(&self, sample: &str) -> &[String] {
        let found =
            self.lines.iter().filter(|(start, _)| sample.starts_with(start)).max_by_key(|(start, _)| start.len());
        &found.unwrap_or_else(|| panic!("no line says which tables are right for `{sample}`")).1
    }

    /// Whether the sample holds logs.
    pub fn is_log(&self, sample: &str) -> bool {
        self.tables(sample) != [NOT_A_LOG]
    }

    /// Whether rows of the sample belong into this table.
    pub fn allow(&self, sample: &str, table: &str) -> bool {
        self.tables(sample).iter().any(|right| right == table)
    }
}
