//! What columns the file has that a merge writes, given those of its inputs.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use schema::{ColumnType, Table};

use crate::leaf_column::{self, Absent, Leaf, LeafColumn, leaves};
use crate::packed;

/// What an input says of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeafInput {
    /// It has no value in the column with the documents.
    NoDocuments,
    /// It has documents that must be read themselves.
    DocumentsOnly,
    Leaf(LeafColumn),
}

/// Whether a merge may take in a file with these columns: all are stored ones of the table in the type that we write, or leaves. A file
/// of a newer version of this program may have others, which would be lost.
pub(crate) fn is_understood(table: &Table, file: &Schema) -> bool {
    let stored = table.arrow_schema();
    file.fields().iter().all(|field| match stored.field_with_name(field.name()) {
        Ok(known) => known.data_type() == field.data_type(),
        Err(_) => field.name().starts_with(leaf_column::PREFIX),
    }) && file.field_with_name(&table.time_column).is_ok()
}

/// The stored columns that some input has, in the table's order, the leaf columns that all inputs allow, and the numbers of texts that most have.
pub(crate) fn merged_schema(table: &Table, inputs: &[SchemaRef]) -> SchemaRef {
    let has = |name: &str| inputs.iter().any(|input| input.field_with_name(name).is_ok());
    let stored = table.arrow_schema();
    let kept = stored.fields().iter().filter(|field| has(field.name())).cloned();
    let leaves = leaves(table).iter().filter_map(|leaf| {
        let said: Vec<LeafInput> = inputs.iter().map(|input| said_of(leaf, input)).collect();
        Some(Arc::new(leaf.field(combined(&said, leaf.ty)?)))
    });
    let packed = packed::packed_columns(table).iter().flat_map(|packed| packed::of_merge(packed, inputs));
    let fields: Vec<Arc<Field>> = kept.chain(leaves).chain(packed).collect();
    Arc::new(Schema::new_with_metadata(fields, stored.metadata().clone()))
}

fn said_of(leaf: &Leaf, input: &Schema) -> LeafInput {
    if input.field_with_name(&leaf.column).is_err() {
        return LeafInput::NoDocuments;
    }
    let field = input.field_with_name(&leaf.name).ok();
    field.and_then(|field| leaf.of_field(field)).map_or(LeafInput::DocumentsOnly, LeafInput::Leaf)
}

/// How the leaf column of all rows together shows what is absent; `None` where the documents must be read.
fn combined(inputs: &[LeafInput], ty: ColumnType) -> Option<LeafColumn> {
    let mut columns = Vec::new();
    let mut has_rows_without = false;
    for input in inputs {
        match input {
            LeafInput::DocumentsOnly => return None,
            LeafInput::NoDocuments => has_rows_without = true,
            LeafInput::Leaf(column) => columns.push(*column),
        }
    }
    let first = columns.first()?.absent;
    let are_alike = columns.iter().all(|column| column.absent == first);
    let absent = match first {
        Absent::Never if are_alike && !has_rows_without => Absent::Never,
        // A file in which nothing is absent may have `""` as a value, so that `""` stands for absent only where it does everywhere.
        Absent::Empty if are_alike && ty == ColumnType::String => Absent::Empty,
        _ => Absent::Null,
    };
    Some(LeafColumn { absent, survives_text: columns.iter().all(|column| column.survives_text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(absent: Absent) -> LeafInput {
        LeafInput::Leaf(LeafColumn { absent, survives_text: true })
    }

    #[test]
    fn absent_values_are_told_from_empty_ones_whatever_files_are_merged() {
        use Absent::{Empty, Never, Null};
        let none = LeafInput::NoDocuments;
        for (inputs, expected) in [
            (vec![leaf(Never), leaf(Never)], Some(Never)),
            (vec![leaf(Empty), leaf(Empty)], Some(Empty)),
            (vec![leaf(Empty), none], Some(Empty)),
            (vec![leaf(Never), none], Some(Null)),
            (vec![leaf(Never), leaf(Empty)], Some(Null)),
            (vec![leaf(Null), leaf(Empty)], Some(Null)),
            (vec![none, none], None),
            (vec![leaf(Never), LeafInput::DocumentsOnly], None),
        ] {
            let found = combined(&inputs, ColumnType::String).map(|column| column.absent);
            assert_eq!(found, expected, "{inputs:?}");
        }
    }

    #[test]
    fn a_leaf_survives_text_only_where_it_does_in_each_file() {
        let lost = LeafInput::Leaf(LeafColumn { absent: Absent::Null, survives_text: false });
        let both = combined(&[leaf(Absent::Null), lost], ColumnType::Long).expect("both have it");
        assert!(!both.survives_text);
    }
}
