//! How a table lies on disk: its folder, its Delta columns, which columns carry statistics, in which day a row falls.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use deltalake_core::kernel::{DataType, DecimalType, PrimitiveType, StructField, StructType};
use schema::{Column, ColumnType, Table};

use crate::leaf_column::leaves;

/// The partition column: the day (UTC) of the row's time. It exists in the Delta log and in folder names only,
/// for retention and foreign readers; KQL does not see it.
pub(crate) const DAY_COLUMN: &str = "_Day";

/// Precision and scale of a stored `decimal`, as in `schema::stored_arrow_type`.
const DECIMAL: (u8, u8) = (38, 17);

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// At most this many columns of a table carry statistics: each costs about 100 bytes a file in the log.
const STATISTICS_COLUMNS_LIMIT: usize = 32;

/// The folder of a table within a workspace.
pub(crate) fn table_folder(workspace: &Path, table: &str) -> PathBuf {
    workspace.join("tables").join(table)
}

/// The Delta columns of a table: all stored ones, nullable because a file may lack any of them, the leaf columns, and the day.
///
/// Errors are those of names that Delta refuses.
pub(crate) fn delta_columns(table: &Table) -> Result<StructType, deltalake_core::DeltaTableError> {
    let stored = table.stored_columns().map(|column| StructField::nullable(&column.name, delta_type(column.ty)));
    let leaves = leaves(table).iter().map(|leaf| StructField::nullable(&leaf.name, delta_type(leaf.ty)));
    let day = StructField::nullable(DAY_COLUMN, DataType::Primitive(PrimitiveType::Date));
    Ok(StructType::try_new(stored.chain(leaves).chain([day]))?)
}

fn delta_type(ty: ColumnType) -> DataType {
    DataType::Primitive(match ty {
        ColumnType::Bool => PrimitiveType::Boolean,
        ColumnType::Int => PrimitiveType::Integer,
        ColumnType::Long | ColumnType::TimeSpan => PrimitiveType::Long,
        ColumnType::Real => PrimitiveType::Double,
        ColumnType::Decimal => PrimitiveType::Decimal(decimal_type()),
        ColumnType::String | ColumnType::Guid | ColumnType::Dynamic => PrimitiveType::String,
        ColumnType::DateTime => PrimitiveType::Timestamp,
    })
}

fn decimal_type() -> DecimalType {
    DecimalType::try_new(DECIMAL.0, DECIMAL.1).expect("38 digits are what Delta allows")
}

/// The columns whose bounds are kept per file and per row group: the time, and what queries select by.
/// Long text and documents have none: bounds over them prune nothing and bloat the log.
pub(crate) fn statistics_columns(table: &Table) -> Vec<&Column> {
    let mut columns: Vec<&Column> = table.stored_columns().filter(|column| has_statistics(table, column)).collect();
    columns.sort_by_key(|column| column.name != table.time_column);
    columns.truncate(STATISTICS_COLUMNS_LIMIT);
    columns
}

fn has_statistics(table: &Table, column: &Column) -> bool {
    if column.name == table.time_column {
        return true;
    }
    match column.ty {
        ColumnType::DateTime | ColumnType::Int | ColumnType::Guid => true,
        ColumnType::Long => !column.hidden,
        ColumnType::String => !column.hidden && selects(&column.name),
        // Bounds over real and decimal would have to mind NaN and scale; two values of bool prune little.
        ColumnType::Bool | ColumnType::Real | ColumnType::Decimal | ColumnType::TimeSpan | ColumnType::Dynamic => false,
    }
}

/// Whether a text column's name says that queries select by it: ids, users, addresses, hosts, results, operations.
fn selects(name: &str) -> bool {
    const ENDS: [&str; 7] = ["Id", "ID", "IP", "IPAddress", "IpAddress", "Upn", "PrincipalName"];
    const STARTS: [&str; 4] = ["Account", "Result", "Operation", "Subject"];
    const WHOLE: [&str; 8] =
        ["Activity", "ActionType", "Category", "Channel", "Computer", "DeviceName", "EventSource", "TargetAccount"];
    ENDS.iter().any(|end| name.ends_with(end))
        || STARTS.iter().any(|start| name.starts_with(start))
        || WHOLE.contains(&name)
}

/// The value of `delta.dataSkippingStatsColumns`, so that other writers keep the same statistics.
pub(crate) fn statistics_columns_property(table: &Table) -> String {
    let columns = statistics_columns(table).into_iter().map(|column| &column.name);
    let names: Vec<String> =
        columns.chain(leaves(table).iter().map(|leaf| &leaf.name)).map(|name| format!("`{name}`")).collect();
    names.join(",")
}

/// The day of a time, counted from 1970-01-01.
pub(crate) fn day_of(microseconds: i64) -> i64 {
    microseconds.div_euclid(MICROSECONDS_PER_DAY)
}

/// A day as the partition value. Days outside of 0001 to 9999, which no date format holds, fall on the nearest that does.
pub(crate) fn day_name(day: i64) -> String {
    let seconds = day.saturating_mul(MICROSECONDS_PER_DAY / 1_000_000);
    let first = NaiveDate::from_ymd_opt(1, 1, 1).expect("a date");
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date");
    let nearest = if day < 0 { first } else { last };
    let date = DateTime::from_timestamp(seconds, 0).map_or(nearest, |time| time.date_naive());
    date.clamp(first, last).to_string()
}

/// The day of a data file's path below its table's folder.
pub(crate) fn day_in(path: &str) -> Option<NaiveDate> {
    let (day, _) = path.strip_prefix(DAY_COLUMN)?.strip_prefix('=')?.split_once('/')?;
    day.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_delta_columns_and_statistics_of_its_time_first() {
        for table in schema::tables() {
            let columns = delta_columns(table).unwrap_or_else(|error| panic!("{}: {error}", table.name));
            let expected = table.stored_columns().count() + leaves(table).len() + 1;
            assert_eq!(columns.fields().count(), expected, "{}", table.name);
            assert_eq!(statistics_columns(table).first().map(|column| &column.name), Some(&table.time_column));
        }
    }

    #[test]
    fn sign_ins_keep_statistics_of_what_rules_select_by() {
        let table = schema::table("SigninLogs").expect("built in");
        let names: Vec<&str> = statistics_columns(table).iter().map(|column| column.name.as_str()).collect();
        for name in
            ["TimeGenerated", "UserPrincipalName", "UserId", "IPAddress", "ResultType", "AppId", "CorrelationId"]
        {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        for name in ["LocationDetails", "UserAgent", "_SourceFile"] {
            assert!(!names.contains(&name), "{name} is among {names:?}");
        }
    }

    #[test]
    fn a_day_is_named_by_its_date_even_where_time_is_garbage() {
        for (microseconds, name) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (1_704_067_200_000_000, "2024-01-01"),
            (-11_644_473_600_000_000, "1601-01-01"),
            (i64::MIN, "0001-01-01"),
            (i64::MAX, "9999-12-31"),
        ] {
            assert_eq!(day_name(day_of(microseconds)), name, "{microseconds}");
        }
    }
}
