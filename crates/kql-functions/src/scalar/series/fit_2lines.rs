//! `series_fit_2lines`: a series cut in two where two lines fit best.

use super::fit_line::{Line, of_series, rsquare};
use super::lists::SeriesRows;
use super::values::{row_numbers, write_number, write_reals, write_results};
use crate::Type::{Dynamic, Long, Real};
use crate::column::{result_rows, written_nullable};
use crate::definition::Definition;
use crate::dynamic::BagWriter;
use crate::{Arg, EvalContext, Type};
use arrow::array::ArrayRef;

const RESULTS: &[(&str, Type)] = &[
    ("rsquare", Real),
    ("split_idx", Long),
    ("variance", Real),
    ("rvariance", Real),
    ("line_fit", Dynamic),
    ("right_rsquare", Real),
    ("right_slope", Real),
    ("right_interception", Real),
    ("right_variance", Real),
    ("right_rvariance", Real),
    ("left_rsquare", Real),
    ("left_slope", Real),
    ("left_interception", Real),
    ("left_variance", Real),
    ("left_rvariance", Real),
];

/// Names of the numbers of one side, in order.
const SIDE: [&str; 5] = ["rsquare", "slope", "interception", "variance", "rvariance"];

/// Fewest values of a part.
const LEAST: usize = 2;

pub(super) static SERIES_FIT_2LINES: Definition = of_series("series_fit_2lines", |args, _, ctx| {
    rows(args, ctx, |lines, out| {
        write_results(ctx, out, RESULTS.len(), |index, out| match index {
            0 => write_number(out, Some(lines.rsquare), false),
            1 => write_number(out, Some(lines.split as f64), true),
            2 => write_number(out, Some(lines.variance), false),
            3 => write_number(out, Some(lines.rvariance), false),
            4 => write_reals(out, &lines.values),
            5..10 => write_number(out, Some(side(&lines.right)[index - 5]), false),
            _ => write_number(out, Some(side(&lines.left)[index - 10]), false),
        });
    })
})
.results(RESULTS);

pub(super) static SERIES_FIT_2LINES_DYNAMIC: Definition = of_series("series_fit_2lines_dynamic", |args, _, ctx| {
    rows(args, ctx, |lines, out| {
        let number = |value: f64, is_whole: bool| {
            let mut text = String::new();
            write_number(&mut text, Some(value), is_whole);
            text
        };
        let part = |line: &Line| {
            let mut text = String::new();
            let mut bag = BagWriter::new(&mut text);
            SIDE.iter().zip(side(line)).for_each(|(name, value)| bag.push(name, &number(value, false)));
            bag.end();
            text
        };
        let mut values = String::new();
        write_reals(&mut values, &lines.values);
        let mut bag = BagWriter::new(out);
        bag.push("rsquare", &number(lines.rsquare, false));
        bag.push("split_idx", &number(lines.split as f64, true));
        bag.push("variance", &number(lines.variance, false));
        bag.push("rvariance", &number(lines.rvariance, false));
        bag.push("line_fit", &values);
        bag.push("right", &part(&lines.right));
        bag.push("left", &part(&lines.left));
        bag.end();
    })
});

fn rows(args: &[Arg], ctx: &EvalContext, write: impl Fn(&TwoLines, &mut String)) -> ArrayRef {
    let arrays = SeriesRows::of(&args[0]);
    written_nullable(result_rows(args, ctx), |row, out| {
        let Some(lines) = row_numbers(&arrays, row).and_then(|values| TwoLines::fit(&values)) else { return false };
        write(&lines, out);
        true
    })
}

fn side(line: &Line) -> [f64; 5] {
    [line.rsquare, line.slope, line.interception, line.variance, line.rvariance]
}

/// The best cut.
#[derive(Debug)]
struct TwoLines {
    rsquare: f64,
    /// The first place of the right part.
    split: usize,
    variance: f64,
    rvariance: f64,
    values: Vec<f64>,
    left: Line,
    right: Line,
}

impl TwoLines {
    /// Of all cuts, the first that leaves the least squares; nothing where no cut leaves two values on both sides.
    fn fit(values: &[f64]) -> Option<Self> {
        let sums = Sums::new(values);
        let last = values.len().checked_sub(LEAST)?;
        let rest = |split: usize| sums.rest(0, split) + sums.rest(split, values.len());
        let split = (LEAST..=last).min_by(|a, b| rest(*a).total_cmp(&rest(*b)))?;
        let (left, right) = (Line::fit(&values[..split])?, Line::fit(&values[split..])?);
        let mut fitted = left.values(split);
        fitted.extend(right.values(values.len() - split));
        let whole = Line::fit(values)?;
        let degrees = (values.len() - 1) as f64;
        let rest: f64 = values.iter().zip(&fitted).map(|(y, fit)| (y - fit) * (y - fit)).sum();
        let total = whole.variance * degrees;
        Some(TwoLines {
            rsquare: rsquare(total, rest),
            split,
            variance: whole.variance,
            rvariance: rest / degrees,
            values: fitted,
            left,
            right,
        })
    }
}

/// Running sums, so that each part's fit costs the same however long it is.
struct Sums {
    /// Of y, y², and x y up to each place; y counts from the mean, which keeps the squares small.
    sums: Vec<(f64, f64, f64)>,
}

impl Sums {
    fn new(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let mut running = (0.0, 0.0, 0.0);
        let mut sums = vec![running];
        for (x, y) in values.iter().enumerate() {
            let y = y - mean;
            running = (running.0 + y, running.1 + y * y, running.2 + x as f64 * y);
            sums.push(running);
        }
        Sums { sums }
    }

    /// The squares that the line of least squares leaves in a part.
    fn rest(&self, from: usize, to: usize) -> f64 {
        let (a, b) = (self.sums[from], self.sums[to]);
        let (y, yy, xy) = (b.0 - a.0, b.1 - a.1, b.2 - a.2);
        let count = (to - from) as f64;
        let mid = (from + to - 1) as f64 / 2.0;
        let squares = count * (count * count - 1.0) / 12.0;
        let products = xy - mid * y;
        (yy - y * y / count - products * products / squares).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::scalar::testing::{check, json};

    /// The example of the documentation's page, whose chart shows the right part begin at the peak.
    #[test]
    fn the_documented_example_breaks_at_its_peak() {
        let lines = TwoLines::fit(&[1.0, 2.2, 2.5, 4.7, 5.0, 12.0, 10.3, 10.3, 9.0, 8.3, 6.2]).unwrap();
        assert_eq!(lines.split, 5);
        assert!((lines.values[0] - 0.98).abs() < 1e-9 && (lines.values[5] - 11.942_857_143).abs() < 1e-6);
    }

    #[test]
    fn results_come_in_order_or_as_a_bag() {
        let values = "[1.0,2.0,3.0,9.0,7.0,5.0]";
        let side = |slope, interception| format!("1.0,{slope}.0,{interception}.0");
        check(
            "series_fit_2lines",
            &[json("[1,2,3,9,7,5]")],
            json(&format!("[1.0,3,9.5,0.0,{values},{},4.0,0.0,{},1.0,0.0]", side(-2, 11), side(1, 0))),
        );
        check(
            "series_fit_2lines_dynamic",
            &[json("[1,2,3,9,7,5]")],
            json(&format!(
                r#"{{"rsquare":1.0,"split_idx":3,"variance":9.5,"rvariance":0.0,"line_fit":{values},"right":{{"rsquare":1.0,"slope":-2.0,"interception":11.0,"variance":4.0,"rvariance":0.0}},"left":{{"rsquare":1.0,"slope":1.0,"interception":0.0,"variance":1.0,"rvariance":0.0}}}}"#
            )),
        );
        check("series_fit_2lines", &[json("[1,2,3]")], Value::Null(Dynamic));
    }
}
