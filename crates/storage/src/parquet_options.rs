//! How Parquet files are written.

use arrow::array::RecordBatch;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{DEFAULT_DICTIONARY_PAGE_SIZE_LIMIT, EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use schema::{Column, ColumnType, Table};

use crate::layout;
use crate::leaf_column::leaves;
use crate::packed::packed_columns;
use crate::plain_columns::plain_columns;

/// About the rows of a row group: what a query skips or reads at once. Small enough that bounds on time prune within a day.
pub(crate) const ROW_GROUP_ROWS: usize = 128 * 1024;

/// In-memory size at which a row group ends early, in bytes.
const ROW_GROUP_BYTES: usize = 128 * 1024 * 1024;

/// zstd's own default. Measured on 1 million sign-ins: level 1 writes 5 % faster and, as ids dominate, no larger.
const ZSTD_LEVEL: i32 = 3;

/// Largest dictionary of a column of texts that are long and come again, in bytes: 10,000 user agents take 1.2 MiB, and where a dictionary is
/// full the rest of a row group's texts are written, and decoded, row by row. Ids, which do not come again, keep to Parquet's
/// usual 1 MiB.
const LARGE_DICTIONARY: usize = 3 * 1024 * 1024;

/// Largest dictionary of numbers of texts, in bytes: of more numbers than that, their places take hardly less than they do themselves.
const NUMBERS_DICTIONARY: usize = 64 * 1024;

/// Leading bytes kept of a bound on text.
const STATISTICS_TRUNCATE: usize = 64;

/// Rows of each row group of a file with so many rows: about [`ROW_GROUP_ROWS`], as many in each, since one of few rows at the end takes a
/// query as long to begin as a full one.
pub(crate) fn even_group_rows(rows: usize) -> usize {
    let groups = (rows + ROW_GROUP_ROWS / 2) / ROW_GROUP_ROWS;
    rows.div_ceil(groups.max(1)).max(1)
}

/// Whether a file with so many rows has one row group.
pub(crate) fn is_one_group(rows: usize) -> bool {
    even_group_rows(rows) >= rows
}

/// The options for a file of this table that begins with these rows and has row groups of so many.
pub(crate) fn writer_properties(table: &Table, first: &RecordBatch, group_rows: usize) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("between 1 and 22");
    let time_index = first.schema_ref().index_of(&table.time_column).unwrap_or_default();
    let time_index = i32::try_from(time_index).expect("a table has fewer columns than that");
    let sorting = SortingColumn { column_idx: time_index, descending: false, nulls_first: true };
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("vedette ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(group_rows))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_dictionary_enabled(true)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_statistics_truncate_length(Some(STATISTICS_TRUNCATE))
        .set_sorting_columns(Some(vec![sorting]));
    let columns = layout::statistics_columns(table).into_iter().map(|column| column.name.as_str());
    for name in columns.chain(leaves(table).iter().map(|leaf| leaf.name.as_str())) {
        let path = ColumnPath::from(name);
        properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    for column in table.stored_columns().filter(|column| rises(column)) {
        let path = ColumnPath::from(column.name.as_str());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    for column in table.stored_columns().filter(|column| has_long_texts(column)) {
        let path = ColumnPath::from(column.name.as_str());
        properties = properties.set_column_dictionary_page_size_limit(path, LARGE_DICTIONARY);
    }
    for packed in packed_columns(table) {
        let path = ColumnPath::from(packed.numbers.as_str());
        properties = properties.set_column_dictionary_page_size_limit(path, NUMBERS_DICTIONARY);
    }
    // Numbers of addresses hardly get smaller either.
    let numbers = packed_columns(table).iter().map(|packed| packed.numbers.clone());
    for name in plain_columns(first, group_rows).into_iter().chain(numbers) {
        properties = properties.set_column_compression(ColumnPath::from(name), Compression::UNCOMPRESSED);
    }
    properties.build()
}

/// Whether values mostly rise from row to row by little, as rows are sorted by time: then differences are smaller than what zstd makes of
/// the values, and reading them takes a fifth of the time (measured on times of 2 million sign-ins).
fn rises(column: &Column) -> bool {
    column.ty == ColumnType::DateTime || column.name == "_SourceOffset"
}

/// Up to which size texts of a column are kept in a dictionary.
pub(crate) fn dictionary_limit(text_column: &str) -> usize {
    if has_long_name(text_column) { LARGE_DICTIONARY } else { DEFAULT_DICTIONARY_PAGE_SIZE_LIMIT }
}

/// User agents, command lines, documents.
fn has_long_texts(column: &Column) -> bool {
    match column.ty {
        ColumnType::Dynamic => true,
        ColumnType::String => has_long_name(&column.name),
        _ => false,
    }
}

fn has_long_name(column: &str) -> bool {
    column.ends_with("UserAgent") || column.ends_with("CommandLine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_of_a_file_are_alike() {
        for rows in [0, 1, 5000, ROW_GROUP_ROWS, ROW_GROUP_ROWS + 1, ROW_GROUP_ROWS * 3 / 2 - 1] {
            assert!(even_group_rows(rows) >= rows && is_one_group(rows), "{rows}");
        }
        assert_eq!(even_group_rows(ROW_GROUP_ROWS * 3 / 2), ROW_GROUP_ROWS * 3 / 4);
        assert!(!is_one_group(ROW_GROUP_ROWS * 3 / 2));
        assert_eq!(even_group_rows(ROW_GROUP_ROWS * 10 + 1), ROW_GROUP_ROWS + 1);
    }
}
