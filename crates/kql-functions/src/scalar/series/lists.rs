//! Series as Arrow lists of numbers: the form that they have between operators which both know them, so that numbers need not be written
//! as JSON and read again.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Builder, Int64Builder, ListArray, ListBuilder, new_null_array};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};

use super::values::{Recent, RowSeries, Series};
use crate::column::{Strings, written_nullable};
use crate::dynamic::ArrayWriter;
use crate::number::write_long;
use crate::{Arg, EvalContext};

/// The numbers that lists hold which stand for dynamic arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesNumbers {
    /// Whole ones, written without a point.
    Whole,
    /// Reals.
    Real,
}

impl SeriesNumbers {
    /// The Arrow type of the lists.
    pub fn arrow(self) -> DataType {
        let item = match self {
            SeriesNumbers::Whole => DataType::Int64,
            SeriesNumbers::Real => DataType::Float64,
        };
        DataType::List(Arc::new(Field::new_list_field(item, true)))
    }

    /// What lists of this type hold; nothing for other types.
    pub fn of(ty: &DataType) -> Option<Self> {
        [SeriesNumbers::Whole, SeriesNumbers::Real].into_iter().find(|numbers| numbers.arrow() == *ty)
    }
}

/// An argument whose rows are series, as JSON texts or as lists.
pub(super) enum SeriesRows {
    Texts(Strings),
    Lists { lists: ListArray, is_scalar: bool },
}

impl SeriesRows {
    /// Reads an argument.
    pub fn of(arg: &Arg) -> Self {
        match arg.array().as_list_opt::<i32>() {
            Some(lists) => SeriesRows::Lists { lists: lists.clone(), is_scalar: arg.is_scalar() },
            None => SeriesRows::Texts(Strings::of(arg)),
        }
    }
}

fn list_row(lists: &ListArray, is_scalar: bool, row: usize) -> Option<ArrayRef> {
    let row = if is_scalar { 0 } else { row };
    lists.is_valid(row).then(|| lists.value(row))
}

impl RowSeries for SeriesRows {
    fn series(&self, row: usize) -> Option<Series> {
        let (lists, is_scalar) = match self {
            SeriesRows::Texts(texts) => return texts.series(row),
            SeriesRows::Lists { lists, is_scalar } => (lists, *is_scalar),
        };
        let numbers = list_row(lists, is_scalar, row)?;
        if let Some(whole) = numbers.as_primitive_opt::<Int64Type>() {
            let values = whole.iter().map(|number| number.map(|number| number as f64)).collect();
            return Some(Series { values, is_whole: true });
        }
        let values: Vec<Option<f64>> = numbers.as_primitive_opt::<Float64Type>()?.iter().collect();
        // As of texts, those without any number count as whole.
        let is_whole = values.iter().all(Option::is_none);
        Some(Series { values, is_whole })
    }

    fn numbers(&self, row: usize) -> Option<Vec<f64>> {
        if let SeriesRows::Lists { lists, is_scalar } = self {
            let numbers = list_row(lists, *is_scalar, row)?;
            if let Some(whole) = numbers.as_primitive_opt::<Int64Type>().filter(|whole| whole.null_count() == 0) {
                return Some(whole.values().iter().map(|number| *number as f64).collect());
            }
        }
        self.series(row)?.complete()
    }
}

/// Lists that are made row by row, one column for each result of a function.
pub(super) struct SeriesLists(Vec<Option<Lists>>);

enum Lists {
    Whole(ListBuilder<Int64Builder>),
    Real(ListBuilder<Float64Builder>),
}

impl SeriesLists {
    /// Appends the numbers of a result in the row that is being made.
    pub fn push(&mut self, result: usize, numbers: impl Iterator<Item = f64>) {
        match self.0.get_mut(result) {
            Some(Some(Lists::Whole(lists))) => numbers.for_each(|number| lists.values().append_value(number as i64)),
            Some(Some(Lists::Real(lists))) => numbers.for_each(|number| lists.values().append_value(number)),
            _ => {}
        }
    }
}

/// The results of a function with several, in lists; null for those that nobody reads. `make` pushes those of a row, or says that they are null.
pub(super) fn series_lists(
    results: &[SeriesNumbers],
    rows: usize,
    ctx: &EvalContext,
    mut make: impl FnMut(usize, &mut SeriesLists) -> bool,
) -> Vec<ArrayRef> {
    let column = |(index, numbers): (usize, &SeriesNumbers)| {
        ctx.wants(index).then(|| match numbers {
            SeriesNumbers::Whole => Lists::Whole(ListBuilder::new(Int64Builder::new())),
            SeriesNumbers::Real => Lists::Real(ListBuilder::new(Float64Builder::new())),
        })
    };
    let mut lists = SeriesLists(results.iter().enumerate().map(column).collect());
    for row in 0..rows {
        let is_valid = make(row, &mut lists);
        for column in lists.0.iter_mut().flatten() {
            match column {
                Lists::Whole(lists) => lists.append(is_valid),
                Lists::Real(lists) => lists.append(is_valid),
            }
        }
    }
    let finished = lists.0.into_iter().zip(results).map(|(column, numbers)| match column {
        None => new_null_array(&numbers.arrow(), rows),
        Some(Lists::Whole(mut lists)) => Arc::new(lists.finish()) as ArrayRef,
        Some(Lists::Real(mut lists)) => Arc::new(lists.finish()),
    });
    finished.collect()
}

/// Lists of [`SeriesNumbers`] as dynamic arrays. Null for lists of anything else.
pub fn series_as_json(series: &ArrayRef) -> ArrayRef {
    let lists = series.as_list_opt::<i32>();
    written_nullable(series.len(), |row, out| lists.is_some_and(|lists| write_row(lists, row, out)))
}

/// Appends a row's numbers; false for null.
fn write_row(lists: &ListArray, row: usize, out: &mut String) -> bool {
    if lists.is_null(row) {
        return false;
    }
    let numbers = lists.value(row);
    let mut array = ArrayWriter::new(out);
    if let Some(whole) = numbers.as_primitive_opt::<Int64Type>() {
        for number in whole {
            match number {
                Some(number) => write_long(array.element(), number),
                None => array.push("null"),
            }
        }
    } else if let Some(reals) = numbers.as_primitive_opt::<Float64Type>() {
        let mut recent = Recent::default();
        reals.iter().for_each(|number| recent.write(array.element(), number, false));
    } else {
        return false;
    }
    array.end();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringViewArray;

    #[test]
    fn lists_are_written_as_arrays() {
        let whole = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), None, Some(-7)]),
            None,
            Some(vec![]),
        ]);
        let reals = ListArray::from_iter_primitive::<Float64Type, _, _>([Some(vec![
            Some(0.5),
            Some(2.0),
            None,
            Some(f64::NAN),
            Some(f64::INFINITY),
            Some(-0.0),
        ])]);
        let texts = |lists: ListArray| series_as_json(&(Arc::new(lists) as ArrayRef));
        let expected = StringViewArray::from(vec![Some("[1,null,-7]"), None, Some("[]")]);
        assert_eq!(texts(whole).as_string_view(), &expected);
        let expected = StringViewArray::from(vec![r#"[0.5,2.0,null,"NaN","Infinity",-0.0]"#]);
        assert_eq!(texts(reals).as_string_view(), &expected);
    }
}
