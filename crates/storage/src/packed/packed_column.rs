//! Which columns are packed, and how a file says that it has their numbers.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use arrow::datatypes::{DataType, Field, Schema};
use schema::{ColumnType, Table};

use crate::leaf_column::PREFIX;

/// Metadata of the column of numbers: what they are numbers of.
const PACKED: &str = "vedette.packed";
/// Value of [`PACKED`]: see `address.rs`.
const IPV4: &str = "ipv4";
/// Metadata of the column of numbers: whether there is one of rests beside it.
const HAS_RESTS: &str = "vedette.packed.rests";

/// Ends of the names of columns that hold addresses, as Microsoft's tables write them.
const ADDRESS_NAMES: [&str; 7] = ["IP", "Ip", "IPAddress", "IpAddress", "IpAddr", "IPv4", "IPv4Address"];

/// A text column whose addresses files may keep as numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackedColumn {
    /// The column with the texts.
    pub(crate) column: String,
    /// The column with the numbers.
    pub(crate) numbers: String,
    /// The column with the texts that have no number.
    pub(crate) rests: String,
}

/// What a file has of a packed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredPacked {
    /// Position of the numbers.
    pub(crate) numbers: usize,
    /// Position of the rests; each text has a number where there is none.
    pub(crate) rests: Option<usize>,
}

/// The texts of which a data file has the numbers, by the names of their columns. Hangs on the file where it is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackedNames(pub(crate) Arc<[String]>);

impl PackedColumn {
    fn new(column: &str) -> Self {
        let column = column.to_owned();
        Self { numbers: format!("{PREFIX}{column}__ipv4"), rests: format!("{PREFIX}{column}__rest"), column }
    }

    /// The fields of a file: of the numbers, then, if there are some, of the rests.
    pub(crate) fn fields(&self, has_rests: bool) -> (Field, Option<Field>) {
        let metadata = [(PACKED, IPV4.to_owned()), (HAS_RESTS, has_rests.to_string())];
        let metadata: HashMap<String, String> = metadata.map(|(key, value)| (key.to_owned(), value)).into();
        let numbers = Field::new(&self.numbers, DataType::UInt32, has_rests).with_metadata(metadata);
        (numbers, has_rests.then(|| Field::new(&self.rests, DataType::Utf8View, true)))
    }

    /// What the file with these columns has; `None` where it is not what this program writes.
    pub(crate) fn stored_in(&self, file: &Schema) -> Option<StoredPacked> {
        let (numbers, field) = file.column_with_name(&self.numbers)?;
        let metadata = field.metadata();
        if *field.data_type() != DataType::UInt32 || metadata.get(PACKED).map(String::as_str) != Some(IPV4) {
            return None;
        }
        if metadata.get(HAS_RESTS)? == "false" {
            return Some(StoredPacked { numbers, rests: None });
        }
        let (rests, field) = file.column_with_name(&self.rests)?;
        (*field.data_type() == DataType::Utf8View).then_some(StoredPacked { numbers, rests: Some(rests) })
    }
}

/// The packed columns of a table; none of a custom one.
pub(crate) fn packed_columns(table: &Table) -> &'static [PackedColumn] {
    /// By table, made when they are first asked for.
    static COLUMNS: LazyLock<HashMap<&'static str, OnceLock<Vec<PackedColumn>>>> =
        LazyLock::new(|| schema::table_names().map(|name| (name, OnceLock::new())).collect());
    let Some((columns, table)) = COLUMNS.get(table.name.as_str()).zip(schema::table(&table.name)) else { return &[] };
    columns.get_or_init(|| {
        let texts = table.stored_columns().filter(|column| column.ty == ColumnType::String);
        texts.filter(|column| names_addresses(&column.name)).map(|column| PackedColumn::new(&column.name)).collect()
    })
}

fn names_addresses(column: &str) -> bool {
    ADDRESS_NAMES.iter().any(|end| column.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_addresses_are_told_by_their_names() {
        let names = |table: &str| -> Vec<&str> {
            packed_columns(schema::table(table).expect("built in"))
                .iter()
                .map(|packed| packed.column.as_str())
                .collect()
        };
        assert!(names("SigninLogs").contains(&"IPAddress"));
        assert!(names("OfficeActivity").contains(&"ClientIP"));
        assert!(names("DeviceNetworkEvents").contains(&"RemoteIP"));
        for table in schema::tables() {
            for other in ["GroupMembership", "RoleMembership", "SafetyTip"] {
                assert!(!names(&table.name).contains(&other), "{}.{other}", table.name);
            }
        }
    }

    #[test]
    fn names_are_unlike_those_of_columns_and_leaves() {
        for table in schema::tables() {
            let leaves = crate::leaf_column::leaves(table).iter().map(|leaf| leaf.name.to_lowercase());
            let columns = table.columns.iter().map(|column| column.name.to_lowercase());
            let known: Vec<String> = leaves.chain(columns).collect();
            for packed in packed_columns(table) {
                assert!(!known.contains(&packed.numbers.to_lowercase()), "{}.{}", table.name, packed.column);
                assert!(!known.contains(&packed.rests.to_lowercase()), "{}.{}", table.name, packed.column);
            }
        }
    }

    #[test]
    fn a_file_says_what_it_has() {
        let packed = PackedColumn::new("IPAddress");
        let (numbers, rests) = packed.fields(true);
        let both = Schema::new(vec![numbers.clone(), rests.expect("there are some")]);
        assert_eq!(packed.stored_in(&both), Some(StoredPacked { numbers: 0, rests: Some(1) }));
        assert_eq!(packed.stored_in(&Schema::new(vec![numbers])), None, "the rests are lost");
        let alone = Schema::new(vec![packed.fields(false).0]);
        assert_eq!(packed.stored_in(&alone), Some(StoredPacked { numbers: 0, rests: None }));
        let foreign = Schema::new(vec![Field::new(&packed.numbers, DataType::UInt32, true)]);
        assert_eq!(packed.stored_in(&foreign), None);
    }
}
