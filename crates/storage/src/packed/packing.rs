//! The numbers and rests of the texts of a file that is about to be written.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, StringArray, StringViewArray, StringViewBuilder, UInt32Array, UInt32Builder,
};
use arrow::datatypes::{Field, Schema};
use hashbrown::HashSet;

use super::address::number_of;
use super::packed_column::{PackedColumn, packed_columns};
use crate::data_file::Partition;

/// Numbers are kept where at least so many texts of a hundred have one.
const LEAST_NUMBERS: usize = 75;

/// Numbers are kept where at least one in so many is unlike all others. Few addresses that come again are quick to read as texts: they are
/// decoded once a row group, and rows share them.
const DIFFERENT: usize = 16;

/// The numbers and the rests of texts.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Null where the text has no number.
    pub(crate) numbers: UInt32Array,
    /// Null where the text has a number.
    pub(crate) rests: StringViewArray,
}

impl Packed {
    /// Of texts, of which a missing one is `""`.
    pub(crate) fn of<'a>(texts: impl ExactSizeIterator<Item = Option<&'a str>>) -> Self {
        let mut numbers = UInt32Builder::with_capacity(texts.len());
        let mut rests = StringViewBuilder::with_capacity(texts.len());
        for text in texts {
            let text = text.unwrap_or_default();
            let number = number_of(text);
            numbers.append_option(number);
            rests.append_option(number.is_none().then_some(text));
        }
        Self { numbers: numbers.finish(), rests: rests.finish() }
    }

    fn has_rests(&self) -> bool {
        self.numbers.null_count() > 0
    }

    fn is_worth_it(&self) -> bool {
        let (texts, found) = (self.numbers.len(), self.numbers.len() - self.numbers.null_count());
        if found == 0 || found * 100 < texts * LEAST_NUMBERS {
            return false;
        }
        let enough = found.div_ceil(DIFFERENT);
        let mut different = HashSet::with_capacity(enough);
        self.numbers.iter().flatten().any(|number| {
            different.insert(number);
            different.len() >= enough
        })
    }
}

/// The packed form of a text column of a file.
#[derive(Debug)]
pub(crate) struct PackedValues {
    columns: Vec<(Field, ArrayRef)>,
}

impl PackedValues {
    /// The fields, numbers first.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.columns.iter().map(|(field, _)| field)
    }

    /// The values of some rows, in the order of the fields.
    pub(crate) fn rows(&self, rows: &Range<usize>) -> impl Iterator<Item = ArrayRef> {
        self.columns.iter().map(|(_, values)| values.slice(rows.start, rows.len()))
    }
}

/// What is kept of the rows of a file, of the columns that the file has.
pub(crate) fn packed(partition: &Partition<'_>, has_column: impl Fn(&str) -> bool) -> Vec<PackedValues> {
    let columns = packed_columns(partition.table).iter().filter(|packed| has_column(&packed.column));
    columns.filter_map(|packed| of_column(partition, packed)).collect()
}

fn of_column(partition: &Partition<'_>, packed: &PackedColumn) -> Option<PackedValues> {
    let texts = |batch: &'_ arrow::array::RecordBatch| batch.column_by_name(&packed.column)?.as_string_opt().cloned();
    let arrays: Vec<StringArray> = partition.batches.iter().map(texts).collect::<Option<_>>()?;
    let values = Packed::of(partition.rows.iter().map(|row| {
        let (batch, row) = row.position();
        arrays[batch].is_valid(row).then(|| arrays[batch].value(row))
    }));
    if !values.is_worth_it() {
        return None;
    }
    let (numbers, rests) = packed.fields(values.has_rests());
    let mut columns = vec![(numbers, Arc::new(values.numbers) as ArrayRef)];
    columns.extend(rests.map(|field| (field, Arc::new(values.rests) as ArrayRef)));
    Some(PackedValues { columns })
}

/// The columns that a merge writes, whose rows come in steps: those that at least half of the inputs with the texts have.
pub(crate) fn of_merge(packed: &PackedColumn, inputs: &[Arc<Schema>]) -> Vec<Arc<Field>> {
    let with_texts = inputs.iter().filter(|input| input.column_with_name(&packed.column).is_some());
    let with_numbers = with_texts.clone().filter(|input| packed.stored_in(input).is_some()).count();
    if with_numbers == 0 || with_numbers * 2 < with_texts.count() {
        return Vec::new();
    }
    let (numbers, rests) = packed.fields(true);
    [Some(numbers), rests].into_iter().flatten().map(Arc::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_worth_it(texts: impl ExactSizeIterator<Item = String>) -> bool {
        let texts: Vec<String> = texts.collect();
        Packed::of(texts.iter().map(|text| Some(text.as_str()))).is_worth_it()
    }

    #[test]
    fn a_text_is_a_number_or_a_rest() {
        let packed = Packed::of([Some("1.2.3.4"), Some("::1"), None, Some("01.2.3.4")].into_iter());
        assert_eq!(packed.numbers.iter().collect::<Vec<_>>(), [Some(0x0102_0304), None, None, None]);
        assert_eq!(packed.rests.iter().collect::<Vec<_>>(), [None, Some("::1"), Some(""), Some("01.2.3.4")]);
    }

    #[test]
    fn numbers_are_kept_where_there_are_many_different_ones() {
        assert!(is_worth_it((0..100).map(|row| format!("10.0.0.{row}"))));
        assert!(is_worth_it((0..160).map(|row| format!("10.0.0.{}", row % 10))));
        assert!(!is_worth_it((0..160).map(|row| format!("10.0.0.{}", row % 9))), "few come again");
        let mixed =
            |rests: usize| (0..100).map(move |row| if row < rests { "::1".into() } else { format!("10.0.0.{row}") });
        assert!(is_worth_it(mixed(25)));
        assert!(!is_worth_it(mixed(26)), "too many have none");
        assert!(!is_worth_it(std::iter::empty()));
    }

    #[test]
    fn a_merge_keeps_what_most_of_its_inputs_have() {
        let packed = &packed_columns(schema::table("SigninLogs").expect("built in"))[0];
        let texts = Field::new(&packed.column, arrow::datatypes::DataType::Utf8, false);
        let alone = Arc::new(Schema::new(vec![texts.clone()]));
        let with = Arc::new(Schema::new(vec![texts, packed.fields(false).0]));
        let without_texts = Arc::new(Schema::empty());
        let kept =
            |inputs: &[&Arc<Schema>]| of_merge(packed, &inputs.iter().copied().cloned().collect::<Vec<_>>()).len();
        assert_eq!(kept(&[&with, &alone, &without_texts]), 2);
        assert_eq!(kept(&[&with, &alone, &alone]), 0);
        assert_eq!(kept(&[&without_texts]), 0);
    }
}
