//! The columns of a table that one scan is about.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::error::Result;

use crate::leaf_column::Leaf;
use crate::packed::PackedColumn;
use crate::table_files::{TableFile, engine_statistics};

/// The columns that a scan gives, and the table's time, by which files follow one another. The engine goes over all columns of a scan for
/// each file that it opens, so that those which nobody asked for are not shown to it.
#[derive(Debug)]
pub(crate) struct ScanColumns {
    /// In the table's order.
    pub(crate) schema: SchemaRef,
    /// Which of them the scan gives, in its order.
    pub(crate) projection: Option<Vec<usize>>,
}

impl ScanColumns {
    pub(crate) fn new(table: &SchemaRef, time_column: &str, projection: Option<&Vec<usize>>) -> Result<Self> {
        let Some(projection) = projection else {
            return Ok(Self { schema: Arc::clone(table), projection: None });
        };
        let mut kept = projection.clone();
        kept.extend(table.index_of(time_column).ok());
        kept.sort_unstable();
        kept.dedup();
        let schema = Arc::new(table.project(&kept)?);
        // Each is among them.
        let projection = projection.iter().map(|column| kept.binary_search(column).unwrap_or_default()).collect();
        Ok(Self { schema, projection: Some(projection) })
    }

    /// The file with statistics of these columns.
    pub(crate) fn of_file(&self, file: &TableFile) -> PartitionedFile {
        match &file.statistics {
            Some(known) => {
                let statistics = engine_statistics(known, file.scanned.object_meta.size, &self.schema);
                file.scanned.clone().with_statistics(Arc::new(statistics))
            }
            None => file.scanned.clone(),
        }
    }

    /// The columns of data files that may be read for them: with the leaves of documents, and the numbers and rests of texts.
    pub(crate) fn stored_names(&self, leaves: &[Leaf], packed: &[PackedColumn]) -> HashSet<String> {
        let own = self.schema.fields().iter().map(|field| field.name().clone());
        let has = |column: &String| self.schema.column_with_name(column).is_some();
        let leaves = leaves.iter().filter(|leaf| has(&leaf.column)).map(|leaf| leaf.name.clone());
        let packed = packed.iter().filter(|packed| has(&packed.column));
        let packed = packed.flat_map(|packed| [packed.numbers.clone(), packed.rests.clone()]);
        own.chain(leaves).chain(packed).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::common::ScalarValue;
    use datafusion::common::stats::Precision;

    use super::*;
    use crate::file_statistics::{Bound, ColumnBounds, FileStatistics};

    fn table() -> SchemaRef {
        let names = ["A", "LocationDetails", "TimeGenerated", "B"];
        Arc::new(Schema::new(names.map(|name| Field::new(name, DataType::Int64, true)).to_vec()))
    }

    #[test]
    fn a_scan_is_about_what_it_gives_and_the_time() {
        let columns = ScanColumns::new(&table(), "TimeGenerated", Some(&vec![3, 0])).expect("the columns exist");
        let names: Vec<&str> = columns.schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!((names, columns.projection), (vec!["A", "TimeGenerated", "B"], Some(vec![2, 0])));
        let nothing = ScanColumns::new(&table(), "TimeGenerated", Some(&Vec::new())).expect("the columns exist");
        assert_eq!((nothing.schema.fields().len(), nothing.projection), (1, Some(Vec::new())));
        let all = ScanColumns::new(&table(), "TimeGenerated", None).expect("the columns exist");
        assert_eq!((all.schema.fields().len(), all.projection), (4, None));
    }

    #[test]
    fn statistics_of_a_file_follow_the_columns() {
        let bounds = |number| ColumnBounds { min: Some(Bound::Integer(number)), ..ColumnBounds::default() };
        let columns =
            [("A", 1), ("B", 2), ("TimeGenerated", 3)].map(|(name, number)| (name.to_owned(), bounds(number)));
        let statistics = Some(FileStatistics { rows: 9, columns: columns.into() });
        let file = TableFile { scanned: PartitionedFile::new("a", 1), statistics, terms: PathBuf::new(), day: None };
        let columns = ScanColumns::new(&table(), "TimeGenerated", Some(&vec![3])).expect("the columns exist");
        let narrow = columns.of_file(&file).statistics.expect("it has some");
        let least: Vec<_> = narrow.column_statistics.iter().map(|column| column.min_value.clone()).collect();
        assert_eq!(least, [3, 2].map(|number| Precision::Inexact(ScalarValue::Int64(Some(number)))));
        assert_eq!(narrow.num_rows, Precision::Exact(9));
    }

    #[test]
    fn a_document_brings_its_leaves() {
        let leaves = crate::leaf_column::leaves(schema::table("SigninLogs").expect("built in"));
        let names = |projection: &[usize]| {
            let columns = ScanColumns::new(&table(), "TimeGenerated", Some(&projection.to_vec()));
            columns.expect("the columns exist").stored_names(leaves, &[])
        };
        assert!(names(&[1]).iter().any(|name| name.starts_with("_Leaf_LocationDetails_")));
        assert!(!names(&[0]).iter().any(|name| name.starts_with("_Leaf_")));
    }
}
