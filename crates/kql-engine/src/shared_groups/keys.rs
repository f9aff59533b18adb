//! Keys of groups, numbered.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Schema, TimeUnit, TimestampMicrosecondType, UInt32Type};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::EmitTo;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use kql_functions::keys::{LongKeys, NumberedTextKeys, RowKeys, TextKeys};

use super::table::Key;
use super::text_of_number::TextOfNumber;

/// The different keys, each with the number of its group.
pub(super) struct Keys {
    columns: Vec<ColumnKeys>,
    /// Combinations of the columns' values; nothing where there is one column, whose numbers are those of the groups.
    rows: Option<RowKeys>,
    /// Of the rows at hand, for each column the numbers of its values.
    numbers: Vec<Vec<u32>>,
}

/// The different values of a column.
enum ColumnKeys {
    Text(Box<TextKeys>),
    /// With their zone.
    Time(Box<LongKeys>, Option<Arc<str>>),
    /// Given apart; with what puts them together.
    Apart(Box<NumberedTextKeys>, TextOfNumber),
    Other {
        values: Box<dyn GroupValues>,
        numbers: Vec<usize>,
    },
}

impl Keys {
    /// None yet, of keys of this schema.
    pub fn new(schema: &Schema, keys: &[Key]) -> Result<Self> {
        let columns = schema.fields().iter().zip(keys).map(|(field, key)| {
            Ok(match (key, field.data_type()) {
                (Key::Apart { text, .. }, _) => ColumnKeys::Apart(Box::default(), text.clone()),
                (Key::Whole(_), DataType::Utf8View) => ColumnKeys::Text(Box::default()),
                (Key::Whole(_), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
                    ColumnKeys::Time(Box::default(), zone.clone())
                }
                _ => {
                    let schema = Arc::new(Schema::new(vec![Arc::clone(field)]));
                    let values = new_group_values(schema, &GroupOrdering::None)?;
                    ColumnKeys::Other { values, numbers: Vec::new() }
                }
            })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let rows = (columns.len() > 1).then(|| RowKeys::new(columns.len()));
        let numbers = vec![Vec::new(); columns.len()];
        Ok(Self { columns, rows, numbers })
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        match (&self.rows, self.columns.first()) {
            (Some(rows), _) => rows.len(),
            (None, Some(only)) => only.len(),
            (None, None) => 0,
        }
    }

    /// The group of each row; new keys get new groups.
    pub fn number(&mut self, keys: &[Vec<ArrayRef>], groups: &mut Vec<usize>) -> Result<()> {
        for ((column, numbers), values) in self.columns.iter_mut().zip(&mut self.numbers).zip(keys) {
            numbers.clear();
            column.number(values, numbers)?;
        }
        groups.clear();
        match (&mut self.rows, self.numbers.as_slice()) {
            (None, [only]) => groups.extend(only.iter().map(|number| *number as usize)),
            (Some(rows), columns) => rows.number(columns, groups),
            (None, _) => {}
        }
        Ok(())
    }

    /// The keys of all groups in their order, column by column. What is held is of no use afterwards.
    pub fn take(&mut self) -> Result<Vec<ArrayRef>> {
        let rows = self.rows.take();
        let column = |(at, column): (usize, &mut ColumnKeys)| column.values(rows.as_ref().map(|rows| rows.column(at)));
        self.columns.iter_mut().enumerate().map(column).collect()
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let columns: usize = self.columns.iter().map(ColumnKeys::size).sum();
        let numbers: usize = self.numbers.iter().map(|numbers| numbers.capacity() * size_of::<u32>()).sum();
        columns + numbers + self.rows.as_ref().map_or(0, RowKeys::size)
    }
}

impl ColumnKeys {
    fn len(&self) -> usize {
        match self {
            ColumnKeys::Text(texts) => texts.len(),
            ColumnKeys::Time(times, _) => times.len(),
            ColumnKeys::Apart(texts, _) => texts.len(),
            ColumnKeys::Other { values, .. } => values.len(),
        }
    }

    /// The numbers of a column's values, which are given in one array, or apart in two.
    fn number(&mut self, arrays: &[ArrayRef], result: &mut Vec<u32>) -> Result<()> {
        match (self, arrays) {
            (ColumnKeys::Text(texts), [array]) => {
                match (array.as_string_view_opt(), array.as_dictionary_opt::<UInt32Type>()) {
                    (Some(array), _) => texts.number(array, result),
                    (None, Some(keyed)) => texts.number_keyed(keyed, result)?,
                    (None, None) => texts.number(cast(array, &DataType::Utf8View)?.as_string_view(), result),
                }
            }
            (ColumnKeys::Time(times, _), [array]) => {
                let Some(array) = array.as_primitive_opt::<TimestampMicrosecondType>() else {
                    return internal_err!("a key of times is of the type {}", array.data_type());
                };
                times.number(array.values(), array.nulls(), result);
            }
            (ColumnKeys::Apart(texts, _), [numbers, rests]) => {
                match (numbers.as_primitive_opt::<UInt32Type>(), rests.as_string_view_opt()) {
                    (Some(numbers), Some(rests)) => texts.number(numbers, rests, result),
                    _ => return internal_err!("a text that is given apart is not of numbers and texts"),
                }
            }
            (ColumnKeys::Other { values, numbers }, [_]) => {
                values.intern(arrays, numbers)?;
                // Memory ends long before these numbers do.
                result.extend(numbers.iter().map(|number| u32::try_from(*number).unwrap_or(u32::MAX)));
            }
            _ => return internal_err!("a key has {} parts", arrays.len()),
        }
        Ok(())
    }

    /// All values, or those with some numbers.
    fn values(&mut self, numbers: Option<Vec<u32>>) -> Result<ArrayRef> {
        let all = match self {
            ColumnKeys::Text(texts) => texts.texts(),
            ColumnKeys::Time(times, zone) => {
                let (values, nulls) = times.values();
                Arc::new(TimestampMicrosecondArray::new(values.into(), nulls).with_timezone_opt(zone.clone()))
            }
            ColumnKeys::Apart(texts, text) => {
                let (numbers, rests) = texts.parts();
                text.of_parts(Arc::new(numbers), rests)?
            }
            ColumnKeys::Other { values, .. } => values.emit(EmitTo::All)?.remove(0),
        };
        Ok(match numbers {
            Some(numbers) => take(&all, &UInt32Array::from(numbers), None)?,
            None => all,
        })
    }

    fn size(&self) -> usize {
        match self {
            ColumnKeys::Text(texts) => texts.size(),
            ColumnKeys::Time(times, _) => times.size(),
            ColumnKeys::Apart(texts, _) => texts.size(),
            ColumnKeys::Other { values, numbers } => values.size() + numbers.capacity() * size_of::<usize>(),
        }
    }
}
