//! The two aggregates that `make-series` is lowered to: values of bins as one array, and the bins themselves.
//!
//! Their names are no names of KQL, so no query can call them. Arguments: the bin's first value, the aggregated value
//! (of the axis: the bin again), then constants: where bin 0 begins, the size of a bin, the first and the last bin's
//! number (null: the first and last that a group has), and what stands in empty bins.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringViewBuilder};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use super::groups::{grow, selected};
use crate::column::{Longs, Reals, Strings, longs, reals, written_nullable};
use crate::convert::JsonRows;
use crate::dynamic::{ArrayWriter, elements, write_value};
use crate::number::write_long;
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

/// The values of bins as JSON texts one after the other, in the order in which they come.
#[derive(Debug, Default)]
struct Entries {
    groups: Vec<u32>,
    bins: Vec<i64>,
    /// Where the texts end.
    ends: Vec<usize>,
    text: String,
}

impl Entries {
    fn push(&mut self, group: usize, bin: i64, json: &str) {
        // More groups than this don't fit into memory.
        self.groups.push(u32::try_from(group).unwrap_or(u32::MAX));
        self.bins.push(bin);
        self.text.push_str(json);
        self.ends.push(self.text.len());
    }

    fn json(&self, entry: usize) -> &str {
        let start = if entry == 0 { 0 } else { self.ends[entry - 1] };
        &self.text[start..self.ends[entry]]
    }

    /// Numbers of the entries of each of the first `n` groups, in order, and where those of each group begin.
    fn by_group(&self, n: usize) -> (Vec<usize>, Vec<usize>) {
        let mut starts = vec![0; n + 1];
        for group in &self.groups {
            if let Some(count) = starts.get_mut(*group as usize + 1) {
                *count += 1;
            }
        }
        (1..=n).for_each(|group| starts[group] += starts[group - 1]);
        let mut next = starts.clone();
        let mut order = vec![0; starts[n]];
        for (entry, group) in self.groups.iter().enumerate() {
            if (*group as usize) < n {
                let at = &mut next[*group as usize];
                order[*at] = entry;
                *at += 1;
            }
        }
        (starts, order)
    }

    fn drop_first(&mut self, n: usize) {
        let all = std::mem::take(self);
        for entry in (0..all.groups.len()).filter(|entry| all.groups[*entry] as usize >= n) {
            self.push(all.groups[entry] as usize - n, all.bins[entry], all.json(entry));
        }
    }
}

/// The least and the greatest bin of a group.
type Span = Option<(i64, i64)>;

#[derive(Debug)]
struct Series {
    scale: Scale,
    ty: Type,
    first: Option<i64>,
    last: Option<i64>,
    default: String,
    is_axis: bool,
    spans: Vec<Span>,
    /// None of an axis, which follows from the span.
    entries: Entries,
    /// Bytes that the entries take, and that the arrays of all groups will take.
    held: usize,
}

/// Bytes of the longest value of an axis: a datetime with quotes and comma.
const AXIS_BYTES: usize = 31;
/// Bytes of an entry beside its text.
const ENTRY_BYTES: usize = size_of::<u32>() + size_of::<i64>() + size_of::<usize>();

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
            spans: Vec::new(),
            entries: Entries::default(),
            held: 0,
        })
    }

    /// The first and the last bin of the array of a group with this span; nothing of an empty one.
    fn bounds(&self, span: Span) -> Option<(i64, i64)> {
        let first = self.first.or(span.map(|span| span.0))?;
        let last = self.last.or(span.map(|span| span.1))?.min(first.saturating_add(MAX_VALUES - 1));
        (first <= last).then_some((first, last))
    }

    /// Bytes that the array of a group will take at least, so that memory runs out before they are written.
    fn expected(&self, span: Span) -> usize {
        let Some((first, last)) = self.bounds(span) else { return 0 };
        let values = usize::try_from(last - first + 1).unwrap_or(0);
        values.saturating_mul(if self.is_axis { AXIS_BYTES } else { self.default.len() + 1 })
    }

    fn push(&mut self, group: usize, bin: i64, json: &str) {
        let before = self.spans[group];
        let after = before.map_or((bin, bin), |(low, high)| (low.min(bin), high.max(bin)));
        if before != Some(after) {
            self.spans[group] = Some(after);
            // A group counts with its whole array from its first value on.
            let known = if before.is_some() { self.expected(before) } else { 0 };
            let grown = self.expected(Some(after)).saturating_sub(known);
            self.held = self.held.saturating_add(grown);
        }
        if !self.is_axis {
            self.entries.push(group, bin, json);
            self.held = self.held.saturating_add(json.len() + ENTRY_BYTES);
        }
    }

    /// Drops the first `n` groups; the rest is renumbered from 0.
    fn drop_first(&mut self, n: usize) {
        self.spans.drain(..n);
        self.entries.drop_first(n);
        let expected = self.spans.iter().filter(|span| span.is_some()).map(|span| self.expected(*span));
        let arrays = expected.fold(0, usize::saturating_add);
        self.held = arrays.saturating_add(self.entries.text.len() + self.entries.groups.len() * ENTRY_BYTES);
    }

    /// The arrays of the first `n` groups. Most axes are the same, and then one text for all.
    fn axes(&self, n: usize) -> ArrayRef {
        let mut texts = StringViewBuilder::with_capacity(n).with_deduplicate_strings();
        let (mut text, mut written) = (String::new(), None);
        for span in &self.spans[..n] {
            let bounds = self.bounds(*span);
            if written != Some(bounds) {
                text.clear();
                let mut array = ArrayWriter::new(&mut text);
                if let Some((first, last)) = bounds {
                    (first..=last).for_each(|bin| self.scale.write(bin, array.element()));
                }
                array.end();
                written = Some(bounds);
            }
            texts.append_value(&text);
        }
        Arc::new(texts.finish())
    }

    fn arrays(&self, n: usize) -> ArrayRef {
        let (starts, order) = self.entries.by_group(n);
        // Of each bin of a group the entry, one more; the first counts where there are several.
        let mut slots: Vec<usize> = Vec::new();
        written_nullable(n, |group, out| {
            let mut array = ArrayWriter::new(out);
            if let Some((first, last)) = self.bounds(self.spans[group]) {
                slots.clear();
                slots.resize(usize::try_from(last - first + 1).unwrap_or(0), 0);
                for entry in &order[starts[group]..starts[group + 1]] {
                    let bin = self.entries.bins[*entry];
                    if (first..=last).contains(&bin)
                        && let Some(slot) = usize::try_from(bin - first).ok().and_then(|at| slots.get_mut(at))
                        && *slot == 0
                    {
                        *slot = entry + 1;
                    }
                }
                for slot in &slots {
                    array.push(slot.checked_sub(1).map_or(&self.default, |entry| self.entries.json(entry)));
                }
            }
            array.end();
            true
        })
    }
}

impl GroupState for Series {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.spans, n_groups);
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
        grow(&mut self.spans, n_groups);
        let texts = Strings::of(&Arg::Array(partial[0].clone()));
        for (row, group) in groups.iter().enumerate() {
            let mut items = elements(texts.text(row));
            while let (Some(bin), Some(json)) = (items.next(), items.next()) {
                if let Ok(bin) = bin.parse() {
                    self.push(*group, bin, json);
                }
            }
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        grow(&mut self.spans, n);
        let (starts, order) = self.entries.by_group(n);
        let texts = written_nullable(n, |group, out| {
            let mut array = ArrayWriter::new(out);
            if self.is_axis {
                for bin in self.spans[group].iter().flat_map(|(low, high)| [*low, *high]) {
                    write_long(array.element(), bin);
                    array.push("0");
                }
            }
            for entry in &order[starts[group]..starts[group + 1]] {
                write_long(array.element(), self.entries.bins[*entry]);
                array.push(self.entries.json(*entry));
            }
            array.end();
            true
        });
        self.drop_first(n);
        vec![texts]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        grow(&mut self.spans, n);
        let texts = if self.is_axis { self.axes(n) } else { self.arrays(n) };
        self.drop_first(n);
        texts
    }

    fn size(&self) -> usize {
        self.held.saturating_add(size_of::<Self>() + self.spans.capacity() * size_of::<Span>())
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
