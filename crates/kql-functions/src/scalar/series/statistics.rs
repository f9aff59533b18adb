//! `series_stats` and `series_stats_dynamic`.

use super::lists::SeriesRows;
use super::values::{Series, parameters, row_series, write_number, write_results};
use crate::Type::{Bool, Dynamic, Long, Real};
use crate::column::{Bools, result_rows, written_nullable};
use crate::definition::{Definition, Kernel};
use crate::dynamic::BagWriter;
use crate::{Arg, EvalContext, Resolved, Type};
use arrow::array::ArrayRef;

const RESULTS: &[(&str, Type)] = &[
    ("min", Real),
    ("min_idx", Long),
    ("max", Real),
    ("max_idx", Long),
    ("avg", Real),
    ("stdev", Real),
    ("variance", Real),
];

pub(super) static SERIES_STATS: Definition = definition("series_stats", |args, _, ctx| {
    rows(args, ctx, |statistics, out| {
        write_results(ctx, out, RESULTS.len(), |index, out| {
            write_number(out, Some(statistics.number(index)), RESULTS[index].1 == Long);
        });
    })
})
.results(RESULTS);

pub(super) static SERIES_STATS_DYNAMIC: Definition = definition("series_stats_dynamic", |args, _, ctx| {
    rows(args, ctx, |statistics, out| {
        let mut text = String::new();
        let mut bag = BagWriter::new(out);
        let more = [("sum", Real), ("len", Long)];
        for (index, (name, ty)) in RESULTS.iter().chain(&more).enumerate() {
            text.clear();
            write_number(&mut text, Some(statistics.number(index)), *ty == Long);
            bag.push(name, &text);
        }
        bag.end();
    })
});

const fn definition(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| Ok(Resolved { parameters: parameters(args, 1, &[Bool], 1)?, result: Dynamic }), kernel)
        .of_series()
}

fn rows(args: &[Arg], ctx: &EvalContext, write: impl Fn(&Statistics, &mut String)) -> ArrayRef {
    let (arrays, ignoring) = (SeriesRows::of(&args[0]), args.get(1).map(Bools::of));
    written_nullable(result_rows(args, ctx), |row, out| {
        let ignores = ignoring.as_ref().and_then(|column| column.get(row)).unwrap_or(false);
        let statistics = row_series(&arrays, row).and_then(|series| Statistics::of(&series, ignores));
        let Some(statistics) = statistics else { return false };
        write(&statistics, out);
        true
    })
}

#[derive(Debug)]
struct Statistics {
    min: (usize, f64),
    max: (usize, f64),
    sum: f64,
    average: f64,
    /// Of the sample; 0 of one value.
    variance: f64,
    /// Of the array, ignored elements included.
    length: usize,
}

impl Statistics {
    /// Nothing of no values, or where an element is no finite number and those are not ignored.
    fn of(series: &Series, ignores_nonfinite: bool) -> Option<Self> {
        let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
        if !ignores_nonfinite && series.values.iter().any(|value| finite(value).is_none()) {
            return None;
        }
        let known: Vec<(usize, f64)> =
            series.values.iter().enumerate().filter_map(|(at, value)| Some((at, finite(value)?))).collect();
        let first = *known.first()?;
        let min = known.iter().fold(first, |best, next| if next.1 < best.1 { *next } else { best });
        let max = known.iter().fold(first, |best, next| if next.1 > best.1 { *next } else { best });
        let sum: f64 = known.iter().map(|(_, value)| value).sum();
        let average = sum / known.len() as f64;
        let squares: f64 = known.iter().map(|(_, value)| (value - average) * (value - average)).sum();
        let variance = if known.len() > 1 { squares / (known.len() - 1) as f64 } else { 0.0 };
        Some(Statistics { min, max, sum, average, variance, length: series.values.len() })
    }

    /// In the order of the results, then the sum and the length.
    fn number(&self, index: usize) -> f64 {
        let numbers = [
            self.min.1,
            self.min.0 as f64,
            self.max.1,
            self.max.0 as f64,
            self.average,
            self.variance.sqrt(),
            self.variance,
            self.sum,
            self.length as f64,
        ];
        numbers[index]
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json};
    use crate::{Type, Value, Value::Bool};

    #[test]
    fn statistics_come_in_order_or_as_a_bag() {
        check("series_stats", &[json("[3,1,5,1]")], json("[1.0,1,5.0,2,2.5,1.9148542155126763,3.6666666666666667]"));
        let bag = r#"{"min":2.0,"min_idx":0,"max":4.0,"max_idx":1,"avg":3.0,"stdev":1.4142135623730952,"variance":2.0,"sum":6.0,"len":2}"#;
        check("series_stats_dynamic", &[json("[2,4]")], json(bag));
    }

    #[test]
    fn one_element_without_a_number_leaves_nothing_unless_ignored() {
        check("series_stats", &[json("[1,null,3]")], Value::Null(Type::Dynamic));
        check("series_stats", &[json("[null,1,3]"), Bool(true)], json("[1.0,1,3.0,2,2.0,1.4142135623730952,2.0]"));
        check("series_stats", &[json("[]")], Value::Null(Type::Dynamic));
    }
}
