//! The two aggregates that `make-series` is lowered to: values of bins as one array, and the bins themselves.
//!
//! Their names are no names of KQL, so no query can call them. Arguments: the bin's first value, the aggregated value
//! (of the axis: the bin again), then constants: where bin 0 begins, the size of a bin, the first and the last bin's
//! number (null: the first and last that a group has), and what stands in empty bins.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use crate::column::{Longs, Reals, Strings, longs, reals};
use crate::convert::JsonRows;
use crate::dynamic::{ArrayWriter, elements, write_value};
use crate::signature::count;
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, Value};

/// Most values of a series; longer ones are cut. Source: Kusto's documentation of `make-series`.
pub const MAX_VALUES: i64 = 1 << 20;

pub(super) static VALUES: Aggregate = Aggregate::new(
    "make-series",
    resolve,
    |args, resolved| Series::boxed(args, resolved, false),
    |_| vec![DataType::Utf8View],
);

pub(super) static AXIS: Aggregate = Aggregate::new(
    "make-series axis",
    resolve,
    |args, resolved| Series::boxed(args, resolved, true),
    |_| vec![DataType::Utf8View],
);

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 7, 7)?;
    Ok(Resolved { parameters: args.iter().map(|arg| arg.ty).collect(), result: Type::Dynamic })
}

/// The values of a group's bins as JSON texts one after the other.
#[derive(Debug, Default)]
struct Bins {
    /// Number of the bin and the end of its text.
    ends: Vec<(i64, usize)>,
    text: String,
    /// The least and the greatest bin.
    span: Option<(i64, i64)>,
}

impl Bins {
    fn push(&mut self, bin: i64, json: &str) {
        self.text.push_str(json);
        self.ends.push((bin, self.text.len()));
        self.span = Some(self.span.map_or((bin, bin), |(low, high)| (low.min(bin), high.max(bin))));
    }

    fn entries(&self) -> impl Iterator<Item = (i64, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        self.ends.iter().zip(starts).map(|((bin, end), start)| (*bin, &self.text[start..*end]))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.ends.capacity() * size_of::<(i64, usize)>() + self.text.capacity()
    }
}

#[derive(Debug)]
struct Series {
    scale: Scale,
    ty: Type,
    first: Option<i64>,
    last: Option<i64>,
    default: String,
    is_axis: bool,
    groups: Vec<Bins>,
    /// Bytes that the groups hold, and that their arrays will take.
    held: usize,
}

/// Bytes of the longest value of an axis: a datetime with quotes and comma.
const AXIS_BYTES: usize = 31;

impl Series {
    fn boxed(args: &[ArgumentInfo], resolved: &Resolved, is_axis: bool) -> Box<dyn GroupState> {
        let constant = |index: usize| args[index].constant.clone().unwrap_or(Value::Null(args[index].ty));
        let bound = |index: usize| match constant(index) {
            Value::Long(bin) => Some(bin),
            _ => None,
        };
        let mut default = String::new();
        write_value(&mut default, &constant(6));
        Box::new(Series {
            scale: Scale::new(&constant(2), &constant(3), resolved.parameters[0]),
            ty: resolved.parameters[1],
            first: bound(4),
            last: bound(5),
            default,
            is_axis,
            groups: Vec::new(),
            held: 0,
        })
    }

    fn write(&self, bins: &Bins, out: &mut String) {
        let mut entries: Vec<(i64, &str)> = bins.entries().collect();
        entries.sort_by_key(|(bin, _)| *bin);
        let first = self.first.or(entries.first().map(|(bin, _)| *bin));
        let last = self.last.or(entries.last().map(|(bin, _)| *bin));
        let mut array = ArrayWriter::new(out);
        if let (Some(first), Some(last)) = (first, last) {
            let mut known = entries.into_iter().peekable();
            for bin in first..=last.min(first.saturating_add(MAX_VALUES - 1)) {
                while known.peek().is_some_and(|(at, _)| *at < bin) {
                    known.next();
                }
                match known.peek() {
                    _ if self.is_axis => self.scale.write(bin, array.element()),
                    Some((at, json)) if *at == bin => array.push(json),
                    _ => array.push(&self.default),
                }
            }
        }
        array.end();
    }

    /// Bytes that the array of a group will take at least, so that memory runs out before they are written.
    fn expected(&self, bins: &Bins) -> usize {
        let first = self.first.or(bins.span.map(|span| span.0));
        let last = self.last.or(bins.span.map(|span| span.1));
        let (Some(first), Some(last)) = (first, last) else { return 0 };
        let values = last.saturating_sub(first).saturating_add(1).clamp(0, MAX_VALUES);
        let each = if self.is_axis { AXIS_BYTES } else { self.default.len() + 1 };
        usize::try_from(values).unwrap_or(0).saturating_mul(each)
    }

    fn push(&mut self, group: usize, bin: i64, json: &str) {
        let before = self.expected(&self.groups[group]);
        self.groups[group].push(bin, json);
        let after = self.expected(&self.groups[group]);
        // A group counts with its whole array from its first value on.
        let is_first = self.groups[group].ends.len() == 1;
        let grown = if is_first { after } else { after.saturating_sub(before) };
        self.held = self.held.saturating_add(json.len() + size_of::<(i64, usize)>()).saturating_add(grown);
    }

    fn taken(&mut self, n: usize) -> Vec<Bins> {
        let taken = take_first(&mut self.groups, n);
        let held = self.groups.iter().map(|bins| bins.size().saturating_add(self.expected(bins)));
        self.held = held.fold(0, usize::saturating_add);
        taken
    }
}

impl GroupState for Series {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let bins = self.scale.column(&Arg::Array(args[0].clone()));
        let values = JsonRows::new(&Arg::Array(args[1].clone()), self.ty);
        let mut json = String::new();
        for (row, group) in selected(groups, filter) {
            let Some(bin) = self.scale.bin(&bins, row) else { continue };
            json.clear();
            if !self.is_axis && !values.write(row, &mut json) {
                json.push_str("null");
            }
            self.push(group, bin, &json);
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let texts = Strings::of(&Arg::Array(partial[0].clone()));
        for (row, group) in groups.iter().enumerate() {
            let mut items = elements(texts.text(row));
            while let (Some(bin), Some(json)) = (items.next(), items.next()) {
                if let Ok(bin) = bin.parse() {
                    self.push(*group, bin, if self.is_axis { "" } else { json });
                }
            }
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = self.taken(n);
        let texts = taken.iter().map(|bins| {
            let mut text = String::new();
            let mut array = ArrayWriter::new(&mut text);
            for (bin, json) in bins.entries() {
                array.push(&bin.to_string());
                array.push(if json.is_empty() { "0" } else { json });
            }
            array.end();
            Some(text)
        });
        vec![Arc::new(texts.collect::<StringViewArray>())]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = self.taken(n);
        let texts = taken.iter().map(|bins| {
            let mut text = String::new();
            self.write(bins, &mut text);
            Some(text)
        });
        Arc::new(texts.collect::<StringViewArray>())
    }

    fn size(&self) -> usize {
        self.held.saturating_add(size_of::<Self>() + self.groups.capacity() * size_of::<Bins>())
    }
}

/// Where bins begin.
#[derive(Debug)]
enum Scale {
    /// In whole numbers or ticks.
    Whole {
        origin: i64,
        step: i64,
        ty: Type,
    },
    Real {
        origin: f64,
        step: f64,
    },
}

enum Starts {
    Whole(Longs),
    Real(Reals),
}

impl Scale {
    fn new(origin: &Value, step: &Value, ty: Type) -> Self {
        let whole = |value: &Value| match value {
            Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => *value,
            _ => 0,
        };
        let real = |value: &Value| if let Value::Real(value) = value { *value } else { 0.0 };
        match ty {
            Type::Real => Scale::Real { origin: real(origin), step: real(step) },
            _ => Scale::Whole { origin: whole(origin), step: whole(step).max(1), ty },
        }
    }

    fn column(&self, arg: &Arg) -> Starts {
        match self {
            Scale::Whole { .. } => Starts::Whole(longs(arg)),
            Scale::Real { .. } => Starts::Real(reals(arg)),
        }
    }

    /// The number of the bin that begins there.
    fn bin(&self, starts: &Starts, row: usize) -> Option<i64> {
        match (self, starts) {
            (Scale::Whole { origin, step, .. }, Starts::Whole(column)) => {
                Some(column.get(row)?.checked_sub(*origin)?.div_euclid(*step))
            }
            (Scale::Real { origin, step }, Starts::Real(column)) => {
                crate::number::real_to_long(((column.get(row)? - origin) / step).round())
            }
            _ => None,
        }
    }

    /// Appends where a bin begins.
    fn write(&self, bin: i64, out: &mut String) {
        let value = match *self {
            Scale::Real { origin, step } => Value::Real(origin + bin as f64 * step),
            Scale::Whole { origin, step, ty } => {
                let start = bin.saturating_mul(step).saturating_add(origin);
                match ty {
                    Type::DateTime => Value::DateTime(start),
                    Type::TimeSpan => Value::TimeSpan(start),
                    _ => Value::Long(start),
                }
            }
        };
        write_value(out, &value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;

    fn info(value: Value) -> ArgumentInfo {
        ArgumentInfo { ty: value.ty(), constant: Some(value) }
    }

    fn state(first: Value, last: Value, is_axis: bool) -> Box<dyn GroupState> {
        let column = ArgumentInfo { ty: Type::Long, constant: None };
        let constants = [Value::Long(10), Value::Long(5), first, last, Value::Long(-1)].map(info);
        let args = [vec![column.clone(), column], constants.to_vec()].concat();
        let resolved = resolve(&args).unwrap();
        Series::boxed(&args, &resolved, is_axis)
    }

    fn filled(mut state: Box<dyn GroupState>) -> String {
        let column = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as ArrayRef;
        let args = [column(vec![Some(30), Some(20), None]), column(vec![Some(7), None, Some(9)])];
        state.update(&args, &[0, 0, 0], None, 1);
        let partial = state.partial(1);
        state.merge(&partial, &[0], 1);
        let result = state.finish(1);
        Strings::of(&Arg::Array(result)).text(0).to_owned()
    }

    #[test]
    fn long_arrays_count_before_they_are_written() {
        let mut state = state(Value::Long(0), Value::Long(MAX_VALUES - 1), true);
        let column = Arc::new(Int64Array::from(vec![20, 20])) as ArrayRef;
        state.update(&[column.clone(), column], &[0, 1], None, 2);
        assert!(state.size() > 60 << 20);
        state.partial(2);
        assert!(state.size() < 1 << 20);
    }

    #[test]
    fn values_stand_in_their_bins() {
        let (open, bin) = (|| Value::Null(Type::Long), Value::Long);
        assert_eq!(filled(state(open(), open(), false)), "[null,-1,7]");
        assert_eq!(filled(state(bin(0), bin(5), false)), "[-1,-1,null,-1,7,-1]");
        assert_eq!(filled(state(bin(0), open(), true)), "[10,15,20,25,30]");
        assert_eq!(filled(state(bin(3), bin(2), true)), "[]");
    }
}
