//! `series_fit_line`: the straight line of least squares over places 1, 2, …

use super::lists::SeriesRows;
use super::values::{parameters, row_numbers, write_number, write_reals, write_results};
use crate::Type::{Dynamic, Real};
use crate::column::{result_rows, written_nullable};
use crate::definition::{Definition, Kernel};
use crate::dynamic::BagWriter;
use crate::{Arg, EvalContext, Resolved, Type};
use arrow::array::ArrayRef;

const RESULTS: &[(&str, Type)] = &[
    ("rsquare", Real),
    ("slope", Real),
    ("variance", Real),
    ("rvariance", Real),
    ("interception", Real),
    ("line_fit", Dynamic),
];

pub(super) static SERIES_FIT_LINE: Definition = of_series("series_fit_line", |args, _, ctx| {
    rows(args, ctx, |line, length, out| {
        let numbers = line.numbers();
        write_results(ctx, out, RESULTS.len(), |index, out| match numbers.get(index) {
            Some(number) => write_number(out, Some(*number), false),
            None => write_reals(out, &line.values(length)),
        });
    })
})
.results(RESULTS);

pub(super) static SERIES_FIT_LINE_DYNAMIC: Definition = of_series("series_fit_line_dynamic", |args, _, ctx| {
    rows(args, ctx, |line, length, out| {
        let mut text = String::new();
        let mut bag = BagWriter::new(out);
        for ((name, _), number) in RESULTS.iter().zip(line.numbers()) {
            text.clear();
            write_number(&mut text, Some(number), false);
            bag.push(name, &text);
        }
        text.clear();
        write_reals(&mut text, &line.values(length));
        bag.push("line_fit", &text);
        bag.end();
    })
});

/// A function of one series.
pub(super) const fn of_series(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| Ok(Resolved { parameters: parameters(args, 1, &[], 1)?, result: Dynamic }), kernel)
        .of_series()
}

fn rows(args: &[Arg], ctx: &EvalContext, write: impl Fn(&Line, usize, &mut String)) -> ArrayRef {
    let arrays = SeriesRows::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(values) = row_numbers(&arrays, row) else { return false };
        let Some(line) = Line::fit(&values) else { return false };
        write(&line, values.len(), out);
        true
    })
}

/// A line `y = slope x + interception` with `x` from 1, and how well it fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub rsquare: f64,
    pub slope: f64,
    /// Sample variance of the values.
    pub variance: f64,
    /// The same of what the line leaves over.
    pub rvariance: f64,
    pub interception: f64,
}

impl Line {
    /// The line of least squares; nothing for fewer than two values.
    pub fn fit(values: &[f64]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let count = values.len() as f64;
        let (mid, mean) = ((count + 1.0) / 2.0, values.iter().sum::<f64>() / count);
        let (mut squares, mut products) = (0.0, 0.0);
        for (x, y) in places().zip(values) {
            squares += (x - mid) * (x - mid);
            products += (x - mid) * (y - mean);
        }
        let slope = products / squares;
        let interception = mean - slope * mid;
        let total: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
        let rest: f64 = places().zip(values).map(|(x, y)| (y - slope * x - interception).powi(2)).sum();
        let (variance, rvariance) = (total / (count - 1.0), rest / (count - 1.0));
        Some(Line { rsquare: rsquare(total, rest), slope, variance, rvariance, interception })
    }

    /// Its values at the first places.
    pub fn values(&self, length: usize) -> Vec<f64> {
        places().take(length).map(|x| self.slope * x + self.interception).collect()
    }

    fn numbers(&self) -> [f64; 5] {
        [self.rsquare, self.slope, self.variance, self.rvariance, self.interception]
    }
}

/// 1, 2, 3, …
fn places() -> impl Iterator<Item = f64> {
    (1_u32..).map(f64::from)
}

/// The share of the squares that a fit explains; all of them where there are none.
pub(super) fn rsquare(total: f64, rest: f64) -> f64 {
    if total == 0.0 { 1.0 } else { 1.0 - rest / total }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, json};

    /// The example of the documentation's page on `series_fit_line`.
    #[test]
    fn the_documented_example_fits_as_shown() {
        let line = Line::fit(&[2.0, 5.0, 6.0, 8.0, 11.0, 15.0, 17.0, 18.0, 25.0, 26.0, 30.0, 30.0]).unwrap();
        let shown = [0.982, 2.730, 98.628, 1.686, -1.666];
        for (number, shown) in line.numbers().into_iter().zip(shown) {
            assert!((number - shown).abs() < 2e-3, "{number} {shown}");
        }
        assert!((line.values(12)[0] - 1.064).abs() < 1e-3);
    }

    #[test]
    fn results_come_in_order_or_as_a_bag() {
        check("series_fit_line", &[json("[1,3]")], json("[1.0,2.0,2.0,0.0,-1.0,[1.0,3.0]]"));
        let bag =
            r#"{"rsquare":1.0,"slope":0.0,"variance":0.0,"rvariance":0.0,"interception":4.0,"line_fit":[4.0,4.0]}"#;
        check("series_fit_line_dynamic", &[json("[4,4]")], json(bag));
        check("series_fit_line", &[json("[1,null]")], Value::Null(Dynamic));
        check("series_fit_line", &[json("[1]")], Value::Null(Dynamic));
    }
}
