//! Leaf columns: scalars at often read paths of documents, as columns of their own.
//!
//! A data file that has one says by its field's metadata what it stands for. A file whose documents hold anything at the path but
//! absent values and scalars of one type has none, and the path is read from the document there.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use arrow::datatypes::{DataType, Field};
use json_text::Step;
use schema::{ColumnType, HotPath, Table};

/// What the names of leaf columns begin with; no column of a table begins like this.
pub(crate) const PREFIX: &str = "_Leaf_";

/// Metadata: the path, as `path_text` of `json-text` writes it.
const PATH: &str = "vedette.leaf.path";
/// Metadata: see [`Absent`].
const ABSENT: &str = "vedette.leaf.absent";
/// Metadata: see [`LeafColumn::survives_text`].
const SURVIVES_TEXT: &str = "vedette.leaf.survives_text";

/// A hot path of a table and its leaf column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// The column with the documents.
    pub(crate) column: String,
    pub(crate) path: Vec<Step>,
    /// The leaf column's name.
    pub(crate) name: String,
    /// String, long or bool.
    pub(crate) ty: ColumnType,
    /// Whether the documents are the texts of a string column, which queries parse, and not a dynamic column.
    pub(crate) is_parsed: bool,
}

/// How a leaf column shows that there is nothing at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// By null.
    Null,
    /// By `""`, which is no value of the file.
    Empty,
    /// There is something in each row.
    Never,
}

/// The leaf column of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeafColumn {
    pub(crate) absent: Absent,
    /// Whether the value is the same where the document, or a part of it on the way, is printed as text and parsed again: all
    /// documents are valid JSON, and no path goes on within a JSON string.
    pub(crate) survives_text: bool,
}

impl Leaf {
    fn new(table: &Table, hot: &HotPath) -> Option<Self> {
        let path = path_of(hot);
        let is_parsed = table.column(&hot.column)?.ty == ColumnType::String;
        let name = format!("{PREFIX}{}_{}", hot.column, hot.path.join("_"));
        Some(Self { column: hot.column.clone(), path, name, ty: hot.ty, is_parsed })
    }

    /// The field in a file.
    pub(crate) fn field(&self, written: LeafColumn) -> Field {
        let absent = match written.absent {
            Absent::Null => "null",
            Absent::Empty => "empty",
            Absent::Never => "never",
        };
        let metadata = HashMap::from([
            (PATH.to_owned(), self.path_text()),
            (ABSENT.to_owned(), absent.to_owned()),
            (SURVIVES_TEXT.to_owned(), written.survives_text.to_string()),
        ]);
        Field::new(&self.name, self.arrow_type(), written.absent == Absent::Null).with_metadata(metadata)
    }

    /// The field in which statistics of files are compared: text as queries read it, `""` where there is nothing.
    pub(crate) fn field_of_statistics(&self) -> Field {
        Field::new(&self.name, self.arrow_type(), self.ty != ColumnType::String)
    }

    /// What a file's field of this leaf's name says; `None` where it is not what this program writes.
    pub(crate) fn of_field(&self, field: &Field) -> Option<LeafColumn> {
        let metadata = field.metadata();
        if *field.data_type() != self.arrow_type() || *metadata.get(PATH)? != self.path_text() {
            return None;
        }
        let absent = match metadata.get(ABSENT)?.as_str() {
            "null" => Absent::Null,
            "empty" => Absent::Empty,
            "never" => Absent::Never,
            _ => return None,
        };
        Some(LeafColumn { absent, survives_text: metadata.get(SURVIVES_TEXT)? == "true" })
    }

    /// Text is kept as views, in which it is read without being copied.
    pub(crate) fn arrow_type(&self) -> DataType {
        match self.ty {
            ColumnType::Long => DataType::Int64,
            ColumnType::Bool => DataType::Boolean,
            _ => DataType::Utf8View,
        }
    }

    fn path_text(&self) -> String {
        let mut text = self.column.clone();
        for step in &self.path {
            match step {
                Step::Key(key) => text.extend([".", key]),
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }
}

/// The steps of a hot path, in which a number is an index.
pub fn path_of(hot: &HotPath) -> Vec<Step> {
    let step = |step: &String| step.parse().map_or_else(|_| Step::Key(step.clone()), Step::Index);
    hot.path.iter().map(step).collect()
}

/// The leaves of a table; none of a custom one.
pub(crate) fn leaves(table: &Table) -> &'static [Leaf] {
    /// By table, made when they are first asked for.
    static LEAVES: LazyLock<HashMap<&'static str, OnceLock<Vec<Leaf>>>> =
        LazyLock::new(|| schema::table_names().map(|name| (name, OnceLock::new())).collect());
    let Some((leaves, table)) = LEAVES.get(table.name.as_str()).zip(schema::table(&table.name)) else { return &[] };
    leaves.get_or_init(|| table.hot_paths.iter().filter_map(|hot| Leaf::new(table, hot)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_of_leaves_are_unlike_each_other_and_unlike_all_columns_even_where_case_does_not_count() {
        for table in schema::tables() {
            let mut names: HashSet<String> = HashSet::new();
            for leaf in leaves(table) {
                assert!(leaf.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{}", leaf.name);
                assert!(names.insert(leaf.name.to_lowercase()), "{}: {}", table.name, leaf.name);
            }
            assert!(table.columns.iter().all(|column| !column.name.starts_with(PREFIX)), "{}", table.name);
            assert_eq!(leaves(table).len(), table.hot_paths.len());
        }
    }

    #[test]
    fn leaves_are_of_types_that_are_told_apart() {
        for leaf in schema::tables().flat_map(leaves) {
            assert!(matches!(leaf.ty, ColumnType::String | ColumnType::Long | ColumnType::Bool), "{leaf:?}");
            assert!(!leaf.path.is_empty(), "{leaf:?}");
        }
    }

    #[test]
    fn a_field_tells_what_was_written() {
        let leaf = &leaves(schema::table("SigninLogs").expect("built in"))[0];
        for absent in [Absent::Null, Absent::Empty, Absent::Never] {
            for survives_text in [true, false] {
                let written = LeafColumn { absent, survives_text };
                assert_eq!(leaf.of_field(&leaf.field(written)), Some(written));
            }
        }
        assert_eq!(leaf.of_field(&Field::new(&leaf.name, DataType::Utf8View, true)), None);
    }
}
