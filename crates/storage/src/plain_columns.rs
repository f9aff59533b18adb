//! Which columns of a file are kept as they are encoded, not compressed.
//!
//! A dictionary, keys of as few bits as they need, and differences of times leave little for zstd: times and applications get no smaller by
//! it, columns of one value get larger, of user names only the dictionary gets smaller. Reading costs each column of each file two contexts
//! of zstd and a copy all the same.
//!
//! So a column of values that come again is compressed where its dictionary is large for so many rows. How large it becomes is judged by a
//! sample of the first rows. A column that is judged wrong takes more room or more time, and reads the same.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use hashbrown::HashMap;

/// Rows that are looked at.
const SAMPLE_ROWS: usize = 4096;

/// A column stays plain up to so many bytes of dictionary for each row of a row group. Names and ids of 5,000 users take one and a half in a
/// group of 128 Ki rows, user agents ten, and ids of requests as many as they are long.
const DICTIONARY_BYTES_A_ROW: usize = 2;

/// The columns of a file to leave uncompressed, by name. `first` are its first rows; a row group of it has up to `group_rows`.
pub(crate) fn plain_columns(first: &RecordBatch, group_rows: usize) -> Vec<String> {
    let is_plain = |values| dictionary_bytes(values, group_rows) <= group_rows * DICTIONARY_BYTES_A_ROW;
    let fields = first.schema_ref().fields().iter().zip(first.columns());
    fields.filter(|(_, values)| is_plain(values)).map(|(field, _)| field.name().clone()).collect()
}

/// About how large the dictionary of a column that begins like this is in a row group of so many rows.
fn dictionary_bytes(values: &ArrayRef, rows: usize) -> usize {
    match values.data_type() {
        // A bit a row, and differences of neighbours: neither has a dictionary.
        DataType::Boolean | DataType::Timestamp(..) => 0,
        DataType::Int32 => of_numbers::<Int32Type>(values, rows),
        DataType::Int64 => of_numbers::<Int64Type>(values, rows),
        DataType::Float64 => of_numbers::<Float64Type>(values, rows),
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            Sample::of(texts, |row| texts.value(row).as_bytes()).dictionary_bytes(rows)
        }
        DataType::Utf8View => {
            let texts = values.as_string_view();
            Sample::of(texts, |row| texts.value(row).as_bytes()).dictionary_bytes(rows)
        }
        _ => usize::MAX,
    }
}

fn of_numbers<T: ArrowPrimitiveType>(values: &ArrayRef, rows: usize) -> usize {
    let numbers = values.as_primitive::<T>();
    let (bytes, width) = (numbers.values().inner().as_slice(), size_of::<T::Native>());
    Sample::of(numbers, |row| &bytes[row * width..][..width]).dictionary_bytes(rows)
}

/// What some rows of a column tell of its values.
#[derive(Debug, Default)]
struct Sample {
    rows: usize,
    different: usize,
    /// Different values that came once.
    once: usize,
    /// Different values that came twice.
    twice: usize,
    /// Length of the different values.
    bytes: usize,
}

impl Sample {
    /// Of rows that lie evenly.
    fn of<'a>(column: &dyn Array, value: impl Fn(usize) -> &'a [u8]) -> Self {
        let rows = column.len().min(SAMPLE_ROWS);
        let mut times: HashMap<&[u8], usize> = HashMap::new();
        for row in (0..rows).map(|at| at * column.len() / rows).filter(|&row| column.is_valid(row)) {
            *times.entry(value(row)).or_default() += 1;
        }
        let that_came = |wanted| times.values().filter(|&&times| times == wanted).count();
        Self {
            rows,
            different: times.len(),
            once: that_came(1),
            twice: that_came(2),
            bytes: times.keys().map(|value| value.len()).sum(),
        }
    }

    /// Of that many rows.
    fn dictionary_bytes(&self, rows: usize) -> usize {
        let different = if rows > self.rows { self.different_in_all().min(rows) } else { self.different };
        self.bytes * different / self.different.max(1)
    }

    /// How many different values there are at least, by those that are rare in the sample (the estimator Chao1: A. Chao, "Nonparametric
    /// estimation of the number of classes in a population", Scandinavian Journal of Statistics 11, 1984).
    fn different_in_all(&self) -> usize {
        let unseen = match self.twice {
            0 => self.once * self.once.saturating_sub(1) / 2,
            twice => self.once * self.once / (2 * twice),
        };
        self.different + unseen
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    const ROWS: usize = 128 * 1024;

    fn texts(rows: usize, text: impl Fn(usize) -> String) -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..rows).map(text)))
    }

    /// Numbers up to a limit that come in no order.
    fn scattered(row: usize, limit: usize) -> usize {
        (row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % limit
    }

    fn is_plain(values: ArrayRef, group_rows: usize) -> bool {
        let rows = RecordBatch::try_from_iter([("Column", values)]).expect("a column");
        !plain_columns(&rows, group_rows).is_empty()
    }

    #[test]
    fn what_a_dictionary_makes_small_stays_plain() {
        assert!(is_plain(texts(ROWS, |_| "none".to_owned()), ROWS));
        assert!(is_plain(texts(ROWS, |row| format!("user{}@contoso.com", scattered(row, 5000))), ROWS));
        assert!(is_plain(
            Arc::new(Int64Array::from_iter_values((0..ROWS).map(|row| scattered(row, 1000) as i64))),
            ROWS
        ));
        assert!(is_plain(Arc::new(Int64Array::new_null(ROWS)), ROWS));
    }

    #[test]
    fn long_texts_and_ids_are_compressed() {
        assert!(!is_plain(texts(ROWS, |row| format!("{:0120}", scattered(row, 10_000))), ROWS));
        assert!(!is_plain(texts(ROWS, |row| row.to_string()), ROWS), "short ones that never come again");
        assert!(!is_plain(Arc::new(Int64Array::from_iter_values(0..ROWS as i64)), ROWS));
    }

    #[test]
    fn few_rows_may_have_a_small_dictionary_only() {
        let users = |rows| texts(rows, |row| format!("user{}@contoso.com", row % 50));
        assert!(!is_plain(users(100), 100));
        assert!(is_plain(users(1000), 1000));
        assert!(is_plain(users(100), ROWS), "the first of many rows");
    }

    #[test]
    fn what_has_no_dictionary_stays_plain() {
        assert!(is_plain(Arc::new(TimestampMicrosecondArray::from_iter_values(0..1000)), 1000));
        assert!(is_plain(Arc::new(BooleanArray::from(vec![true; 1000])), 1000));
        assert!(is_plain(texts(0, |row| row.to_string()), 1), "no rows");
    }

    #[test]
    fn rare_values_tell_of_others() {
        let sample = Sample { rows: 10, different: 6, once: 4, twice: 1, bytes: 60 };
        assert_eq!(
            (sample.dictionary_bytes(10), sample.dictionary_bytes(1000), sample.dictionary_bytes(12)),
            (60, 140, 120)
        );
        let sample = Sample { twice: 0, ..sample };
        assert_eq!(sample.dictionary_bytes(1000), 120);
    }
}
