//! A dynamic array as numbers, and numbers as a dynamic array.

use crate::column::Strings;
use crate::dynamic::{ArrayWriter, Kind, elements, kind, unquote, write_value};
use crate::signature::{accept, refuse};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Type, Value, datetime, number};

/// Whole numbers of a greater magnitude are not exact as reals.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The numbers of an array.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// Nothing where the element is no number.
    pub values: Vec<Option<f64>>,
    /// All numbers were written without a point.
    pub is_whole: bool,
}

impl Series {
    /// The numbers, if every element is one and finite.
    pub fn complete(&self) -> Option<Vec<f64>> {
        self.values.iter().map(|value| value.filter(|value| value.is_finite())).collect()
    }
}

/// The numbers of a JSON array; nothing for other texts.
pub(super) fn series(json: &str) -> Option<Series> {
    if kind(json) != Kind::Array {
        return None;
    }
    let mut is_whole = true;
    let values = elements(json)
        .map(|item| {
            let value = element(item);
            is_whole &= value.is_none() || is_whole_number(item);
            value
        })
        .collect();
    Some(Series { values, is_whole })
}

/// The number that a JSON element is. Strings are numbers where they stand for what JSON cannot write: `"NaN"`,
/// infinities, and datetimes, whose ticks count.
pub(super) fn element(json: &str) -> Option<f64> {
    match kind(json) {
        Kind::Number => number::parse_real(json),
        Kind::String => {
            let text = unquote(json);
            match text.as_ref() {
                "NaN" | "inf" | "-inf" | "Infinity" | "-Infinity" => number::parse_real(&text),
                text if text.ends_with('Z') => datetime::parse_datetime(text).map(|ticks| ticks as f64),
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_whole_number(json: &str) -> bool {
    !json.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E' | b'"'))
}

/// An argument that is a series or one number for all its places.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// A series.
    Series(Series),
    /// A number, and whether it is whole.
    Number(f64, bool),
}

impl Operand {
    /// Reads an array or a number.
    pub fn parse(json: &str) -> Option<Self> {
        match kind(json) {
            Kind::Array => series(json).map(Operand::Series),
            Kind::Number => Some(Operand::Number(element(json)?, is_whole_number(json))),
            _ => None,
        }
    }

    /// Whether all numbers are whole.
    pub fn is_whole(&self) -> bool {
        match self {
            Operand::Series(series) => series.is_whole,
            Operand::Number(_, is_whole) => *is_whole,
        }
    }

    /// How long, if that is fixed.
    pub fn len(&self) -> Option<usize> {
        match self {
            Operand::Series(series) => Some(series.values.len()),
            Operand::Number(..) => None,
        }
    }

    /// The number at a place.
    pub fn at(&self, place: usize) -> Option<f64> {
        match self {
            Operand::Series(series) => series.values.get(place).copied().flatten(),
            Operand::Number(value, _) => Some(*value),
        }
    }
}

/// Appends a number as JSON.
pub(super) fn write_number(out: &mut String, value: Option<f64>, is_whole: bool) {
    match value {
        None => out.push_str("null"),
        Some(value) if is_whole && value.abs() < MAX_EXACT && value.fract() == 0.0 => {
            write_value(out, &Value::Long(value as i64));
        }
        Some(value) => write_value(out, &Value::Real(value)),
    }
}

/// Appends an array of numbers.
pub(super) fn write_numbers(out: &mut String, values: impl IntoIterator<Item = Option<f64>>, is_whole: bool) {
    let mut recent = Recent::default();
    let mut array = ArrayWriter::new(out);
    values.into_iter().for_each(|value| recent.write(array.element(), value, is_whole));
    array.end();
}

/// How many numbers are remembered, as a power of two.
const RECENT_BITS: u32 = 6;

/// Where numbers were written before: baselines repeat with their period, and most scores are 0.
pub(super) struct Recent([(u64, usize, usize); 1 << RECENT_BITS]);

impl Default for Recent {
    fn default() -> Self {
        Recent([(0, 0, 0); 1 << RECENT_BITS])
    }
}

impl Recent {
    /// Appends a number, or `null` for nothing.
    pub fn write(&mut self, out: &mut String, value: Option<f64>, is_whole: bool) {
        let Some(number) = value else { return write_number(out, value, is_whole) };
        let bits = number.to_bits();
        let place = bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - RECENT_BITS);
        let (known, start, end) = self.0[place as usize];
        if known == bits && end > start {
            out.extend_from_within(start..end);
            return;
        }
        let start = out.len();
        write_number(out, value, is_whole);
        self.0[place as usize] = (bits, start, out.len());
    }
}

/// Appends an array of reals.
pub(super) fn write_reals(out: &mut String, values: &[f64]) {
    write_numbers(out, values.iter().copied().map(Some), false);
}

/// Appends the results of a function with several: one JSON text each, `null` for those that nobody reads.
pub(super) fn write_results(
    ctx: &EvalContext,
    out: &mut String,
    count: usize,
    mut write: impl FnMut(usize, &mut String),
) {
    let mut array = ArrayWriter::new(out);
    for index in 0..count {
        if ctx.wants(index) {
            write(index, array.element());
        } else {
            array.push("null");
        }
    }
    array.end();
}

/// An argument that holds series.
pub(super) trait RowSeries {
    /// The series in a row; nothing where there is none.
    fn series(&self, row: usize) -> Option<Series>;

    /// Its numbers, if every element is one and finite.
    fn numbers(&self, row: usize) -> Option<Vec<f64>> {
        self.series(row)?.complete()
    }
}

impl RowSeries for Strings {
    fn series(&self, row: usize) -> Option<Series> {
        self.get(row).and_then(series)
    }
}

/// The series in a row of an argument.
pub(super) fn row_series(column: &impl RowSeries, row: usize) -> Option<Series> {
    column.series(row)
}

/// The row's series, all of whose elements are numbers.
pub(super) fn row_numbers(column: &impl RowSeries, row: usize) -> Option<Vec<f64>> {
    column.numbers(row)
}

/// An argument that must be a dynamic.
pub(super) fn dynamic(args: &[ArgumentInfo], index: usize) -> Result<Type, FunctionError> {
    match args[index].ty {
        Type::Dynamic => Ok(Type::Dynamic),
        found => Err(refuse(index, "a dynamic array", found)),
    }
}

/// Parameters of which the first `series` are dynamic arrays; of the others numbers may be given as any number.
pub(super) fn parameters(
    args: &[ArgumentInfo],
    series: usize,
    others: &[Type],
    required: usize,
) -> Result<Vec<Type>, FunctionError> {
    crate::signature::count(args, required, series + others.len())?;
    (0..args.len())
        .map(|index| match others.get(index.wrapping_sub(series)) {
            None => dynamic(args, index),
            Some(expected) => match (expected, args[index].ty) {
                (Type::Real, found) if found.is_numeric() => Ok(Type::Real),
                (expected, found) => accept(index, found, *expected),
            },
        })
        .collect()
}

/// A constant string that is one of a few words.
pub(super) fn one_of(args: &[ArgumentInfo], index: usize, words: &[&str]) -> Result<(), FunctionError> {
    match args.get(index).and_then(|arg| arg.constant.as_ref()) {
        Some(Value::String(word)) if !words.contains(&word.as_str()) => {
            let message = format!("`{word}` is none of `{}`", words.join("`, `"));
            Err(FunctionError::Other { index: Some(index), message })
        }
        _ => Ok(()),
    }
}

/// The optional argument of that position.
pub(super) fn optional<C>(args: &[Arg], index: usize, read: impl Fn(&Arg) -> C) -> Option<C> {
    args.get(index).map(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_come_again_are_written_again() {
        let values: Vec<f64> = (0..500).map(|at| f64::from(at % 97) / 7.0 - 3.0).chain([0.0, -0.0, f64::NAN]).collect();
        let mut expected = String::from("[");
        for (at, value) in values.iter().enumerate() {
            expected.push_str(if at > 0 { "," } else { "" });
            write_number(&mut expected, Some(*value), false);
        }
        expected.push(']');
        let mut found = String::new();
        write_reals(&mut found, &values);
        assert_eq!(found, expected);
    }

    #[test]
    fn elements_are_numbers_or_nothing() {
        let read = series(r#"[1, -2.5, null, "a", true, "NaN", {}]"#).unwrap();
        assert_eq!(&read.values[..5], &[Some(1.0), Some(-2.5), None, None, None]);
        assert!(read.values[5].unwrap().is_nan());
        assert!(!read.is_whole);
        assert!(series("[1,null,3]").unwrap().is_whole);
        assert_eq!(series("{}"), None);
        assert_eq!(series("[1,null]").unwrap().complete(), None);
    }
}
