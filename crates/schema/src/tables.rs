//! All built-in tables, loaded once from the data files.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::embedded::{HOT_PATHS, TABLE_ALIASES, TABLES};
use crate::{Column, ColumnType, HotPath, Table};

/// Hidden columns that every table has: unknown fields of a known record, and where the row came from.
pub(crate) const HIDDEN: [(&str, ColumnType); 3] =
    [("_RawExtra", ColumnType::Dynamic), ("_SourceFile", ColumnType::String), ("_SourceOffset", ColumnType::Long)];

/// A table is read from its data file when it is first asked for: a command that reads one of more than a hundred would spend some of its
/// start in the others.
struct Catalog {
    /// In the order of [`TABLES`].
    tables: Vec<OnceLock<Table>>,
    by_name: HashMap<&'static str, usize>,
}

impl Catalog {
    fn table(&self, index: usize) -> &Table {
        let (name, text) = TABLES[index];
        self.tables[index].get_or_init(|| parse_table(name, text))
    }
}

/// All built-in tables, sorted by name.
pub fn tables() -> impl ExactSizeIterator<Item = &'static Table> {
    (0..TABLES.len()).map(|index| catalog().table(index))
}

/// Their names, which need no table to be read.
pub fn table_names() -> impl ExactSizeIterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}

/// The table of this exact name, or of this older name (`AADSignInEventsBeta`).
pub fn table(name: &str) -> Option<&'static Table> {
    let catalog = catalog();
    catalog.by_name.get(name).map(|&index| catalog.table(index))
}

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(load)
}

fn load() -> Catalog {
    let mut by_name: HashMap<&'static str, usize> =
        TABLES.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    for (alias, name) in TABLE_ALIASES.lines().filter_map(|line| line.split_once('\t')) {
        if let Some(&index) = by_name.get(name) {
            by_name.insert(alias, index);
        }
    }
    Catalog { tables: TABLES.iter().map(|_| OnceLock::new()).collect(), by_name }
}

fn parse_table(name: &str, text: &str) -> Table {
    let stored: Vec<(&str, ColumnType)> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(column, ty)| Some((column, parse_type(ty)?)))
        .collect();
    let has_time_generated = stored.iter().any(|(column, _)| *column == "TimeGenerated");
    let mut columns: Vec<Column> = stored
        .into_iter()
        .map(|(column, ty)| {
            let is_alias = column == "Timestamp" && has_time_generated;
            Column {
                name: column.to_owned(),
                ty,
                hidden: column.starts_with('_'),
                alias_of: is_alias.then(|| "TimeGenerated".to_owned()),
            }
        })
        .chain(HIDDEN.map(|(column, ty)| Column { name: column.to_owned(), ty, hidden: true, alias_of: None }))
        .collect();
    columns.sort_by_key(|column| column.hidden);
    let time_column = if has_time_generated { "TimeGenerated" } else { "Timestamp" };
    Table { name: name.to_owned(), columns, time_column: time_column.to_owned(), hot_paths: hot_paths(name) }
}

fn hot_paths(table: &str) -> Vec<HotPath> {
    HOT_PATHS
        .lines()
        .filter_map(|line| {
            // Looked at for each table.
            let mut fields = line.strip_prefix(table)?.strip_prefix('\t')?.split('\t');
            let (path, ty) = (fields.next()?, fields.next()?);
            let mut steps = path.split('.').map(str::to_owned);
            Some(HotPath { column: steps.next()?, path: steps.collect(), ty: parse_type(ty)? })
        })
        .collect()
}

fn parse_type(name: &str) -> Option<ColumnType> {
    Some(match name {
        "bool" => ColumnType::Bool,
        "int" => ColumnType::Int,
        "long" => ColumnType::Long,
        "real" => ColumnType::Real,
        "decimal" => ColumnType::Decimal,
        "string" => ColumnType::String,
        "guid" => ColumnType::Guid,
        "datetime" => ColumnType::DateTime,
        "timespan" => ColumnType::TimeSpan,
        "dynamic" => ColumnType::Dynamic,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_file_is_a_column() {
        for (name, text) in TABLES {
            let table = table(name).expect(name);
            assert_eq!(
                text.lines().count() + HIDDEN.len(),
                table.columns.len(),
                "a line of `{name}` was not understood"
            );
        }
    }

    #[test]
    fn every_table_has_its_time_column_and_the_hidden_ones() {
        for table in tables() {
            assert_eq!(
                table.column(&table.time_column).map(|column| column.ty),
                Some(ColumnType::DateTime),
                "{}",
                table.name
            );
            for (hidden, ty) in HIDDEN {
                let column = table.column(hidden).expect(hidden);
                assert!(column.hidden && column.ty == ty);
            }
        }
    }

    #[test]
    fn all_108_product_tables_are_here() {
        let ours = [
            "DirectoryMemberships",
            "DirectoryObjects",
            "DirectoryRelationships",
            "IngestionErrors",
            "IngestedFiles",
            "InvestigationRuns",
        ];
        assert_eq!(tables().filter(|table| !ours.contains(&table.name.as_str())).count(), 108);
    }

    #[test]
    fn column_names_are_unique() {
        for table in tables() {
            let mut names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn timestamp_is_an_alias_where_a_table_has_both() {
        let both = table("IdentityLogonEvents").expect("built in");
        assert_eq!(both.column("Timestamp").and_then(|column| column.alias_of.as_deref()), Some("TimeGenerated"));
        let only = table("EntraIdSignInEvents").expect("built in");
        assert_eq!(
            (only.time_column.as_str(), only.column("Timestamp").expect("has it").alias_of.clone()),
            ("Timestamp", None)
        );
    }

    /// Each costs time and space whenever rows of the table are written.
    const MOST_HOT_PATHS: usize = 16;

    #[test]
    fn hot_paths_start_at_a_column_of_documents() {
        let found: Vec<&HotPath> = tables().flat_map(|table| &table.hot_paths).collect();
        assert_eq!(found.len(), HOT_PATHS.lines().count());
        for table in tables() {
            for path in &table.hot_paths {
                let ty = table.column(&path.column).map(|column| column.ty);
                assert!(matches!(ty, Some(ColumnType::Dynamic | ColumnType::String)), "{path:?}");
            }
            assert!(table.hot_paths.len() <= MOST_HOT_PATHS, "{}", table.name);
        }
    }

    #[test]
    fn older_table_names_resolve() {
        assert_eq!(table("AADSignInEventsBeta").map(|table| table.name.as_str()), Some("EntraIdSignInEvents"));
        assert_eq!(table("signinlogs"), None);
        assert!(tables().map(|table| table.name.as_str()).eq(table_names()));
    }
}
